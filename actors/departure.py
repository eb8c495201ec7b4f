"""When a request leaves: everything that takes time is done by then but the waiting itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.protocol.clock import GameTime, Monotonic
from fleet.runtime import Context


class Departure:
    """Of one order, in the worker's thread; the transport calls it before it sends.

    At speed 60 a game second is 16.7 ms: building and encoding a request after the wait would
    take a hundredth of that, and much more where other threads come between.
    """

    __slots__ = ("_ctx", "_wait", "at", "sent", "sent_at")

    def __init__(
        self, ctx: Context[Any], at: GameTime | None, wait: Callable[[GameTime], None] | None
    ) -> None:
        self._ctx, self._wait, self.at = ctx, wait, at
        self.sent: Monotonic = ctx.monotonic()
        """When it left, or would have."""

        self.sent_at: GameTime = ctx.now()

    @property
    def ready(self) -> Callable[[], None] | None:
        """What the transport is to call; None where there is nothing to wait for."""
        return None if self.at is None or self._wait is None else self._leave

    def _leave(self) -> None:
        if self.at is not None and self._wait is not None:
            self._wait(self.at)
        self.sent, self.sent_at = self._ctx.monotonic(), self._ctx.now()
