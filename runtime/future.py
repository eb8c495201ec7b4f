"""A future whose first result wins: a late zombie's answer changes nothing."""

from __future__ import annotations

import threading
from typing import Any, Generic, TypeVar

from fleet.protocol.errors import FleetError

T = TypeVar("T")


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

    __slots__ = ("_done", "_error", "_once", "_value")

    def __init__(self) -> None:
        self._once = threading.Lock()
        self._done = threading.Lock()
        self._done.acquire()
        self._value: Any = None
        self._error: BaseException | None = None

    def set(self, value: T) -> bool:
        """Give the result; say whether this call was the first."""
        if not self._once.acquire(blocking=False):
            return False
        self._value = value
        self._done.release()
        return True

    def fail(self, error: BaseException) -> bool:
        """Give a failure instead; say whether this call was the first."""
        if not self._once.acquire(blocking=False):
            return False
        self._error = error
        self._done.release()
        return True

    def get(self, timeout: float) -> T:
        """Wait at most `timeout` wall seconds. Raises AskTimeout or the failure given."""
        # A lock takes -1 for "for ever" and refuses other negative numbers and infinity.
        if not self._done.acquire(timeout=min(max(0.0, timeout), threading.TIMEOUT_MAX)):
            raise AskTimeout(f"no answer within {timeout:g} s")
        self._done.release()
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value
