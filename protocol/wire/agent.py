"""Agents, ours and others', and the account behind ours."""

from __future__ import annotations

from typing import Any

from fleet.protocol.wire.base import Wire


class PublicAgent(Wire, frozen=True, kw_only=True):
    """An agent as everybody sees it."""

    symbol: str
    headquarters: str
    credits: int
    starting_faction: str = ""
    ship_count: int = 0


class Agent(PublicAgent, frozen=True, kw_only=True):
    """Ourselves."""

    account_id: str = ""


class AgentEvent(Wire, frozen=True, kw_only=True):
    """Something that happened to our agent."""

    id: str
    type: str
    message: str
    created_at: str
    data: Any = None


class Account(Wire, frozen=True, kw_only=True):
    """The account that our agent belongs to."""

    id: str
    created_at: str = ""
    email: str | None = None
    token: str | None = None


class AccountShown(Wire, frozen=True, kw_only=True):
    """Reply of get-my-account."""

    account: Account


class Reputation(Wire, frozen=True, kw_only=True):
    """What a faction thinks of our agent."""

    symbol: str
    reputation: int
