"""Bars and curves made of characters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rich.text import Text

BLOCKS = " ▁▂▃▄▅▆▇█"
"""Eighths of a character, from below."""


def bar(share: float, width: int, style: str) -> Text:
    """Draw a part of a whole as a line; what goes beyond the whole is cut."""
    filled = round(max(0.0, min(1.0, share)) * width * 2)
    full, half = divmod(filled, 2)
    text = Text(no_wrap=True)
    text.append("━" * full + "╸" * half, style)
    text.append("━" * (width - full - half), "bright_black")
    return text


def curve(values: Sequence[float], width: int, height: int) -> list[str]:
    """Draw values as a curve of so many lines, the lowest at the bottom; newest at the right."""
    if not values or width < 1 or height < 1:
        return [" " * max(0, width)] * max(0, height)
    columns = resample(values, width)
    low, high = min(columns), max(columns)
    span = (high - low) or 1.0
    # The lowest value still shows one eighth, so that a flat line can be seen.
    levels = [1 + round((value - low) / span * (height * 8 - 1)) for value in columns]
    return [
        "".join(BLOCKS[max(0, min(8, level - row * 8))] for level in levels)
        for row in reversed(range(height))
    ]


def resample(values: Sequence[float], width: int) -> list[float]:
    """Bring values to a number of columns: means of them, or each of them several times."""
    if len(values) <= width:
        return [values[column * len(values) // width] for column in range(width)]
    edges = [column * len(values) // width for column in range(width + 1)]
    parts = [values[start:end] for start, end in itertools.pairwise(edges)]
    return [sum(part) / len(part) for part in parts]
