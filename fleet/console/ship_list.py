"""The ships as a table of text, for `fleet ships`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.look import LABEL, NAME, QUIET
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


def ship_list(ships: Sequence[ShipStatus]) -> Table:
    """List ships in the order given."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style=LABEL)
    for head in ("Ship", "Role", "Behaviour", "Doing", "State", "Place", "Arrives"):
        table.add_column(head, no_wrap=True, justify="right" if head == "Arrives" else "left")
    for head in ("Fuel", "Cargo", "Income"):
        table.add_column(head, no_wrap=True, justify="right")
    for ship in ships:
        table.add_row(*_cells(ship))
    return table


def _cells(ship: ShipStatus) -> list[Text]:
    return [
        Text(figures.plain(ship.symbol), NAME),
        Text(figures.plain(ship.role).lower()),
        Text(figures.plain(ship.behaviour)),
        Text(figures.plain(ship.doing), QUIET),
        Text(figures.plain(ship.nav).lower().replace("_", " ")),
        Text(figures.plain(ship.waypoint)),
        Text("" if ship.arrives_in is None else figures.seconds(ship.arrives_in)),
        Text(f"{ship.fuel}/{ship.fuel_capacity}" if ship.fuel_capacity else "-"),
        Text(f"{ship.cargo}/{ship.cargo_capacity}" if ship.cargo_capacity else "-"),
        income(ship.income),
    ]
