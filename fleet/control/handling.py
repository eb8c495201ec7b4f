"""Runs handlers in a few threads of their own, so that a slow one holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from fleet.control.wire import Request, encode_error, encode_result
from fleet.protocol.errors import FleetError, SetupError, UsageError
from fleet.runtime.traces import line_of, of_failure

if TYPE_CHECKING:
    from fleet.runtime.events import EventSink

Handler = Callable[[Mapping[str, Any]], Any]
"""Takes a request's arguments; its result must be something that msgspec encodes as JSON.

Raises UsageError, SetupError or FleetError with the sentence that the client gets. Runs in one
of the control socket's threads.
"""

Done = Callable[[bytes], None]
"""Takes the encoded reply, in the handler's thread."""


class HandlerPool:
    """Daemon threads, started as they are needed, that share one queue."""

    def __init__(self, handlers: Mapping[str, Handler], events: EventSink, *, threads: int) -> None:
        self._handlers = handlers
        self._events = events
        self._threads = threads
        self._queue: SimpleQueue[tuple[Request, Done] | None] = SimpleQueue()
        self._started = 0
        self._idle = threading.Semaphore(0)

    def submit(self, request: Request, done: Done) -> None:
        """Have a request handled; only the server's thread calls this."""
        if not self._idle.acquire(blocking=False) and self._started < self._threads:
            self._start_one()
        if not self._started:
            text = "This machine has no thread left to answer in; try again."
            done(encode_error(request.id, text, "failed"))
            return
        self._queue.put((request, done))

    def _start_one(self) -> None:
        name = f"control-{self._started + 1}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        # Where the machine has no thread left, those that are there do it all.
        with suppress(RuntimeError):
            thread.start()
            self._started += 1

    def close(self) -> None:
        """Let the threads end; one in a handler ends after it, and nobody waits for it."""
        for _ in range(self._started):
            self._queue.put(None)

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            request, done = job
            done(self._answer(request))
            self._idle.release()

    def _answer(self, request: Request) -> bytes:
        try:
            return self._handled(request)
        # A script that is loaded may raise whatever it likes, even an error that fails at being
        # told, and this thread serves everybody.
        except BaseException as error:
            return encode_error(request.id, self._report(request, error), "failed")

    def _handled(self, request: Request) -> bytes:
        try:
            return encode_result(request.id, self._handler(request.do)(request.arguments))
        except UsageError as error:
            return encode_error(request.id, str(error), "usage")
        except SetupError as error:
            return encode_error(request.id, str(error), "setup")
        except FleetError as error:
            return encode_error(request.id, str(error), "failed")

    def _handler(self, do: str) -> Handler:
        if do in self._handlers:
            return self._handlers[do]
        known = sorted(self._handlers)
        near = get_close_matches(do, known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"it can do {', '.join(known)}."
        raise UsageError(f"The fleet cannot do '{do}'; {hint}")

    def _report(self, request: Request, error: BaseException) -> str:
        self._events.emit(
            "control.failed",
            level="error",
            text=f"'{request.do}' on the control socket failed: {line_of(error)}",
            do=request.do,
            stack=of_failure(error),
        )
        return (
            f"The fleet failed at '{request.do}' ({type(error).__name__}); "
            "its supervision log has the stack (`fleet tail`)."
        )
