"""Which lane is served next."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.lane_policy import SPELLS, Head, Turns
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime

NOW = GameTime(1000.0)


def heads(**waited: float) -> list[Head]:
    return [Head(Lane[name.upper()], seconds, 1) for name, seconds in waited.items()]


def serve(policy: Turns, permits: list[float]) -> list[tuple[float, int]]:
    """Let all lanes wait without end; tell which one is served at each permit."""
    served: list[tuple[float, int]] = []
    since = dict.fromkeys(Lane, 0.0)
    for now in permits:
        waiting = [Head(lane, now - since[lane], 100) for lane in Lane]
        lane = Lane(policy.pick(waiting, GameTime(now)).lane)
        served.append((now, lane))
        since[lane] = now
    return served


def test_the_first_lane_goes_first():
    assert Turns().pick(heads(background=0, trade=0, action=0), NOW).lane == Lane.ACTION


def test_a_lane_that_has_waited_for_its_spell_goes_before_all_others():
    policy = Turns({Lane.BACKGROUND: 30.0})
    assert policy.pick(heads(safety=5, background=29), NOW).lane == Lane.SAFETY
    assert policy.pick(heads(safety=5, background=31), NOW).lane == Lane.BACKGROUND


def test_a_lane_that_was_just_served_is_not_due_however_old_its_requests_are():
    policy = Turns({Lane.BACKGROUND: 30.0})
    picks = [policy.pick(heads(action=1, background=900), NOW).lane for _ in range(3)]
    assert picks == [Lane.BACKGROUND, Lane.ACTION, Lane.ACTION]


def test_of_several_that_are_due_the_one_goes_first_that_was_due_first():
    policy = Turns({Lane.MARKET: 10.0, Lane.TRADE: 10.0})
    assert policy.pick(heads(trade=12, market=15), NOW).lane == Lane.MARKET


def test_the_first_lanes_get_what_the_spells_of_the_others_leave():
    served = Counter(lane for _, lane in serve(Turns(), [0.4 * n for n in range(3000)]))
    spells = {lane: 1200.0 / spell for lane, spell in SPELLS.items() if lane > Lane.SAFETY}
    assert all(0.8 * least <= served[lane] for lane, least in spells.items())
    assert served[Lane.SAFETY] >= 3000 - 1.05 * sum(spells.values())


@given(
    st.dictionaries(st.sampled_from(list(Lane)), st.floats(0.5, 60.0), min_size=1),
    st.floats(0.05, 3.0),
    st.integers(0, 1000),
)
def test_no_lane_waits_longer_than_its_spell_and_one_permit_for_each_lane(
    spells: Mapping[Lane, float], apart: float, seed: int
):
    rng, permits = random.Random(seed), [0.0]
    while len(permits) < 400:
        permits.append(permits[-1] + rng.uniform(0.0, apart))
    last = dict.fromkeys(Lane, 0.0)
    for now, lane in serve(Turns(spells), permits):
        last[Lane(lane)] = now
        for each, spell in spells.items():
            assert now - last[each] <= spell + len(Lane) * apart + 1e-9
