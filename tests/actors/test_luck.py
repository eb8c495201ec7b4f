"""The longer a ship has found no trade, the less one must bring; never less than its fuel."""

from __future__ import annotations

import pytest

from fleet.actors.luck import HALVES, LEAST, Luck
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import (
    LEAST_RATE,
    AnyTask,
    FulfilContract,
    Park,
    ScoutMarkets,
    TradeBestRoute,
)

NOW = GameTime(1_782_000_000.0)


def after(seconds: float) -> GameTime:
    return GameTime(NOW + seconds)


def test_who_looks_for_the_first_time_or_has_just_traded_wants_the_usual_rate() -> None:
    luck = Luck()
    assert luck.least("A-1", NOW) == LEAST_RATE
    assert luck.least("A-1", after(5 * HALVES)) < LEAST_RATE
    luck.ended("A-1", TradeBestRoute(), "done", after(5 * HALVES))
    assert luck.least("A-1", after(5.9 * HALVES)) == LEAST_RATE


@pytest.mark.parametrize(
    ("task", "outcome", "lucky"),
    [
        (TradeBestRoute(), "done", True),
        (FulfilContract(), "fulfilled", True),
        (TradeBestRoute(), "no trade: no known route pays", False),
        (TradeBestRoute(), "nothing bought", False),
        (FulfilContract(), "contract: too little time left", False),
        (ScoutMarkets(waypoints=("X1-A-B2",)), "done", False),
        (Park(), "parked", False),
        (None, "", False),
    ],
)
def test_only_a_trip_that_was_made_or_a_contract_that_was_paid_is_luck(
    task: AnyTask | None, outcome: str, lucky: bool
) -> None:
    luck = Luck()
    luck.least("A-1", NOW)
    luck.ended("A-1", task, outcome, after(3 * HALVES))
    assert (luck.least("A-1", after(3 * HALVES)) == LEAST_RATE) is lucky


def test_each_while_without_a_trade_halves_what_one_must_bring_down_to_a_bound() -> None:
    luck = Luck()
    wanted = [luck.least("A-1", after(HALVES * whiles)) for whiles in range(9)]
    assert wanted[:3] == [LEAST_RATE, LEAST_RATE / 2, LEAST_RATE / 4]
    assert wanted[-1] == LEAST > 0
    assert wanted == sorted(wanted, reverse=True)


def test_the_luck_of_one_is_not_that_of_another() -> None:
    luck = Luck()
    luck.least("A-1", NOW)
    assert luck.least("A-2", after(2 * HALVES)) == LEAST_RATE
    assert luck.least("A-1", after(2 * HALVES)) < LEAST_RATE
