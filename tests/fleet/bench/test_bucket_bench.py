"""What the bench of the bucket reads out of a run."""

from __future__ import annotations

import pytest

from fleet.bench import bucket_floor
from fleet.bench.bucket_paces import Pace, best_pace, share
from fleet.bench.bucket_resets import Findings
from fleet.bench.bucket_stage import Tally, evenly, none


def test_a_pace_that_is_refused_is_worth_nothing():
    assert share(Pace(1.001, 0.45), none, 600.0, seed=1) == pytest.approx(97.9, abs=0.5)
    assert share(Pace(0.9, 0.5), none, 600.0, seed=1) == 0.0


def test_the_best_pace_leaves_the_spread_between_windows():
    found = best_pace(evenly(0, 200), 0.2, 600.0, seed=1)
    assert 85.0 <= found <= 91.0


def test_the_share_counts_saturated_minutes_alone():
    tally = Tally(begins=2)
    for minute, count in ((1, 150), (2, 150), (3, 75), (4, 10)):
        for _ in range(count):
            tally.add(minute, 200)
    tally.add(3, 429)
    tally.saturated |= {1, 2, 3}
    assert tally.share == pytest.approx(75.0)
    assert tally.refused == 1


def test_a_request_sent_again_after_it_may_have_been_acted_on_is_a_duplicate():
    found = Findings()
    for outcome in ("unsent", "limited", "unknown"):
        found.add("A-1", "dock-ship", 10.0, outcome)
    assert found.duplicated == 0
    found.add("A-1", "dock-ship", 10.0, "reply")
    assert found.duplicated == 1


@pytest.mark.parametrize(("reads", "unread"), [(True, 0), (False, 1)])
def test_a_ship_that_acts_before_it_was_read_back_is_found(reads: bool, unread: int):
    found = Findings()
    found.add("A-1", "dock-ship", 10.0, "unknown")
    if reads:
        found.add("A-1", "get-my-ship", 11.0, "reply")
    found.add("A-1", "orbit-ship", 12.0, "reply")
    assert (found.unknown, found.unread) == (1, unread)


def test_the_parts_of_the_floor_take_time():
    assert bucket_floor.thread_message(5) > 0
    assert bucket_floor.virtual_message(5) > 0
    assert bucket_floor.bare_request(5) > 0


def test_in_one_thread_the_simulators_part_is_left_out():
    hot, slow = bucket_floor.in_one_thread(20.0)
    assert 0 < hot.each < 1e5
    assert 0 < slow.each < 1e5
    assert hot.messages > 1
