"""Which design fits which ships, and who takes part."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.inject.trial.plan import drawn_up
from fleet.inject.trial.terms import Terms
from fleet.inject.trial.trial import Record, Trial
from fleet.protocol.errors import UsageError
from fleet.protocol.tasks import Lent, MineAndSell, Park, TradeBestRoute

from .made import plan, ships


def test_ships_of_one_system_take_turns_as_they_share_its_markets() -> None:
    made = drawn_up(ships(5), Terms(seed=1))
    assert made.design == "switchback"
    assert "X1-A" in made.why
    assert made.borrowed == made.ships
    arms = [{made.arm(one, number) for one in made.members} for number in range(6)]
    assert all(len(arm) == 1 for arm in arms)


def test_systems_are_dealt_out_whole_where_there_are_enough() -> None:
    candidates = [ship for name in "ABCDE" for ship in ships(3, f"X1-{name}")]
    made = drawn_up(candidates, Terms(seed=4))
    assert made.design == "parallel"
    for name in "ABCDE":
        inside = {one.arm for one in made.members if one.unit == f"X1-{name}"}
        assert len(inside) == 1
    arms = {one.unit: one.arm for one in made.members}
    assert sorted(arms.values()).count("A") in (2, 3)
    assert set(made.borrowed) == {one.ship for one in made.members if one.arm == "B"}


def test_side_by_side_only_comparable_ships_take_part() -> None:
    candidates = [*ships(6), *ships(2, craft="miner, drone frame, hold of 15")]
    candidates[-2:] = [msgspec.structs.replace(one, ship=f"M{one.ship}") for one in candidates[-2:]]
    made = drawn_up(candidates, Terms(design="parallel"))
    assert len(made.members) == 6
    assert made.left_out == ("MX1-A-0", "MX1-A-1")
    with pytest.raises(UsageError, match="--design switchback"):
        drawn_up(ships(3), Terms(design="parallel"))


@pytest.mark.parametrize(
    ("against", "task"),
    [
        ("trade_best_route", TradeBestRoute()),
        ("mine_and_sell@X1-A-B4", MineAndSell(asteroid="X1-A-B4")),
        ("park", Park(reason="arm A of an experiment")),
        ("", None),
    ],
)
def test_arm_a_does_what_it_did_or_what_was_named(against: str, task: Any) -> None:
    trial = Trial("idea", plan(2, against=against, seed=1))
    done = {}
    for number in range(2):
        trial.next(number * 3600.0)
        done[trial.plan.arm(trial.plan.members[0], number)] = dict(trial.tasks())
    assert done["B"] == dict.fromkeys(trial.plan.ships, Lent(experiment="idea"))
    assert done["A"] == ({} if task is None else dict.fromkeys(trial.plan.ships, task))


@pytest.mark.parametrize("against", ["fly", "mine_and_sell", "park@X1-A", "survey_site@X1-A", "@"])
def test_what_arm_a_cannot_do_is_refused(against: str) -> None:
    with pytest.raises(UsageError, match="--against takes trade_best_route"):
        Terms(against=against).check()


@pytest.mark.parametrize("terms", [{"block": 30.0}, {"block": float("nan")}, {"wash_out": 1900.0}])
def test_turns_that_would_tell_nothing_are_refused(terms: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"--block|--wash-out"):
        Terms(**terms).check()


def test_only_turns_that_were_played_to_their_end_are_kept() -> None:
    trial = Trial("idea", plan(2, block=600.0))
    first = trial.next(100.0)
    assert (first.counted, first.until) == (250.0, 700.0)
    second = trial.next(705.0)
    assert (second.since, second.number) == (705.0, 1)
    trial.end(1_000.0)
    assert trial.turns == [first]
    trial.end(1_305.0)
    trial.end(1_305.0)
    assert trial.turns == [first, second]
    kept = msgspec.convert(trial.as_json(), Record)
    assert kept == Record(plan=trial.plan, turns=(first, second))


def test_who_stays_in_an_arm_is_washed_out_once() -> None:
    trial = Trial("idea", plan(4, design="parallel"))
    turns = [trial.next(3600.0 * number) for number in range(3)]
    assert [turn.counted - turn.since for turn in turns] == [900.0, 0.0, 0.0]
