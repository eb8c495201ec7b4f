"""The supervision log in memory, for tests and for runs in virtual time."""

from __future__ import annotations

import threading
from typing import Any


class MemoryEventLog:
    """Keeps every event as a dict; `wait_for` wakes as soon as the wanted one comes."""

    def __init__(self) -> None:
        """Start empty."""
        self._changed = threading.Condition()
        self._records: list[dict[str, Any]] = []

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Keep an event. Callable from any thread."""
        with self._changed:
            self._records.append({"event": event, "level": level, "text": text, **fields})
            self._changed.notify_all()

    def records(self, event: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """List the events so far, or those of one name with these fields, in order."""
        with self._changed:
            return [record for record in self._records if _matches(record, event, fields)]

    def wait_for(
        self, event: str, timeout: float = 30.0, *, times: int = 1, **fields: Any
    ) -> dict[str, Any] | None:
        """Wait until the event with these fields has come so many times, in seconds.

        Returns that record, also if it came before the call; None when the time is over.
        """
        with self._changed:
            came = self._changed.wait_for(
                lambda: len(self.records(event, **fields)) >= times, timeout
            )
            return self.records(event, **fields)[times - 1] if came else None


def _matches(record: dict[str, Any], event: str | None, fields: dict[str, Any]) -> bool:
    if event is not None and record["event"] != event:
        return False
    return all(key in record and record[key] == value for key, value in fields.items())
