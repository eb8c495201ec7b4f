"""Timers on a clock that the test moves."""

import threading

import pytest

from fleet.protocol.clock import GameTime, Monotonic, WallTime
from fleet.runtime.clocks import GameClock
from fleet.runtime.timers import Timers
from fleet.supervision.memory_event_log import MemoryEventLog

LONG = 5.0


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self):
        self.now = 0.0
        self.offset = 0.0
        self.speed = 10.0
        self.asked = threading.Semaphore(0)

    def monotonic(self):
        return Monotonic(self.now)

    def wall(self):
        return WallTime(self.now)

    def game(self):
        return GameTime(self.now * self.speed + self.offset)

    def until(self, moment):
        self.asked.release()
        left = moment - self.game()
        return max(0.0, left / self.speed if self.speed else float("inf"))


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def timers(hands, events):
    timers = Timers(hands, events)
    yield timers
    timers.close()


def look(timers):
    """Make the thread look at its heaps: a new earliest entry wakes it."""
    looked = threading.Event()
    timers.after(-1e9, looked.set)
    assert looked.wait(LONG)


def test_calls_come_when_they_are_due_and_not_before(hands, timers, notes):
    for delay in [3, 1, 2]:
        timers.after(delay, lambda delay=delay: notes(delay))
    hands.now = 0.99
    look(timers)
    assert notes.all == []
    hands.now = 2.5
    look(timers)
    assert notes.wait_for(2)
    hands.now = 10
    look(timers)
    assert notes.wait_for(3)
    assert notes.all == [1, 2, 3]


def test_calls_due_at_once_keep_their_order(hands, timers, notes):
    for number in range(20):
        timers.after(1, lambda number=number: notes(number))
    hands.now = 1
    look(timers)
    assert notes.wait_for(19)
    assert notes.all == list(range(20))


def test_a_cancelled_call_never_comes(hands, timers, notes):
    cancel = timers.after(1, lambda: notes("cancelled"))
    timers.after(1, lambda: notes("other"))
    cancel()
    cancel()
    hands.now = 2
    look(timers)
    assert notes.wait_for("other")
    assert notes.all == ["other"]


def test_game_times_follow_the_game_clock(hands, timers, notes):
    timers.at(GameTime(100), lambda: notes("game"))
    hands.now = 9.9
    look(timers)
    assert notes.all == []
    hands.now = 10
    look(timers)
    assert notes.wait_for("game")


def test_a_game_clock_that_bends_moves_what_is_due(hands, timers, notes):
    timers.at(GameTime(1000), lambda: notes("early"))
    look(timers)
    hands.offset = 1000
    # Nobody tells the thread: it looks again by itself.
    assert notes.wait_for("early", timeout=2 * Timers.LOOK_AGAIN + 30)


def test_a_paused_game_clock_holds_its_timers_and_not_the_others(hands, timers, notes):
    hands.speed = 0.0
    timers.at(GameTime(1), lambda: notes("game"))
    timers.after(5, lambda: notes("wall"))
    hands.now = 1e6
    look(timers)
    assert notes.wait_for("wall")
    assert notes.all == ["wall"]
    hands.speed, hands.offset = 1.0, -1e6 + 2
    assert notes.wait_for("game", timeout=2 * Timers.LOOK_AGAIN + 30)


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_call_that_raises_does_not_stop_the_others(hands, timers, notes, events, error):
    def fail():
        raise error

    timers.after(1, fail)
    timers.after(1, lambda: notes("after it"))
    hands.now = 1
    look(timers)
    assert notes.wait_for("after it")
    assert error.__name__ in events.wait_for("timer.failed")["reason"]


def test_a_call_may_arm_another(hands, timers, notes):
    timers.after(1, lambda: timers.after(0, lambda: notes("second")))
    hands.now = 1
    look(timers)
    assert notes.wait_for("second")


def test_what_is_due_behind_a_call_that_hangs_is_called_by_the_next_thread(hands, timers, notes):
    release, inside = threading.Event(), threading.Event()
    timers.after(1, lambda: inside.set() or release.wait(LONG))
    for number in range(3):
        timers.after(1, lambda number=number: notes(number))
    hung = timers.thread
    hands.now = 1
    timers.after(0, lambda: notes("ring"))
    assert inside.wait(LONG)
    timers.renew()
    assert notes.wait_for("ring")
    assert notes.all == [0, 1, 2, "ring"]
    timers.after(0, lambda: notes("later"))
    assert notes.wait_for("later")
    release.set()
    hung.join(LONG)
    assert not hung.is_alive()


def test_a_thread_that_only_sleeps_ends_when_it_is_replaced(hands, timers, notes):
    first = timers.thread
    timers.renew()
    first.join(LONG)
    assert not first.is_alive()
    timers.after(-1, lambda: notes("rang"))
    assert notes.wait_for("rang")


def test_one_that_only_was_slow_goes_on_where_there_is_no_other(hands, timers, notes, monkeypatch):
    release, inside = threading.Event(), threading.Event()
    timers.after(-1, lambda: inside.set() or release.wait(LONG))
    assert inside.wait(LONG)

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            timers.renew()
    release.set()
    timers.after(-1, lambda: notes("rang"))
    assert notes.wait_for("rang")


def test_however_close_timers_follow_each_other_none_is_slept_through(notes):
    """Each wait between them is as short as a wait can be."""
    timers = Timers(GameClock(), MemoryEventLog())
    for number in range(20_000):
        timers.after(0.05 + number * 1e-5, lambda number=number: notes(number))
    assert notes.wait_for(19_999)
    assert notes.all == list(range(20_000))
    timers.close()


def test_closing_ends_the_thread_and_forgets_the_rest(hands, notes):
    timers = Timers(hands, MemoryEventLog())
    timers.after(1, lambda: notes("never"))
    timers.close()
    assert not timers.thread.is_alive()
    hands.now = 2
    assert notes.all == []


def test_a_time_that_is_no_number_is_refused_and_keeps_no_timer_from_ringing(hands, timers, notes):
    timers.after(1, lambda: notes("wall"))
    for arm in (timers.after, timers.at):
        with pytest.raises(ValueError, match="not NaN"):
            arm(float("nan"), lambda: notes("never"))
    hands.now = 2.0
    look(timers)
    assert notes.wait_for("wall")


def test_an_actor_that_wants_a_timer_at_no_time_fails_alone(virtual):
    address = virtual.spawn()
    address.tell(lambda ctx: ctx.timer("bad", "never", after=float("nan")))
    address.tell(lambda ctx: ctx.ask(ctx.self, 1, timeout=float("nan"), on_reply=str))
    address.tell(lambda ctx: ctx.timer("good", "rang", after=1))
    virtual.run(10)
    assert virtual.notes.all == ["rang"]
    assert len(virtual.events.records("actor.crashed", reason="ValueError")) == 2
