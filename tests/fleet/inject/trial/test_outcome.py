"""Both designs compare what they should, and say when it is decided and what is doubtful."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inject.trial.doubts import doubts
from fleet.inject.trial.outcome import (
    Cell,
    arm_sum,
    finding,
    per_hour,
    per_request,
    ratio,
    shares,
)
from fleet.inject.trial.plan import Plan
from fleet.inject.trial.sentence import sentence
from fleet.inject.trial.takings import Taking

from .made import plan, taking, turns


def played(made: Plan, count: int, better: float) -> list[Taking]:
    """Have arm B earn more, while income rises steeply from turn to turn."""
    found = []
    for turn in turns(count):
        for ship, one in enumerate(made.members):
            more = better if made.arm(one, turn.number) == "B" else 0.0
            luck = (turn.number * 37 + ship * 11) % 13
            found.append(taking(made, ship, turn, 100.0 * turn.number + luck + more))
    return found


def test_turns_are_compared_with_their_neighbours_so_that_a_drift_hurts_nobody() -> None:
    made = plan(3, seed=5)
    found = finding(made, played(made, 40, 750.0), per_hour).estimate
    assert found is not None
    assert found.units == 20
    assert found.low is not None
    assert found.high is not None
    # Three quarters of an hour count.
    assert found.low < 1000.0 < found.high
    assert found.high - found.low < 150.0
    left_over = finding(made, played(made, 41, 750.0), per_hour).estimate
    assert left_over == found


def test_ships_side_by_side_are_compared_by_all_their_turns() -> None:
    made = plan(8, seed=5, design="parallel")
    rows = played(made, 10, 75.0)
    found = finding(made, rows, per_hour)
    assert found.estimate is not None
    assert found.estimate.units == 8
    assert found.estimate.decided
    assert abs(found.estimate.difference - 100.0) < 10.0
    assert arm_sum("A", rows).ships == arm_sum("B", rows).ships == 4
    per_call = finding(made, rows, per_request).estimate
    assert per_call is not None
    assert 0.5 < per_call.difference < 1.0


def test_before_the_first_interval_it_is_told_when_there_is_one() -> None:
    made = plan(2)
    found = finding(made, played(made, 3, 0.0), per_hour)
    assert found.needed == 8
    assert found.estimate is not None
    text = sentence("idea", "switchback", found.estimate, left=5 * 3600.0, over=False)
    assert "too little" in text
    assert "5h 00m" in text


def test_a_verdict_names_the_better_arm_or_the_time_it_takes() -> None:
    made = plan(3, seed=5)
    clear = finding(made, played(made, 20, 5_000.0), per_hour).estimate
    assert clear is not None
    assert "credits per ship and hour" in sentence(
        "idea", "switchback", clear, left=None, over=False
    )
    assert "more than A" in sentence("idea", "switchback", clear, left=None, over=False)
    vague = finding(made, played(made, 20, 1.0), per_hour)
    assert vague.estimate is not None
    assert "can't be told apart" in sentence(
        "idea", "switchback", vague.estimate, left=7200.0, over=False
    )
    assert "2h 00m more" in sentence("idea", "switchback", vague.estimate, left=7200.0, over=False)
    ended = sentence("idea", "switchback", vague.estimate, left=7200.0, over=True)
    assert "can't be told apart: " in ended
    assert "2h" not in ended
    assert "hardly decide it" in sentence(
        "idea", "switchback", vague.estimate, left=None, over=False
    )


def test_requests_and_ships_without_any_leave_no_figure() -> None:
    made = plan(2)
    rows = [taking(made, 0, turn, 5.0, requests=0) for turn in turns(8)]
    assert finding(made, rows, per_request).estimate is None
    assert arm_sum("A", rows).per_request is None
    assert arm_sum("A", []).per_hour is None


def test_a_turn_without_requests_counts_with_the_others() -> None:
    made = plan(1, seed=5)
    rows = []
    for turn in turns(12):
        arm = made.arm(made.members[0], turn.number)
        busy = turn.number // 2 % 2 == 0
        # Arm B sends no request in half of its turns; arm A earns just then.
        money, requests = (0.0, 10 * busy) if arm == "B" else (0.0 if busy else 1_000.0, 5)
        rows.append(taking(made, 0, turn, money, requests))
    found = finding(made, rows, per_request).estimate
    assert found is not None
    assert (found.a, found.b, found.units) == (pytest.approx(100.0), pytest.approx(0.0), 6)


cells = st.lists(st.builds(Cell, st.floats(-1e6, 1e6), st.integers(0, 500).map(float)), max_size=20)


@given(cells)
def test_the_mean_of_all_shares_is_the_ratio(drawn: list[Cell]) -> None:
    whole = ratio(drawn)
    if whole is None:
        assert shares(drawn) == []
    else:
        assert statistics.fmean(shares(drawn)) == pytest.approx(whole, rel=1e-6, abs=1e-3)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_cells_of_the_same_size_have_their_own_ratio(drawn: list[float]) -> None:
    told = shares([Cell(money, 4.0) for money in drawn])
    assert told == pytest.approx([money / 4.0 for money in drawn], rel=1e-6, abs=1e-3)


def rows_of(made: Plan, market: dict[str, str]) -> list[Taking]:
    rows = played(made, 4, 0.0)
    for row in rows:
        row.trades = {market[row.arm]: 3, f"own-{row.arm}": 1}
    return rows


def told(made: Plan, rows: list[Taking], *, budget: int = 10, spent: int = 0) -> str:
    return "\n".join(doubts(made, rows, quota=150.0, budget=budget, spent=spent))


def test_it_warns_when_arms_traded_in_the_same_markets() -> None:
    made = plan(4, design="parallel")
    same, apart = {"A": "X1-M", "B": "X1-M"}, {"A": "X1-M", "B": "X1-N"}
    text = told(made, rows_of(made, same))
    assert "1 of 3 markets (X1-M; 75% of all trades), at the same time" in text
    assert told(made, rows_of(made, apart)) == ""
    assert "in turns" in told(plan(4), rows_of(plan(4), same))


def test_it_warns_when_an_arm_was_not_what_it_should_be() -> None:
    made = plan(4)
    rows = rows_of(made, {"A": "M", "B": "N"})
    assert told(made, rows, spent=10) == ""
    rows[0].purchases = rows[-1].purchases = rows[4].purchases = 1
    assert "spent its budget of 10 credits" in told(made, rows, spent=10)
    assert "no --budget" in told(made, rows, budget=0)
    for row in rows:
        row.strange = 10 if row.arm == "B" else 0
    assert "10% of the requests in arm B were not sent by it" in told(made, rows)
    # 400 requests in 45 minutes
    assert "of its quota of 9" in "\n".join(doubts(made, rows, quota=9.0, budget=10, spent=0))
