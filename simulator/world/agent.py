"""Accounts, agents and the books that are kept about them."""

from __future__ import annotations

import msgspec


class Account(msgspec.Struct):
    """A person; one account may hold several agents."""

    id: str
    created: float
    agents: list[str] = []


class Agent(msgspec.Struct):
    """A player: credits, ships, and exact books of every credit that moved."""

    symbol: str
    account: str
    faction: str
    headquarters: str
    credits: int
    starting_credits: int
    created: float
    ships: list[str] = []
    """Symbols of living ships, in the order in which they were bought."""

    built: int = 0
    """Ships ever owned; the next ship's number is one more."""

    contracts: list[str] = []
    charts: int = 0
    reputation: dict[str, int] = {}
    moved: int = 0
    """Sum of every change of credits since registration."""

    transactions: int = 0
    """Number of changes of credits."""

    moved_by: dict[str, int] = {}
    """The same sum by kind of transaction."""

    def post(self, kind: str, amount: int) -> None:
        """Change the credits; the only way in which they may change."""
        self.credits += amount
        self.moved += amount
        self.transactions += 1
        self.moved_by[kind] = self.moved_by.get(kind, 0) + amount
