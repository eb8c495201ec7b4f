"""The ships, as many as there is room for; all of them in turn where there is not enough."""

from __future__ import annotations

from collections.abc import Sequence

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.charts import bar
from fleet.console.look import GOOD, LABEL, NAME, QUIET, WARN, frame
from fleet.console.panels import BORDERS, income
from fleet.status import ShipStatus

PAGE_SECONDS = 8
"""Wall seconds that each part of a long list stays."""


HEADS = {
    "Ship": 0,
    "Role": 132,
    "Behaviour": 0,
    "Doing": 0,
    "  Place": 0,
    "": 0,
    "Fuel": 118,
    "Cargo": 118,
    "Income": 0,
}
"""Columns, and the width of the frame from which on there is room for each."""


def ship_order(ship: ShipStatus) -> tuple[int, str]:
    """Order ships as the server numbers them: `A-9` before `A-10`."""
    return len(ship.symbol), ship.symbol


def ship_table(ships: Sequence[ShipStatus], uptime_s: float, width: int, height: int) -> Panel:
    """Show a page of ships; which one follows from the time alone."""
    room = max(1, height - BORDERS - 1)
    ordered = sorted(ships, key=ship_order)
    pages = max(1, -(-len(ordered) // room))
    page = int(uptime_s // PAGE_SECONDS) % pages
    # The last page is as full as the others, so that nothing jumps.
    first = max(0, min(page * room, len(ordered) - room))
    shown = ordered[first : first + room]
    heads = [head for head, from_width in HEADS.items() if width >= from_width]
    table = _empty(heads)
    for ship in shown:
        cells = _cells(ship)
        table.add_row(*(cells[head] for head in heads))
    note = f"{first + 1}-{first + len(shown)} of {len(ordered)}" if pages > 1 else ""
    title = figures.count_of(len(ordered), "ship")
    return frame(table, title, height=height, note=Text(note, LABEL))


def _empty(heads: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    for head in heads:
        table.add_column(
            justify="right" if head in ("", "Income") else "left",
            no_wrap=True,
            ratio=1 if head == "Doing" else None,
            overflow="ellipsis",
        )
    table.add_row(*(Text(head, LABEL) for head in heads))
    return table


def _cells(ship: ShipStatus) -> dict[str, Text]:
    return {
        "Ship": Text(figures.plain(ship.symbol), NAME),
        "Role": Text(figures.plain(ship.role).capitalize(), LABEL),
        "Behaviour": Text(figures.plain(ship.behaviour)),
        "Doing": Text(figures.plain(ship.doing), LABEL),
        "  Place": Text(("  " if ship.arrives_in is None else "→ ") + figures.plain(ship.waypoint)),
        "": Text("" if ship.arrives_in is None else figures.seconds(ship.arrives_in), QUIET),
        "Fuel": gauge(ship.fuel, ship.fuel_capacity, low=True),
        "Cargo": gauge(ship.cargo, ship.cargo_capacity),
        "Income": income(ship.income),
    }


def gauge(value: int, capacity: int, *, low: bool = False) -> Text:
    """Show how full something is; nothing for what holds nothing."""
    if not capacity:
        return Text("")
    style = WARN if low and value < capacity / 4 else GOOD if low else NAME
    return bar(value / capacity, 5, style).append(f"{value:>5}", LABEL)
