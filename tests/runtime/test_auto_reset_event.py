"""A wait that ends in time, however short it is."""

import threading

import pytest

from fleet.runtime.auto_reset_event import AutoResetEvent

LONG = 30.0


def test_it_wakes_one_wait_however_often_it_was_set():
    event = AutoResetEvent()
    event.set()
    event.set()
    assert event.wait()
    assert not event.wait(0.0)


def test_a_thread_that_waits_is_woken():
    event, woken = AutoResetEvent(), threading.Event()
    waiter = threading.Thread(target=lambda: event.wait() and woken.set(), daemon=True)
    waiter.start()
    event.set()
    assert woken.wait(LONG)


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
def test_it_tells_that_the_time_is_over(seconds):
    assert AutoResetEvent().wait(seconds) is False


@pytest.mark.parametrize("seconds", [1e-9, 1e-7, 1e-6, 1e-5])
def test_no_wait_is_so_short_that_it_never_ends(seconds):
    """A SimpleQueue's is, on CPython 3.11, within a second of these."""
    event, turns = AutoResetEvent(), threading.Semaphore(0)

    def wait_again_and_again():
        for _ in range(50_000):
            event.set()
            event.wait()
            event.wait(seconds)
        turns.release()

    threading.Thread(target=wait_again_and_again, daemon=True).start()
    assert turns.acquire(timeout=LONG)


def test_many_who_set_it_at_once_break_nothing():
    event, failures = AutoResetEvent(), []

    def ring():
        try:
            for _ in range(20_000):
                event.set()
        except BaseException as failure:
            failures.append(failure)

    rings = [threading.Thread(target=ring) for _ in range(4)]
    for one in rings:
        one.start()
    while any(one.is_alive() for one in rings):
        event.wait(0.01)
    event.wait(0.0)
    assert failures == []
