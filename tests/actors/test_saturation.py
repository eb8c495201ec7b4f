"""When watchers are told that the lanes are too full."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.saturation import Saturation, Use
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.saturation import Relieved, Saturated


def used(turn: int, *, answered: float = 2.5, busy: float = 0.0) -> Use:
    """Count what was used up to a turn: so many answers, and so much work, in each second."""
    return Use(int(answered * 2.5 * turn), 4 * busy * 2.5 * turn, rate=2.5, workers=4)


def follow(
    waits: list[float], lane: Lane = Lane.ACTION, use: Callable[[int], Use] = used
) -> list[tuple[float, object]]:
    """Look each 2.5 s at a lane whose requests wait so long; tell when what was told."""
    saturation, told = Saturation(), list[tuple[float, object]]()
    # There has been something to do before.
    saturation.look(GameTime(-2.5), {}, {}, use(-1))
    for turn, wait in enumerate(waits):
        now = GameTime(2.5 * turn)
        saturation.sent(lane, wait)
        news = saturation.look(now, {}, {}, use(turn))
        told += [(now, each) for each in news if each.lane is lane]
    return told


def kinds(told: list[tuple[float, object]]) -> list[tuple[float, type]]:
    """When it changed, and to what."""
    rows = [(when, type(news)) for when, news in told]
    before = [(0.0, Relieved), *rows]
    return [row for row, last in zip(rows, before, strict=False) if row[1] is not last[1]]


def test_a_long_wait_is_told_once_it_has_lasted():
    assert kinds(follow([1, 6, 7, 8, 9, 9, 9])) == [(12.5, Saturated)]


def test_a_short_peak_is_not_told():
    assert kinds(follow([6, 6, 1, 6, 6, 6, 1, 6])) == []


def test_it_ends_only_after_waits_have_been_short_for_a_while():
    told = follow([9] * 6 + [1] * 10 + [3] + [1] * 14)
    assert kinds(told) == [(10.0, Saturated), (17 * 2.5 + 30.0, Relieved)]


def test_waits_count_for_nothing_while_a_fault_keeps_the_allowance_from_being_used():
    assert kinds(follow([90] * 200, use=lambda turn: used(turn, answered=1.0))) == []


def test_waits_count_where_slow_answers_keep_all_workers_busy():
    slow = partial(used, answered=0.3, busy=0.9)
    assert kinds(follow([90] * 20, use=slow)) == [(10.0, Saturated)]


def test_it_ends_when_the_allowance_is_not_used_any_more_though_requests_wait():
    def use(turn: int) -> Use:
        return used(min(turn, 40))

    (began, _), (ended, kind) = kinds(follow([90] * 200, use=use))
    assert (began, kind) == (10.0, Relieved)
    # The fault begins at 100, is seen after another 20, and has to last.
    assert ended == 100.0 + 20.0 + 30.0


def test_it_is_told_again_each_minute_while_it_lasts_and_while_it_does_not():
    told = [when for when, _ in follow([9] * 60 + [1] * 60)]
    assert told == [10.0, 70.0, 130.0, 180.0, 240.0]


def test_demand_tells_how_much_more_comes_than_goes():
    saturation = Saturation()
    for turn in range(30):
        saturation.sent(Lane.ACTION, 9.0)
        news = saturation.look(GameTime(2.5 * turn), {}, {Lane.ACTION: 2}, used(turn))
        told = [each.demand for each in news if isinstance(each, Saturated)]
        assert told in ([], [2.0])


def test_it_tells_how_many_wait_beyond_what_may_be():
    saturation, told = Saturation(), []
    for turn in range(40):
        for _ in range(5):
            saturation.sent(Lane.ACTION, 9.0)
        told += saturation.look(GameTime(2.5 * turn), {}, {Lane.ACTION: 5}, used(turn))
    beyond = [each.beyond for each in told if isinstance(each, Saturated)]
    # Two are sent each second, and they wait for 7 seconds longer than they may.
    assert beyond == [14.0, 14.0]


def test_the_age_of_what_waits_counts_where_nothing_is_sent():
    saturation = Saturation()
    ages = {Lane.TRADE: 50.0}
    told = [saturation.look(GameTime(2.5 * n), ages, {}, used(n)) for n in range(-1, 6)][1:]
    assert told[4] == [Saturated(Lane.TRADE, 50.0, 0.0, 0.0)]
    assert saturation.lanes == (Lane.TRADE,)


def test_lanes_that_take_what_is_left_may_wait():
    assert kinds(follow([500.0] * 20, Lane.BACKGROUND)) == []


@given(st.lists(st.floats(0, 20), max_size=200))
def test_news_alternate_and_are_never_closer_than_the_settings_say(waits: list[float]):
    turns = kinds(follow(waits))
    assert all(kind is (Saturated, Relieved)[turn % 2] for turn, (_, kind) in enumerate(turns))
    gaps = [late[0] - early[0] for early, late in itertools.pairwise(turns)]
    assert all(gap >= 10.0 for gap in gaps)
