"""The ships as a table of text, for `fleet ships`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.look import LABEL, NAME, QUIET, fitting
from fleet.console.panels import income
from fleet.console.ship_table import ship_order
from fleet.status import ShipStatus

Key = Callable[[ShipStatus], Any]

KEYS: dict[str, Key] = {
    "symbol": ship_order,
    "role": lambda ship: ship.role,
    "behaviour": lambda ship: ship.behaviour,
    "place": lambda ship: ship.waypoint,
    "arrival": lambda ship: float("inf") if ship.arrives_in is None else ship.arrives_in,
    "fuel": lambda ship: ship.fuel,
    "cargo": lambda ship: -ship.cargo,
    "income": lambda ship: -ship.income,
}
"""What ships can be sorted by: names from A on, the soonest, the emptiest tank, the richest."""


def sort_ships(ships: Sequence[ShipStatus], key: str, *, reverse: bool = False) -> list[ShipStatus]:
    """Sort by one of KEYS; equal ones stand by symbol."""
    ordered = sorted(ships, key=ship_order)
    return sorted(ordered, key=KEYS[key], reverse=reverse)


HEADS = (
    "Ship", "Role", "Behaviour", "Doing", "State", "Place", "Arrives", "Fuel", "Cargo", "Income"
)  # fmt: skip
FIGURES = frozenset({"Arrives", "Fuel", "Cargo", "Income"})
DISPENSABLE = ("Role", "State", "Arrives", "Cargo", "Fuel", "Behaviour", "Place")
"""Columns that are left out where there is no room for all, the first ones first."""

DOING = 16
"""Characters that are left of what a ship does, at least; it alone is cut short."""


def ship_list(ships: Sequence[ShipStatus], width: int) -> Table:
    """List ships in the order given, in a width of characters: no symbol or figure is cut."""
    rows = [dict(zip(HEADS, _cells(ship), strict=True)) for ship in ships]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style=LABEL)
    heads = fitting(_needed(rows), DISPENSABLE, width)
    for head in heads:
        side: Literal["left", "right"] = "right" if head in FIGURES else "left"
        table.add_column(head, no_wrap=head != "Doing", justify=side)
    for row in rows:
        table.add_row(*(row[head] for head in heads))
    return table


def _needed(rows: Sequence[Mapping[str, Text]]) -> dict[str, int]:
    needed = {head: max([len(head), *(row[head].cell_len for row in rows)]) for head in HEADS}
    return needed | {"Doing": min(needed["Doing"], DOING)}


def _cells(ship: ShipStatus) -> list[Text]:
    return [
        Text(figures.plain(ship.symbol), NAME),
        Text(figures.plain(ship.role).lower()),
        Text(figures.plain(ship.behaviour)),
        Text(figures.plain(ship.doing), QUIET, no_wrap=True, overflow="ellipsis"),
        Text(figures.plain(ship.nav).lower().replace("_", " ")),
        Text(figures.plain(ship.waypoint)),
        Text("" if ship.arrives_in is None else figures.seconds(ship.arrives_in)),
        Text(f"{ship.fuel}/{ship.fuel_capacity}" if ship.fuel_capacity else "-"),
        Text(f"{ship.cargo}/{ship.cargo_capacity}" if ship.cargo_capacity else "-"),
        income(ship.income),
    ]
