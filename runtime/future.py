"""A future whose first result wins: a late zombie's answer changes nothing."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from fleet.protocol.errors import FleetError

T = TypeVar("T")

FOR_EVER = threading.TIMEOUT_MAX


class AskTimeout(FleetError):
    """No answer came in time; the message may still be handled."""


class AskFailed(FleetError):
    """The actor asked hung, crashed, stopped or never was."""


class Quarantined(AskFailed):
    """The actor asked failed too often and rests; messages that are told wait for it."""

    def __init__(self, path: str, retry_in: float) -> None:
        super().__init__(f"{path} failed too often and is tried again in {retry_in:.1f} s")
        self.path = path
        self.retry_in = retry_in
        """Wall seconds."""


class Future(Generic[T]):
    """Waits on C primitives only, since an interrupted Condition can leak its lock."""

    __slots__ = ("_done", "_error", "_first", "_value")

    def __init__(self) -> None:
        # Whoever takes the one element gives the result: a list's pop is atomic, and three times
        # as fast as a lock.
        self._first = [True]
        self._done: SimpleQueue[None] = SimpleQueue()
        self._value: Any = None
        self._error: BaseException | None = None

    def _is_first(self) -> bool:
        try:
            return self._first.pop()
        except IndexError:
            return False

    @property
    def done(self) -> bool:
        """Whether there is a result or a failure."""
        return not self._done.empty()

    def set(self, value: T) -> bool:
        """Give the result; say whether this call was the first."""
        if not self._is_first():
            return False
        self._value = value
        self._done.put(None)
        return True

    def fail(self, error: BaseException) -> bool:
        """Give a failure instead; say whether this call was the first."""
        if not self._is_first():
            return False
        self._error = error
        self._done.put(None)
        return True

    def get(self, timeout: float) -> T:
        """Wait at most `timeout` wall seconds. Raises AskTimeout or the failure given."""
        # A queue refuses negative numbers and infinity.
        within = timeout if 0 <= timeout <= FOR_EVER else min(max(0.0, timeout), FOR_EVER)
        try:
            self._done.get(True, within)
        except Empty:
            raise AskTimeout(f"no answer within {timeout:g} s") from None
        # For whoever else waits.
        self._done.put(None)
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value
