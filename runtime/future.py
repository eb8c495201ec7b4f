"""A future whose first result wins: a late zombie's answer changes nothing."""

from __future__ import annotations

from threading import TIMEOUT_MAX, Lock
from typing import Any, Generic, TypeVar

from fleet.protocol.errors import FleetError
from fleet.runtime.spin import SHORTEST, Spin

T = TypeVar("T")

FOR_EVER = TIMEOUT_MAX


class AskTimeout(FleetError):
    """No answer came in time; the message is not begun any more, but may be in hand."""


class AskFailed(FleetError):
    """The actor asked hung, crashed, stopped or never was."""


class Quarantined(AskFailed):
    """The actor asked failed too often and rests; messages that are told wait for it."""

    def __init__(self, path: str, retry_in: float) -> None:
        super().__init__(f"{path} failed too often and is tried again in {retry_in:.1f} s")
        self.path = path
        self.retry_in = retry_in
        """Wall seconds."""


PENDING = object()
"""Stands where the result will be."""


class Future(Generic[T]):
    """Waits on a bare lock only, since an interrupted Condition can leak its own."""

    __slots__ = ("_come", "_error", "_first", "_value")

    def __init__(self) -> None:
        # Whoever takes the one element gives the result: a list's pop is atomic, and three times
        # as fast as a lock.
        self._first = [True]
        # Open when there is a result. A queue's `get` would do the same in twice the time.
        self._come = come = Lock()
        come.acquire()
        self._value: Any = PENDING
        self._error: BaseException | None = None

    @property
    def done(self) -> bool:
        """Whether there is a result or a failure."""
        return self._value is not PENDING

    # These two are an ask's way back: a method that both call would cost each answer as much as
    # all else that is done here.
    def set(self, value: T) -> bool:
        """Give the result; say whether this call was the first."""
        try:
            self._first.pop()
        except IndexError:
            return False
        self._value = value
        self._come.release()
        return True

    def fail(self, error: BaseException) -> bool:
        """Give a failure instead; say whether this call was the first."""
        try:
            self._first.pop()
        except IndexError:
            return False
        self._error = error
        self._value = None
        self._come.release()
        return True

    def get(self, timeout: float, spin: Spin | None = None) -> T:
        """Wait at most `timeout` wall seconds. Raises AskTimeout or the failure given.

        With a spin the thread stays awake for the first moment, if that is worth while.
        """
        if spin is not None and timeout > SHORTEST and spin.wait(self._come):
            self._come.release()
        elif self._value is PENDING:
            # A lock refuses infinity, and negative numbers but -1, which it takes for endless.
            within = timeout if 0 <= timeout <= FOR_EVER else min(max(0.0, timeout), FOR_EVER)
            if self._come.acquire(True, within):
                # For whoever else waits.
                self._come.release()
            elif self._value is PENDING:
                raise AskTimeout(f"no answer within {timeout:g} s")
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value
