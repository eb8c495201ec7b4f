"""The lines of code that memory went to, as Python itself counts it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from fleet.supervision.resources.allocations import LEAST, Allocations

MEGABYTE = 1 << 20


@pytest.fixture
def allocations() -> Iterator[Allocations]:
    made = Allocations()
    made.start()
    yield made
    made.close()
    assert not tracemalloc.is_tracing()


def hold(size: int) -> bytearray:
    return bytearray(size)


LINE = hold.__code__.co_firstlineno + 1


def test_the_line_that_holds_most_more_comes_first(allocations: Allocations) -> None:
    kept = [hold(MEGABYTE), bytearray(MEGABYTE // 4)]
    first, second = allocations.look()
    assert first.place == f"resources/test_allocations.py:{LINE}"
    assert MEGABYTE <= first.grown < 1.1 * MEGABYTE
    assert MEGABYTE // 4 <= second.grown < first.grown
    assert len(kept) == 2


def test_only_what_has_grown_since_the_last_look_is_told(allocations: Allocations) -> None:
    kept = [hold(MEGABYTE)]
    assert len(allocations.look()) == 1
    assert allocations.look() == []
    kept.append(hold(2 * MEGABYTE))
    (grown,) = allocations.look()
    assert 2 * MEGABYTE <= grown.grown < 2.1 * MEGABYTE
    assert 3 * MEGABYTE <= grown.size < 3.1 * MEGABYTE
    assert grown.blocks >= 2


def test_what_was_freed_or_is_little_is_no_growth(allocations: Allocations) -> None:
    kept = hold(MEGABYTE)
    del kept
    little = hold(LEAST // 2)
    assert allocations.look() == []
    assert len(little) == LEAST // 2


def test_what_lived_before_is_not_counted(allocations: Allocations) -> None:
    kept = hold(MEGABYTE)
    again = Allocations()
    again.start()
    assert again.look() == []
    assert len(kept) == MEGABYTE


def test_no_more_lines_are_told_than_asked_for(allocations: Allocations) -> None:
    kept = [bytearray(MEGABYTE), bytearray(MEGABYTE)]
    kept += [hold(MEGABYTE)]
    assert len(allocations.look(most=1)) == 1
    assert len(kept) == 3


def test_one_that_does_not_trace_sees_nothing() -> None:
    assert Allocations().look() == []
