from __future__ import annotations

import threading

import pytest

from fleet.runtime.future import AskTimeout, Future
from fleet.runtime.spin import LOOKS, MOST_SKIPPED, Spin


class Come:
    """Opens at a look, or never."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.looks = 0

    def acquire(self, blocking: bool) -> bool:
        assert not blocking
        self.looks += 1
        return self.looks == self.at


def looks(spin: Spin, asks: int) -> list[bool]:
    """Tell which of some asks, all in vain, were looked after."""
    seen = []
    for _ in range(asks):
        come = Come()
        assert not spin.wait(come)
        seen.append(come.looks > 0)
    return seen


@pytest.mark.parametrize("at", range(1, len(LOOKS) + 1))
def test_what_comes_soon_is_taken(at: int) -> None:
    come = Come(at)
    assert Spin(2).wait(come)
    assert come.looks == at


def test_each_time_in_vain_lets_twice_as_many_go_to_sleep_at_once() -> None:
    seen = looks(Spin(2), 1 + 1 + 1 + 3 + 1 + 7 + 1)
    assert [n for n, looked in enumerate(seen) if looked] == [0, 2, 6, 14]


def test_it_never_gives_up_for_good() -> None:
    spin = Spin(2)
    looks(spin, 20 * MOST_SKIPPED)
    assert any(looks(spin, MOST_SKIPPED + 1))


def test_it_is_worth_while_again_where_it_has_paid() -> None:
    spin = Spin(2)
    looks(spin, 1 + 1 + 1 + 3)
    for _ in range(3):
        assert spin.wait(Come(1))
    assert looks(spin, 3) == [True, False, True]


@pytest.mark.parametrize("processors", [1, None])
def test_nobody_spins_on_a_single_processor(processors: int | None) -> None:
    assert not any(looks(Spin(processors), 5))


def test_an_answer_is_there_for_everybody_who_waits() -> None:
    future: Future[int] = Future()
    threading.Timer(0.0, future.set, [7]).start()
    assert [future.get(30.0, Spin(2)), future.get(30.0, Spin(2)), future.get(30.0)] == [7, 7, 7]


def test_whoever_has_no_time_does_not_spin() -> None:
    future: Future[int] = Future()
    spin = Spin(2)
    with pytest.raises(AskTimeout):
        future.get(0.0, spin)
    assert looks(spin, 1) == [True]
