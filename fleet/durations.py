"""Durations as people write them: `90`, `90s`, `2h`, `1h30m`."""

from __future__ import annotations

import math
import re

UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
"""Seconds in each unit, largest first."""

FORMS = "90, 90s, 1.5h or 1h30m"
"""Examples for messages."""

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|d|h|m|s)")


def parse_duration(text: str) -> float:
    """Read a duration in seconds; a bare number is seconds. Raises ValueError.

    Units are d, h, m, s and ms; several are written largest first, each once.
    """
    given = text.strip().lower()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", given):
        return float(given)
    parts = _PART.findall(given)
    units = [unit for _, unit in parts]
    written = "".join(number + unit for number, unit in parts)
    if not parts or written != re.sub(r"\s+", "", given):
        raise ValueError(f"'{text}' is not a duration such as {FORMS}")
    if units != [unit for unit in UNITS if unit in units]:
        raise ValueError(f"'{text}' is not a duration such as {FORMS}")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def show_duration(seconds: float) -> str:
    """Write a duration with its two largest units: `45s`, `12m 05s`, `3h 10m`, `2d 04h`."""
    if not math.isfinite(seconds):
        return "-"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3_600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3_600}h {whole % 3_600 // 60:02d}m"
    return f"{whole // 86_400}d {whole % 86_400 // 3_600:02d}h"
