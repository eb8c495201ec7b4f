"""A ship lets go of what it may hold, twice, and then leaves those alone who serve it."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.ship_holdings import Holdings
from fleet.protocol.fleet import (
    BOOK,
    TREASURY,
    Craft,
    FindTrade,
    PlanRoute,
    Release,
    ReleaseTrade,
    Reserve,
    TreasuryQuery,
)

CRAFT = Craft(symbol="S-1", at="A", fuel=9, fuel_capacity=9, speed=9, cargo_free=9)
BOTH = [(TREASURY, Release("S-1")), (BOOK, ReleaseTrade("S-1"))]


class Told:
    """A context that keeps what is told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Any]] = []

    def address(self, path: str) -> str:
        return path

    def tell(self, to: str, message: Any) -> None:
        self.messages.append((to, message))


def let_go(holdings: Holdings) -> list[tuple[str, Any]]:
    told: Any = Told()
    holdings.let_go(told, "S-1")
    return list(told.messages)


def test_a_new_incarnation_lets_go_of_what_an_earlier_one_may_have_held() -> None:
    holdings = Holdings()
    assert [let_go(holdings) for _ in range(3)] == [BOTH, BOTH, []]


@pytest.mark.parametrize(
    "asked", [Reserve(owner="S-1", amount=9), FindTrade(craft=CRAFT, budget=9)], ids=["R", "F"]
)
def test_what_was_asked_for_is_let_go_again(asked: Any) -> None:
    holdings = Holdings()
    for _ in range(3):
        let_go(holdings)
    holdings.asks(asked)
    assert [let_go(holdings) for _ in range(3)] == [BOTH, BOTH, []]


def test_questions_that_claim_nothing_leave_nothing_to_let_go_of() -> None:
    holdings = Holdings()
    for _ in range(3):
        let_go(holdings)
    holdings.asks(TreasuryQuery())
    holdings.asks(PlanRoute(CRAFT, "B"))
    assert let_go(holdings) == []
