"""What counts as reached."""

from __future__ import annotations

import math

from fleet.bench.figure import Figure, Reach, at_least, at_most, within
from fleet.bench.kept import as_row
from fleet.cli.bench import line


def test_a_value_at_its_threshold_is_reached() -> None:
    assert Figure("a", 5.0, "s", at_most(5)).ok
    assert not Figure("a", 5.1, "s", at_most(5)).ok


def test_a_threshold_for_the_ratio_does_not_look_at_the_value() -> None:
    reach = at_least(1.5, of="ratio")
    assert not Figure("a", 900.0, "1/s", reach, ratio=1.4).ok
    assert Figure("a", 0.1, "1/s", reach, ratio=1.6).ok


def test_what_was_not_measured_is_not_reached() -> None:
    assert not Figure("a", None, "s", at_most(5)).ok
    assert not Figure("a", math.nan, "s", at_most(5)).ok
    assert not Figure("a", 1.0, "s", at_most(5, of="ratio")).ok


def test_a_failed_precondition_is_never_ok() -> None:
    assert not Figure("a", 1.0, "s", at_most(5), why="the driver was busy").ok
    assert not Figure("a", 1.0, "s", why="the driver was busy").ok


def test_thresholds_read_well() -> None:
    texts = [str(reach) for reach in (at_least(1.5, of="ratio"), at_most(2), within(0, 0))]
    assert texts == [">= 1.5 (ratio)", "<= 2", "= 0"]
    assert str(Reach(1, 3)) == "1 to 3"


def test_a_bound_is_told_as_one_and_a_failed_precondition_with_its_reason() -> None:
    bound = as_row(Figure("the least", 1.66, "ms", bound=True), "floor")
    assert bound["bound"]
    assert line(bound) == "bound  the least: 1.66 ms"
    other = as_row(Figure("a", 2.0, "ms", at_most(1), why="busy"), "late")
    assert "bound" not in other
    assert line(other) == "NOT OK a: 2 ms; reach <= 1; busy"
