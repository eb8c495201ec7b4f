"""What the bench of virtual time tells is of the run that it says, and leaves nothing behind."""

from __future__ import annotations

import gc
import signal
import sys
from types import FrameType

import pytest

from fleet.bench.virtual_floor import kernel_floor
from fleet.bench.virtual_run import timed
from fleet.bench.virtual_shares import room_of, shares
from fleet.quiet_heap import quiet_heap

MINUTE = 60.0


def test_checking_every_body_leads_to_the_same_world() -> None:
    plain, held = timed("late", MINUTE), timed("late", MINUTE, check=True)
    assert plain.digest == held.digest
    assert plain.counted == held.counted > 100


def test_a_look_names_the_room_that_runs_and_not_whom_it_calls() -> None:
    def frame_of(name: str, back: FrameType | None = None) -> FrameType | None:
        found: list[FrameType | None] = []
        code = compile("find()", name, "exec")
        exec(code, {"__name__": name, "find": lambda: found.append(sys._getframe(1))})
        return found[0]

    assert room_of(frame_of("fleet.actors.ship")) == "actors"
    assert room_of(frame_of("fleet.virtual_fleet")) == "fleet"
    assert room_of(None) == "other"


def test_looking_ends_with_the_run() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with shares() as counts:
        sum(number * number for number in range(3_000_000))
    assert counts.total() > 0
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_quiet_heap_is_given_back_even_after_a_failure() -> None:
    before = gc.get_threshold()

    def fail() -> None:
        with quiet_heap():
            assert gc.get_threshold() != before
            assert gc.get_freeze_count() > 0
            raise ValueError("a failure")

    with pytest.raises(ValueError, match="a failure"):
        fail()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_the_kernel_alone_takes_time() -> None:
    assert kernel_floor() > 0
