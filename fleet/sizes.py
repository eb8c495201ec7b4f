"""Sizes in bytes as people write them: `500000`, `64KiB`, `16MiB`."""

from __future__ import annotations

import re

UNITS = {"gib": 1 << 30, "mib": 1 << 20, "kib": 1 << 10, "gb": 10**9, "mb": 10**6, "kb": 10**3}
"""Bytes in each unit."""

FORMS = "500000, 64KiB or 16MiB"
"""Examples for messages."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]i?b|b)?")


def parse_size(text: str) -> int:
    """Read a size in bytes. Raises ValueError."""
    read = _SIZE.fullmatch(text.strip().lower())
    if read is None:
        raise ValueError(f"'{text}' is not a size such as {FORMS}")
    return round(float(read[1]) * UNITS.get(read[2] or "b", 1))


def show_size(size: int) -> str:
    """Write a size with the largest binary unit that leaves a number from 1 on."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} B"
