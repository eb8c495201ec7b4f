"""An experiment is granted what its budget still holds, whatever else is free."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.experiment_messages import BudgetQuery, BudgetUse, EndBudget, SetBudget
from fleet.actors.treasury import treasury_props
from fleet.protocol.fleet import (
    TREASURY,
    WRITER,
    CreditsSeen,
    Denied,
    Funds,
    Granted,
    Reserve,
    TreasuryQuery,
)
from fleet.protocol.wire.market import Agent
from fleet.runtime import Envelope, Future
from fleet.runtime.chaos import Misbehave


class Treasury:
    def __init__(self, stage: Any) -> None:
        self.stage = stage
        stage.spawn(WRITER)
        agent = Agent(symbol="TEST", headquarters="X1-T-A", credits=100_000, ship_count=2)
        self.address = stage.system.spawn(TREASURY, treasury_props(agent))
        owners = ("idea", "T-1", "T-2")
        self.ask(SetBudget(experiment="idea", credits=10_000, owners=owners))

    def ask(self, message: Any) -> Any:
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post(TREASURY, Envelope(message, system.next_id(), future=answer))
        self.stage.run()
        return answer.get(0.0)

    def tell(self, message: Any) -> None:
        self.address.tell(message)
        self.stage.run()

    def reserve(self, owner: str, amount: int) -> Any:
        return self.ask(Reserve(owner=owner, amount=amount))


@pytest.fixture
def treasury(virtual: Any) -> Treasury:
    """A treasury in which an experiment with two ships may spend 10,000."""
    return Treasury(virtual)


def test_all_of_its_ships_share_one_budget(treasury: Treasury) -> None:
    assert treasury.reserve("T-1", 7_000) == Granted(7_000)
    assert treasury.reserve("T-2", 4_000) == Denied(3_000)
    assert treasury.reserve("T-2", 3_000) == Granted(3_000)
    assert treasury.reserve("T-3", 50_000) == Granted(50_000)


def test_a_ships_new_grant_takes_the_place_of_its_old_one(treasury: Treasury) -> None:
    treasury.reserve("T-1", 9_000)
    assert treasury.reserve("T-1", 10_000) == Granted(10_000)


def test_what_is_spent_does_not_come_back(treasury: Treasury) -> None:
    treasury.reserve("T-1", 8_000)
    treasury.tell(CreditsSeen(92_500, "T-1", 7_500))
    assert treasury.ask(BudgetQuery()) == (BudgetUse("idea", 10_000, 7_500, 500),)
    assert treasury.reserve("T-1", 2_501) == Denied(2_500)
    assert treasury.reserve("T-1", 2_500) == Granted(2_500)


def test_its_end_frees_its_grants(treasury: Treasury) -> None:
    treasury.reserve("T-1", 6_000)
    treasury.reserve("T-3", 5_000)
    treasury.tell(EndBudget("idea"))
    assert treasury.ask(TreasuryQuery()) == Funds(100_000, 5_000)
    assert treasury.ask(BudgetQuery()) == ()
    assert treasury.reserve("T-1", 50_000) == Granted(50_000)


def test_a_replaced_treasury_knows_the_budget(treasury: Treasury) -> None:
    treasury.reserve("T-1", 8_000)
    treasury.tell(CreditsSeen(92_000, "T-1", 8_000))
    treasury.address.tell(Misbehave("crash"))
    treasury.stage.system.restart(TREASURY, "crash")
    treasury.stage.run(1.0)
    assert treasury.reserve("T-2", 2_001) == Denied(2_000)
