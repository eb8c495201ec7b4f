"""The live tree of actors: state, restarts, mailbox and the last event of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.look import BAD, GOOD, LABEL, LEVELS, NAME, QUIET, VALUE, WARN

STATES = {
    "running": ("●", GOOD),
    "busy": ("●", NAME),
    "down": ("○", WARN),
    "resting": ("◌", BAD),
}
"""Mark and colour of each state; others are as bad as resting."""

FEW = 12
"""Children of one supervisor that are all shown; of more, those in good order are counted."""

Row = Mapping[str, Any]


def tree_table(rows: Sequence[Row], *, everyone: bool = False) -> Table:
    """Draw the rows that the runtime gave, parents first; who is in no trouble may be summed up."""
    table = Table(box=None, pad_edge=False, header_style=LABEL, expand=True)
    table.add_column("Actor", no_wrap=True)
    table.add_column("State", no_wrap=True)
    for head in ("Restarts", "Mailbox", "Oldest", "Handled", "CPU"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("Last event", no_wrap=True, overflow="ellipsis", ratio=1)
    children: dict[str, list[Row]] = {}
    for row in rows:
        children.setdefault(row["parent"], []).append(row)
    roots = children.get("", [])
    for row in roots:
        _add(table, row, children, ("", ""), everyone)
    return table


def _add(
    table: Table,
    row: Row,
    children: Mapping[str, list[Row]],
    stems: tuple[str, str],
    everyone: bool,
) -> None:
    """Add one actor and all below it; `stems` begin its own line and those of its children."""
    own, below = stems
    mark, style = STATES.get(row["state"], ("◌", BAD))
    name = row["path"] if not row["parent"] else figures.actor_name(row["path"])
    table.add_row(
        Text.assemble((own, QUIET), (f"{mark} ", style), (name, NAME)),
        _state(row, style),
        _count(row["restarts"], WARN),
        _count(row["mailbox"], VALUE),
        Text(figures.seconds(row["oldest"]) if row["oldest"] else "", WARN),
        Text(figures.short(row["handled"])),
        Text(figures.seconds(row["cpu"]) if row["cpu"] else ""),
        _event(row),
    )
    mine = children.get(row["path"], [])
    shown = mine if everyone or len(mine) <= FEW else [one for one in mine if in_trouble(one)]
    left = len(mine) - len(shown)
    for number, child in enumerate(shown):
        last = number == len(shown) - 1 and not left
        stem = (f"{below}{'└─' if last else '├─'}", f"{below}{'  ' if last else '│ '}")
        _add(table, child, children, stem, everyone)
    if left:
        more = "more " if shown else ""
        table.add_row(Text.assemble((f"{below}└─", QUIET), (f"{left} {more}in order", LABEL)))


def in_trouble(row: Row) -> bool:
    """Whether there is something to say about an actor."""
    return row["state"] not in ("running", "busy") or row["restarts"] > 0 or row["oldest"] >= 1


def _state(row: Row, style: str) -> Text:
    if row["state"] == "busy":
        busy = f"{row['busy']} {figures.seconds(row['busy_for'])}"
        return Text(figures.plain(busy), style if row["busy_for"] < 1 else WARN)
    return Text(row["state"], style)


def _count(value: int, style: str) -> Text:
    return Text(figures.short(value), style if value else QUIET)


def _event(row: Row) -> Text:
    if not row["event"]:
        return Text("")
    _, style = LEVELS.get(row["event_level"], (" ", ""))
    text = Text.assemble((f"{figures.clock_time(row['event_at'])} ", QUIET), (row["event"], style))
    said = figures.plain(row["event_text"])
    return text.append(f"  {said}", LABEL) if said else text
