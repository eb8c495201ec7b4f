"""What the writer is told of a ship: what has changed, or all of it when it was read anew."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fleet.actors.ship_rows import news_of, ship_rows
from fleet.protocol.rows import Delete, Rows, Upsert
from fleet.protocol.wire.ship import Cargo, CargoItem, Registration, Ship


@pytest.fixture
def ship(snapshot: Any) -> Ship:
    (frigate,) = snapshot.ships
    return holding(frigate, ORE=5, ICE=3)


def holding(ship: Ship, **goods: int) -> Ship:
    items = tuple(CargoItem(symbol=good, units=units) for good, units in goods.items())
    cargo = Cargo(capacity=40, units=sum(goods.values()), inventory=items)
    return replace(ship, cargo=cargo)


def keys(rows: list[Any]) -> list[tuple[type, str, str]]:
    return [(type(row), row.table, row.key[-1]) for row in rows]


def test_a_ship_that_is_as_it_was_written_has_no_news(ship: Ship) -> None:
    assert news_of(ship, ship) is None


def test_a_ship_that_was_never_written_is_written_with_all_it_has(ship: Ship) -> None:
    told = news_of(ship, None)
    assert isinstance(told, Rows)
    assert {row.table for row in told.rows} == {"ships", "ship_parts", "ship_cargo"}


def test_what_only_flies_has_its_own_row_only(ship: Ship) -> None:
    flown = replace(ship, nav=replace(ship.nav, status="IN_ORBIT"))
    told = news_of(flown, ship)
    assert isinstance(told, Upsert)
    assert (told.table, told.values["nav_status"]) == ("ships", "IN_ORBIT")


def test_only_goods_whose_units_have_changed_have_rows(ship: Ship) -> None:
    symbol = ship.symbol
    rows = ship_rows(holding(ship, ORE=7, ICE=3), ship)
    assert keys(rows) == [(Upsert, "ships", symbol), (Upsert, "ship_cargo", "ORE")]
    rows = ship_rows(holding(ship, ICE=3), ship)
    assert keys(rows) == [(Upsert, "ships", symbol), (Delete, "ship_cargo", "ORE")]


def test_a_ship_that_was_read_anew_has_all_its_goods_written(ship: Ship) -> None:
    given = ship.registration
    again = Registration(name=given.name, role=given.role, faction_symbol=given.faction_symbol)
    read = replace(holding(ship, ORE=5), registration=again)
    rows = [row for row in ship_rows(read, ship) if row.table == "ship_cargo"]
    assert keys(rows) == [(Upsert, "ship_cargo", "ORE"), (Delete, "ship_cargo", "ICE")]
    assert "ship_parts" not in {row.table for row in ship_rows(read, ship)}
