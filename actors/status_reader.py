"""Reads the server's status page now and then: a reset shows there, whatever else is asked.

Public operations ignore a token of an earlier universe. A fleet that happens to ask nothing
else would look for its system in the new universe for ever (observed with the simulator).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.protocol.api import ApiReply, ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BUCKET
from fleet.protocol.wire.status import Status
from fleet.runtime import Actor, Context, Props

PERIOD = 600.0
"""Game seconds between two looks: one request of 1,500."""

FIRST = 60.0
"""Game seconds until the first one."""


@dataclass(frozen=True, slots=True)
class LookNow:
    """It is time to look."""


class StatusReader(Actor[Any]):
    """Asks in the last lane and hands on what it is told."""

    def __init__(self, seen: Callable[[Status], None]) -> None:
        self._seen = seen
        self._number = 0

    def on_start(self, ctx: Context[Any]) -> None:
        """Look soon."""
        self._look_in(ctx, FIRST)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Ask, or hand on the answer; an answer that does not come is no news."""
        match message:
            case LookNow():
                self._number += 1
                request = ApiRequest(
                    number=self._number, operation="get-status", lane=Lane.BACKGROUND
                )
                ctx.tell(ctx.address(BUCKET), request)
                self._look_in(ctx, PERIOD)
            case ApiReply(data=Status() as status):
                self._seen(status)
            case _:
                pass

    def _look_in(self, ctx: Context[Any], seconds: float) -> None:
        ctx.timer("look", LookNow(), at=GameTime(ctx.now() + seconds))


def status_props(seen: Callable[[Status], None]) -> Props:
    """Say how to run it; `seen` is called in its thread and must not wait."""
    return Props(factory=lambda: StatusReader(seen))
