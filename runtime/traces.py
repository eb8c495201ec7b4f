"""Stacks for the log: the actor's own frames, with files named as a reader knows them."""

from __future__ import annotations

import linecache
import re
import traceback
from functools import lru_cache
from types import FrameType

from fleet.runtime.chaos import Misbehaviour

KERNEL = "runtime/incarnation.py"
"""The last file on a stack before the actor's own code."""

PLACE = re.compile(r".*/(?=fleet/)|.*/site-packages/|.*/lib/python3\.\d+/")
"""What stands before the part of a path that tells something."""


def of_failure(failure: BaseException) -> str:
    """Tell where a handler raised; nothing for a crash that was asked for. Never raises."""
    if type(failure) is Misbehaviour:
        return ""
    try:
        told = traceback.TracebackException.from_exception(failure)
        told.stack = traceback.StackSummary.from_list(_own(list(told.stack)))
        return "".join(told.format())
    # A failure may fail at being looked at (its notes, its text): its actor has to end anyway.
    except BaseException:
        return line_of(failure)


def line_of(failure: BaseException) -> str:
    """Render a failure in a line; it may even fail at being rendered, by whatever it raises."""
    try:
        text = str(failure)
    except BaseException:
        text = "(it could not be rendered)"
    return f"{type(failure).__name__}: {text}"


def of_frame(frame: FrameType | None) -> str:
    """Tell where a thread stands; nothing for one that has ended.

    Ten times as fast as the library's way: a hundred are sampled while actors wait.
    """
    rows: list[str] = []
    while frame is not None and not frame.f_code.co_filename.endswith(KERNEL):
        rows.append(_row(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    if frame is not None and not rows:
        rows.append(_row(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
    return "".join(reversed(rows))


# As many lines as a fleet's hangs stand at; a line is read from its file once.
@lru_cache(maxsize=512)
def _row(file: str, line: int, name: str) -> str:
    code = linecache.getline(file, line).strip()
    place = f'  File "{PLACE.sub("", file)}", line {line}, in {name}\n'
    return f"{place}    {code}\n" if code else place


def _own(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    kernel = [n for n, row in enumerate(frames) if row.filename.endswith(KERNEL)]
    begin = kernel[-1] + 1 if kernel else 0
    return [_short(row) for row in frames[begin:] or frames]


def _short(row: traceback.FrameSummary) -> traceback.FrameSummary:
    name = PLACE.sub("", row.filename)
    return traceback.FrameSummary(name, row.lineno, row.name, line=row.line)
