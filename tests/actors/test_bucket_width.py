"""As many requests are under way as use the allowance, and no more."""

from __future__ import annotations

import math

from fleet.actors.bucket_width import FEWEST, BucketWidth
from fleet.actors.limits import Limits


def width_after(*took: float) -> BucketWidth:
    width = BucketWidth(Limits())
    for seconds in took:
        width.took(seconds)
    return width


def test_nothing_is_known_before_some_answers() -> None:
    assert width_after(*[0.1] * (FEWEST - 1)).wanted(0.0) is None
    assert width_after(*[0.1] * FEWEST).wanted(0.0) is not None


def test_it_is_rate_times_time_beside_those_that_set_out_together() -> None:
    # 2.5 requests a second that take 4 seconds each.
    assert width_after(*[4.0] * FEWEST).wanted(0.0) == 10 + 3
    assert width_after(*[0.1] * FEWEST).wanted(0.0) == 1 + 3


def test_it_follows_slow_answers_and_not_a_single_one() -> None:
    assert width_after(*[0.1] * 63, 40.0).wanted(0.0) == 4
    assert width_after(*[0.1] * 56, *[8.0] * 8).wanted(0.0) == 20 + 3


def test_one_that_is_still_under_way_tells_already_how_slow_it_has_become() -> None:
    assert width_after(*[0.1] * FEWEST).wanted(6.0) == 15 + 3


def test_what_was_slow_is_forgotten() -> None:
    assert width_after(*[9.0] * 64, *[0.1] * 64).wanted(0.0) == 4


def test_one_of_which_nobody_knows_since_when_it_is_under_way_tells_nothing() -> None:
    assert width_after(*[0.1] * FEWEST).wanted(math.inf) is None
