"""When watchers are told that the lanes are too full."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.saturation import Saturation
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.saturation import Relieved, Saturated


def follow(waits: list[float], lane: Lane = Lane.ACTION) -> list[tuple[float, object]]:
    """Look each 2.5 s at a lane whose requests wait so long; tell when what was told."""
    saturation, told = Saturation(), list[tuple[float, object]]()
    for turn, wait in enumerate(waits):
        now = GameTime(2.5 * turn)
        saturation.sent(lane, wait)
        told += [(now, news) for news in saturation.look(now, {}, {}) if news.lane is lane]
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


def test_it_is_told_again_each_minute_while_it_lasts_and_while_it_does_not():
    told = [when for when, _ in follow([9] * 60 + [1] * 60)]
    assert told == [0.0, 10.0, 70.0, 130.0, 180.0, 240.0]


def test_demand_tells_how_much_more_comes_than_goes():
    saturation = Saturation()
    for turn in range(30):
        saturation.sent(Lane.ACTION, 9.0)
        news = saturation.look(GameTime(2.5 * turn), {}, {Lane.ACTION: 2})
        told = [each.demand for each in news if isinstance(each, Saturated)]
        assert told in ([], [2.0])


def test_it_tells_how_many_wait_beyond_what_may_be():
    saturation, told = Saturation(), []
    for turn in range(40):
        for _ in range(5):
            saturation.sent(Lane.ACTION, 9.0)
        told += saturation.look(GameTime(2.5 * turn), {}, {Lane.ACTION: 5})
    beyond = [each.beyond for each in told if isinstance(each, Saturated)]
    # Two are sent each second, and they wait for 7 seconds longer than they may.
    assert beyond == [14.0, 14.0]


def test_the_age_of_what_waits_counts_where_nothing_is_sent():
    saturation = Saturation()
    told = [saturation.look(GameTime(2.5 * turn), {Lane.TRADE: 50.0}, {}) for turn in range(6)]
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
