"""Which points the burst window holds, and when it may end."""

from __future__ import annotations

from fleet.actors.burst_pool import BurstPool, Point
from fleet.actors.limits import FOREVER
from fleet.protocol.clock import GameTime


def certain(earliest: float, latest: float) -> Point:
    return Point(GameTime(earliest), GameTime(latest), certain=True)


def test_a_window_ends_a_minute_after_its_first_point():
    pool = BurstPool()
    pool.take(certain(100.0, 100.2))
    pool.take(certain(110.0, 110.2))
    assert (pool.ends_from, pool.ends_by, pool.left) == (160.0, 160.2, 28)


def test_all_points_are_back_when_the_window_has_ended():
    pool = BurstPool()
    pool.take(certain(100.0, 100.2))
    pool.expire(GameTime(160.2))
    assert (pool.ends_by, pool.left) == (FOREVER, 30)


def test_a_point_taken_at_the_change_counts_and_may_have_begun_the_next_window():
    pool = BurstPool()
    pool.take(certain(100.0, 100.4))
    pool.take(certain(160.1, 160.3))
    pool.expire(GameTime(160.4))
    assert pool.left == 29
    pool.take(certain(170.0, 170.1))
    assert (pool.ends_from, pool.ends_by) == (220.1, 230.1), "either of the two began it"


def test_a_point_that_is_told_of_after_the_change_does_not_begin_a_window_for_certain():
    pool = BurstPool()
    pool.take(certain(100.0, 100.4))
    pool.expire(GameTime(160.4))
    pool.take(certain(159.9, 160.5))
    pool.take(certain(163.0, 163.1))
    assert (pool.ends_from, pool.ends_by) == (220.0, 223.1)


def test_a_point_that_turns_out_to_be_of_the_window_before_is_given_back():
    pool = BurstPool()
    pool.take(certain(100.0, 100.4))
    pool.expire(GameTime(160.4))
    number = pool.take(certain(159.9, 160.5))
    pool.correct(number, certain(159.8, 159.9))
    assert (pool.left, pool.ends_by) == (30, FOREVER)
