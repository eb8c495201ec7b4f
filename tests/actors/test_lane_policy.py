"""Which lane is served next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.lane_policy import Ageing, Head
from fleet.protocol.api import Lane


def heads(**waited: float) -> list[Head]:
    return [Head(Lane[name.upper()], seconds, 1) for name, seconds in waited.items()]


def test_the_first_lane_goes_first():
    assert Ageing().pick(heads(background=0, trade=0, action=0)).lane == Lane.ACTION


def test_safety_goes_before_everything_however_old():
    assert Ageing().pick(heads(safety=0, background=299)).lane == Lane.SAFETY


def test_waiting_moves_a_request_forward_by_one_lane_per_step():
    policy = Ageing(step=30.0)
    assert policy.pick(heads(action=0, market=59)).lane == Lane.ACTION
    assert policy.pick(heads(action=0, market=61)).lane == Lane.MARKET


def test_of_equal_rank_the_older_one_goes_first():
    assert Ageing(step=10.0).pick(heads(action=5, trade=15)).lane == Lane.TRADE


def test_the_overdue_get_their_turns_even_before_safety():
    policy = Ageing(most=300.0, turns=4)
    waiting = heads(safety=1, market=400, background=500)
    picks = [policy.pick(waiting).lane for _ in range(8)]
    assert picks.count(Lane.BACKGROUND) == 2
    assert picks.count(Lane.SAFETY) == 6


@given(st.lists(st.floats(0, 1000), min_size=5, max_size=5), st.integers(1, 40))
def test_whoever_waits_longest_is_served_within_some_turns_once_it_is_overdue(
    waits: list[float], before: int
):
    policy = Ageing()
    lanes = [Head(lane, wait, 1) for lane, wait in zip(Lane, waits, strict=True)]
    for _ in range(before):
        policy.pick(lanes)
    longest = max(waits)
    served = [policy.pick(lanes).waited for _ in range(policy.turns)]
    assert longest < policy.most or longest in served
