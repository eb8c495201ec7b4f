"""Stacks in the log."""

from __future__ import annotations

import sys

from fleet.runtime.chaos import Misbehaviour
from fleet.runtime.traces import of_failure, of_frame


def fail(reason: str) -> None:
    raise ValueError(reason)


def caught(reason: str) -> ValueError:
    try:
        fail(reason)
    except ValueError as failure:
        return failure
    raise AssertionError("it did not fail")


def test_a_failure_tells_where_it_was_raised_and_why() -> None:
    told = of_failure(caught("no such good"))
    assert "in fail" in told
    assert told.endswith("ValueError: no such good\n")


def test_files_are_named_without_the_folders_of_the_machine() -> None:
    assert sys.prefix not in of_failure(caught("x"))
    told = of_frame(sys._getframe())
    # Not as one word, since the source line of this very frame is in it, too.
    assert "lib/" + "python" not in told
    assert "test_traces.py" in told


def test_a_crash_that_was_asked_for_needs_no_stack() -> None:
    assert of_failure(Misbehaviour("asked to crash")) == ""


class Unreadable(Exception):
    """Fails at whatever a traceback asks it."""

    @property
    def __notes__(self) -> list[str]:
        raise SystemExit("not telling")


def test_a_failure_that_cannot_be_rendered_is_told_by_its_name() -> None:
    assert of_failure(Unreadable("why")).startswith("Unreadable: ")
