"""Writes times as the API and HTTP do, remembering the last day: most stamps share one."""

from __future__ import annotations

import math
from datetime import UTC, datetime

DAY = 86_400
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Stamps:
    """Writes times; used from one thread."""

    def __init__(self) -> None:
        self._day = -1
        self._iso = ""
        self._http = ""

    def iso(self, time: float) -> str:
        """Write a time as `2026-07-04T13:00:00.123Z`, cut to milliseconds."""
        # A microsecond is forgiven: floats of this size can't name every millisecond exactly.
        thousandths = math.floor(time * 1000 + 0.001)
        whole, rest = divmod(thousandths, 1000)
        seconds = self._within_day(whole)
        minutes, second = divmod(seconds, 60)
        return f"{self._iso}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{rest:03d}Z"

    def http(self, time: float) -> str:
        """Write a time as `Sat, 04 Jul 2026 13:00:00 GMT`."""
        minutes, second = divmod(self._within_day(math.floor(time)), 60)
        return f"{self._http} {minutes // 60:02d}:{minutes % 60:02d}:{second:02d} GMT"

    def _within_day(self, whole: int) -> int:
        day, seconds = divmod(whole, DAY)
        if day != self._day:
            self._day = day
            at = datetime.fromtimestamp(day * DAY, UTC)
            self._iso = f"{at:%Y-%m-%d}"
            month = MONTHS[at.month - 1]
            self._http = f"{WEEKDAYS[at.weekday()]}, {at:%d} {month} {at.year}"
        return seconds
