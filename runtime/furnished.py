"""What an actor is given before its first life; what goes wrong with that is its own failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from fleet.runtime.actor import Props
from fleet.runtime.mailbox import Fifo, Mailbox

Adapt = Callable[[str, Props], Props]


def furnished(path: str, props: Props, adapt: Adapt) -> tuple[Props, Mailbox]:
    """Adapt the props of an actor about to be spawned, and make its mailbox.

    Runs in its parent's thread, which must not fail for it: an actor whose mailbox can't be made
    gets a plain one and fails at each start, and its supervisor decides on that as on any crash.
    """
    try:
        props = adapt(path, props)
        return props, props.mailbox()
    except BaseException as failure:
        return replace(props, factory=_failing(failure)), Fifo()


def _failing(failure: BaseException) -> Callable[[], NoReturn]:
    # Each time it is raised, its trace would grow by a frame.
    trace = failure.__traceback__

    def fail() -> NoReturn:
        raise failure.with_traceback(trace)

    return fail
