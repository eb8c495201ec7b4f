"""Timers ring on, whatever becomes of the thread that rings them."""

import threading

import pytest

from fleet.protocol.clock import Monotonic
from fleet.runtime.auto_reset_event import AutoResetEvent
from fleet.runtime.timer_watch import MOST, SILENT, STEP, WINDOW, TimerWatch

PERIOD = 0.02


class Watched:
    """Stands in for timers whose thread does as it is told."""

    def __init__(self):
        self.turns = 0
        self.closed = False
        self.renewed = 0
        self.threads_left = 100
        self.thread = threading.current_thread()

    def renew(self):
        if not self.threads_left:
            raise RuntimeError("can't start new thread")
        self.renewed += 1


class Ticks:
    """A steady clock that the test moves."""

    now = 0.0

    def monotonic(self):
        return Monotonic(self.now)


class Bench:
    """A watch that looks every 20 ms of a clock moved by hand."""

    def __init__(self, events):
        self.timers, self.clock, self.events = Watched(), Ticks(), events
        self.watch = TimerWatch(self.timers, self.clock, events)
        self.watch.look()

    def look(self, seconds, *, turns=False, period=PERIOD):
        said = []
        for _ in range(round(seconds / period)):
            self.clock.now += period
            self.timers.turns += turns
            said.append(self.watch.look())
        return [text for text in said if text]


@pytest.fixture
def bench(events):
    return Bench(events)


def test_a_thread_that_looks_now_and_then_is_left_alone(bench):
    for _ in range(100):
        bench.look(SILENT - 0.1)
        bench.look(PERIOD, turns=True)
    assert bench.timers.renewed == 0
    assert bench.events.records() == []


def test_one_that_has_been_silent_for_too_long_is_replaced_and_its_stack_told(bench):
    bench.look(SILENT - 0.1)
    assert bench.timers.renewed == 0
    bench.look(0.2)
    assert bench.timers.renewed == 1
    (told,) = bench.events.records("timers.replaced")
    assert (told["level"], told["reason"]) == ("error", "hung")
    assert "in test_one_that_has_been_silent" in told["stack"]


def test_one_that_has_ended_is_replaced(bench):
    bench.timers.thread = threading.Thread(target=int)
    bench.look(SILENT + 0.1)
    assert bench.timers.renewed == 1
    (told,) = bench.events.records("timers.replaced")
    assert (told["reason"], told["stack"]) == ("ended", "")


def test_time_in_which_nobody_ran_counts_against_nobody(bench):
    """The process was stopped for an hour, and the watchdog gets its turn first."""
    bench.look(SILENT / 2)
    bench.look(3600.0, period=3600.0)
    assert bench.timers.renewed == 0
    bench.look(SILENT / 2 - 2 * STEP)
    assert bench.timers.renewed == 0
    bench.look(3 * STEP)
    assert bench.timers.renewed == 1


def test_closed_timers_are_not_begun_anew(bench):
    bench.timers.closed = True
    bench.look(2 * SILENT)
    assert bench.timers.renewed == 0


def test_a_process_in_which_no_thread_lasts_needs_a_new_start(bench):
    assert bench.look((MOST + 0.5) * SILENT) == []
    (text,) = bench.look(SILENT)
    assert str(MOST + 1) in text
    assert bench.events.records("timers.exceeded")[0]["level"] == "critical"


def test_some_that_had_to_be_replaced_long_ago_are_forgotten(bench):
    for _ in range(3 * MOST):
        assert bench.look(SILENT + PERIOD) == []
        bench.look(WINDOW / MOST, turns=True)
    assert bench.timers.renewed == 3 * MOST


def test_where_no_thread_is_to_be_had_it_is_tried_again(bench):
    bench.timers.threads_left = 0
    for _ in range(MOST):
        with pytest.raises(RuntimeError):
            bench.look(SILENT + PERIOD)
    assert bench.events.records("timers.replaced") == []
    bench.timers.threads_left = 1
    assert bench.look(SILENT + PERIOD) == [], "those that failed are no replacements"
    assert bench.timers.renewed == 1


def test_a_process_that_has_no_thread_for_long_needs_a_new_start(bench):
    bench.timers.threads_left = 0
    for _ in range(MOST):
        with pytest.raises(RuntimeError):
            bench.look(SILENT + PERIOD)
    (text,) = bench.look(SILENT + PERIOD)
    assert "no thread" in text
    assert bench.events.records("timers.exceeded")


# -- on threads, under a real watchdog


def test_a_call_that_hangs_holds_up_the_other_timers_for_a_moment_only(threads):
    release = threading.Event()

    def a_call_that_hangs():
        release.wait(60)

    threads.system.after(0.0, a_call_that_hangs)
    threads.spawn().tell(lambda ctx: ctx.timer("behind it", "rang", after=0.05))
    assert threads.notes.wait_for("rang")
    told = threads.events.wait_for("timers.replaced")
    assert "in a_call_that_hangs" in told["stack"]
    release.set()


def test_an_ask_times_out_and_a_restart_comes_after_the_thread_has_died(threads, monkeypatch):
    silent = threads.spawn(receive=lambda ctx, message: None)
    died = threading.Event()
    # What kills it is the clock, the one thing that it can't do without.
    monkeypatch.setattr(threading, "excepthook", lambda _: died.set())
    monkeypatch.setattr(threads.clock, "game", lambda: exec("raise SystemError('a clock')"))
    threads.system.after(0.0, int)
    assert died.wait(30)
    monkeypatch.undo()
    threads.spawn().tell(
        lambda ctx: ctx.ask(silent, "?", timeout=0.1, on_reply=lambda answer: answer)
    )
    assert threads.events.wait_for("timers.replaced", reason="ended")
    assert threads.notes.wait_until(lambda notes: bool(notes))


def test_a_wait_that_never_ends_holds_up_nobody_for_long(threads, monkeypatch):
    """What a queue of C once did to the thread: it slept on, and nobody was to ring."""
    release, asleep = threading.Event(), threading.Event()
    first, wait = threads.system.dispatcher._timers.thread, AutoResetEvent.wait

    def oversleep(bell, timeout=None):
        if threading.current_thread() is not first:
            return wait(bell, timeout)
        asleep.set()
        return release.wait(60)

    monkeypatch.setattr(AutoResetEvent, "wait", oversleep)
    assert asleep.wait(30)
    threads.spawn().tell(lambda ctx: ctx.timer("late", "rang", after=0.05))
    assert threads.notes.wait_for("rang")
    assert "in oversleep" in threads.events.wait_for("timers.replaced")["stack"]
    release.set()
    first.join(30)
    assert not first.is_alive()
