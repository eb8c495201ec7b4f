"""Notices that the server was reset, or refuses our token, and has the fleet begin anew."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from fleet.protocol.api import ApiRefusal
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpRequest, Transport
from fleet.protocol.wire.decoding import decode_body
from fleet.protocol.wire.status import Status
from fleet.runtime.events import EventSink

PERIOD = 1.0
"""Wall seconds between two looks at a server that is being reset; nothing else is sent then."""

QUESTION = HttpRequest(method="GET", path="/v2/", headers={"accept": "application/json"})


def ask_status(transport: Transport) -> Status | None:
    """Ask the server for its status page; None while it is away or answers anything else."""
    try:
        response = transport.send(QUESTION)
        return decode_body("get-status", response.body) if response.status == 200 else None
    except (TransportError, msgspec.DecodeError):
        return None


class ServerWatch:
    """Told by workers and by the reader of the status page, in their threads.

    It waits until the server answers again before it asks for a new beginning, so that the
    fleet shows what it waits for, and begins when it can.
    """

    def __init__(
        self,
        transport: Callable[[], Transport],
        reset_date: str | None,
        renew: Callable[[str], None],
        events: EventSink,
        *,
        period: float = PERIOD,
    ) -> None:
        """Take the date of the reset that is played, if it is known."""
        self._transport = transport
        self._reset_date = reset_date
        self._renew = renew
        self._events = events
        self._period = period
        self._begun = threading.Lock()
        self._closed = threading.Event()

    def refused(self, refusal: ApiRefusal) -> None:
        """Take note that the server will answer no request with our token any more."""
        self._begin(f"the server refuses the token: {refusal.message}")

    def seen(self, status: Status) -> None:
        """Compare the life of the universe that a status page tells of with ours."""
        known = self._reset_date
        if status.reset_date and known not in (None, status.reset_date):
            self._begin(f"the server plays the universe of {status.reset_date}, we that of {known}")

    def close(self) -> None:
        """Give up waiting."""
        self._closed.set()

    def _begin(self, why: str) -> None:
        # Not released while one waits: whatever more is told is of the same reset.
        if self._begun.acquire(blocking=False):
            thread = threading.Thread(target=self._wait, args=(why,), name="server-watch")
            thread.daemon = True
            try:
                thread.start()
            # No thread to be had now: the next refusal tries again.
            except RuntimeError:
                self._begun.release()

    def _wait(self, why: str) -> None:
        transport = self._transport()
        text = f"{why.rstrip('.')}; the fleet begins anew when it answers."
        self._events.emit("server.lost", level="warning", text=text, reason=why)
        while (status := ask_status(transport)) is None:
            if self._closed.wait(self._period):
                return
        if status.reset_date not in ("", self._reset_date):
            why = f"the server was reset, its universe is that of {status.reset_date}"
        self._renew(why)
