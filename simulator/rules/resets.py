"""When the universe is reset, and which date it bears afterwards."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

RESET_HOUR = 13
SATURDAY = 5
DAY = 86_400


def next_reset_time(created: float, days: int) -> float:
    """Tell when a world would be reset: on a weekend at 13:00 UTC (official)."""
    day = datetime.fromtimestamp(created, UTC) + timedelta(days=days)
    day += timedelta(days=(SATURDAY - day.weekday()) % 7)
    return day.replace(hour=RESET_HOUR, minute=0, second=0, microsecond=0).timestamp()


def coming_reset(created: float, days: int, now: float) -> float:
    """Tell when the next reset would be, as a status page that nobody follows goes on saying."""
    at = next_reset_time(created, days)
    missed = max(0, math.floor((now - at) / (days * DAY)) + 1) if now >= at else 0
    return at + missed * days * DAY


def new_reset_date(before: str, now: float) -> str:
    """Name the day of a reset; a second one on the same day takes the next day's name.

    Tokens are told apart by this date alone, so it must change.
    """
    today = datetime.fromtimestamp(now, UTC).date()
    after = datetime.fromisoformat(before).date() + timedelta(days=1)
    return max(today, after).isoformat()
