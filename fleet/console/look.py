"""Colours and frames that all parts of the console share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

LABEL = "grey62"
VALUE = "bold"
QUIET = "bright_black"
GOOD = "green"
WARN = "yellow"
BAD = "bold red"
NAME = "cyan"

LEVELS = {
    "debug": (" ", QUIET),
    "info": (" ", ""),
    "warning": ("!", WARN),
    "error": ("✗", "red"),
    "critical": ("✗", BAD),
}
"""Mark and colour of each level of the supervision log."""


def frame(content: RenderableType, title: str, *, height: int, note: str | Text = "") -> Panel:
    """Put a part into its frame, `height` lines with both borders."""
    return Panel(
        content,
        title=Text(title, "bold cyan"),
        title_align="left",
        subtitle=note if len(note) else None,
        subtitle_align="right",
        border_style="grey37",
        box=box.ROUNDED,
        padding=(0, 1),
        height=height,
    )


def columns(*justify: str) -> Table:
    """Start a table without lines; `l` and `r` columns share the width that is there."""
    table = Table.grid(padding=(0, 1), expand=True)
    for one in justify:
        table.add_column(justify="right" if one == "r" else "left", no_wrap=True)
    return table


def fitting(needed: Mapping[str, int], dispensable: Sequence[str], width: int) -> list[str]:
    """Choose the columns that have room for what they need; `dispensable`, least needed first."""
    gap = 2
    chosen = set(needed) - set(dispensable)
    taken = sum(needed[head] + gap for head in chosen) - gap
    for head in reversed(dispensable):
        if taken + gap + needed[head] <= width:
            chosen.add(head)
            taken += gap + needed[head]
    return [head for head in needed if head in chosen]


def alarm(count: int, *, style: str = BAD) -> str:
    """Choose the style of a count that should be 0."""
    return style if count else VALUE
