"""What the simulator remembers comes to an end, however long it runs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.endpoints import ENDPOINTS
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import VirtualClock
from fleet.simulator.markets import MOST_QUOTES, Markets
from fleet.simulator.remembered import Remembered
from fleet.simulator.renderer import MOST_FACTS, MOST_PARTS, Renderer
from fleet.simulator.router import MOST_PATHS, Router
from fleet.simulator.settings import Rules
from fleet.simulator.world.market import MarketGood
from fleet.simulator.world.ship import Fitting


@given(st.lists(st.tuples(st.integers(0, 9), st.integers())), st.integers(1, 6))
def test_it_holds_no_more_than_it_may_and_always_the_newest(
    kept: list[tuple[int, int]], most: int
) -> None:
    # Given a small memory
    memory: Remembered[int, int] = Remembered(most)
    last: dict[int, int] = {}
    for key, value in kept:
        # When something is kept, then it is there at once, and what else is there is right
        assert memory.keep(key, value) == value
        last[key] = value
        assert memory[key] == value
        assert len(memory) <= most
        assert memory.items() <= last.items()


def test_the_younger_half_is_still_known_when_a_memory_was_full() -> None:
    # Given a memory that is full
    memory: Remembered[int, int] = Remembered(10)
    for number in range(10):
        memory.keep(number, number)
    # When one more comes
    memory.keep(10, 10)
    # Then the older half is gone
    assert list(memory) == [5, 6, 7, 8, 9, 10]


def _quotes() -> Callable[[int], object]:
    markets, rules = Markets(Catalogue()), Rules()

    def ask(number: int) -> object:
        good = MarketGood("IRON", "EXPORT", 100.0, 8, 60, float(number))
        return markets.quote(good, 0, rules).rows.setdefault(("IRON", None), b"x" * 150)  # type: ignore[arg-type]

    return ask


def _render(show: Callable[[Renderer, int], object]) -> Callable[[int], object]:
    renderer = Renderer(Catalogue(), VirtualClock(0.0))
    return lambda number: show(renderer, number)


def _paths() -> Callable[[int], object]:
    router = Router(ENDPOINTS)
    return lambda number: router.find("GET", f"/my/contracts/contract-{number}")


GROWING: dict[str, tuple[int, Callable[[], Callable[[int], object]]]] = {
    "quotes": (MOST_QUOTES, _quotes),
    "routes": (
        MOST_FACTS,
        lambda: _render(lambda render, number: render.once(("route", number), lambda: "x" * 500)),
    ),
    "worn parts": (
        MOST_PARTS,
        lambda: _render(
            lambda render, number: render.fitting(Fitting("FRAME_PROBE", number / 1e6))
        ),
    ),
    "paths": (MOST_PATHS, _paths),
}
"""What a long game brings ever new ones of, and how many are remembered."""


@pytest.mark.parametrize("what", GROWING)
def test_a_long_game_takes_no_more_memory_than_a_short_one(what: str) -> None:
    # Given more new things than are remembered at most
    most, make = GROWING[what]
    look = make()
    tracemalloc.start()
    try:
        for number in range(most * 3 // 2):
            look(number)
        full = tracemalloc.get_traced_memory()[0]
        # When as many come again
        for number in range(most * 3 // 2, most * 5 // 2):
            look(number)
        # Then memory does not grow
        assert tracemalloc.get_traced_memory()[0] < full * 1.1
        assert full > 100 * most
    finally:
        tracemalloc.stop()
