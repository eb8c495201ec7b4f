"""The rows that the database keeps of a ship."""

from __future__ import annotations

from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.rows import Delete, Row, Rows, Upsert
from fleet.protocol.tasks import AnyTask, dump, name_of
from fleet.protocol.wire.ship import Part, Ship


def news_of(ship: Ship, stored: Ship | None) -> Row | Rows | None:
    """Bundle the rows of a ship that is not as it was stored; None where there are none."""
    if ship is stored:
        return None
    rows = ship_rows(ship, stored)
    return Rows(tuple(rows)) if len(rows) > 1 else rows[0]


def ship_rows(ship: Ship, before: Ship | None) -> list[Row]:
    """Make the rows of the ship, its cargo and its parts; what it has no more is deleted.

    What a reply did not tell of is the same object as before, and is left out. A ship that was
    read as a whole is written as a whole: nobody knows what has happened to it meanwhile.
    """
    rows: list[Row] = [Upsert("ships", (ship.symbol,), _values(ship))]
    whole = before is None or ship.registration is not before.registration
    if whole and (before is None or parts_of(ship) != parts_of(before)):
        rows += _part_rows(ship, before)
    if whole or before is None or ship.cargo is not before.cargo:
        rows += _cargo_rows(ship, before, whole=whole)
    return rows


def _cargo_rows(ship: Ship, before: Ship | None, *, whole: bool) -> list[Row]:
    held = {item.symbol: item.units for item in ship.cargo.inventory}
    old = {item.symbol: item.units for item in before.cargo.inventory} if before else {}
    rows: list[Row] = [
        Upsert("ship_cargo", (ship.symbol, good), {"units": units})
        for good, units in held.items()
        if whole or old.get(good) != units
    ]
    return rows + [Delete("ship_cargo", (ship.symbol, good)) for good in sorted(old.keys() - held)]


def parts_of(ship: Ship) -> dict[str, Part]:
    """Name the ship's parts by the slot that they are in."""
    single = {"frame": ship.frame, "engine": ship.engine, "reactor": getattr(ship, "reactor", None)}
    return {
        **{slot: part for slot, part in single.items() if part is not None},
        **{f"module {place}": part for place, part in enumerate(ship.modules, 1)},
        **{f"mount {place}": part for place, part in enumerate(ship.mounts, 1)},
    }


def _part_rows(ship: Ship, before: Ship | None) -> list[Row]:
    parts, old = parts_of(ship), parts_of(before) if before else {}
    gone = sorted(old.keys() - parts.keys())
    return [
        *(Upsert("ship_parts", (ship.symbol, slot), _part(part)) for slot, part in parts.items()),
        *(Delete("ship_parts", (ship.symbol, slot)) for slot in gone),
    ]


def _part(part: Part) -> dict[str, object]:
    # Not every kind of part has every property, and servers leave some out.
    return {
        "symbol": part.symbol,
        "strength": getattr(part, "strength", 0) or 0,
        "capacity": getattr(part, "capacity", 0) or 0,
        "condition": getattr(part, "condition", None),
        "integrity": getattr(part, "integrity", None),
    }


def assignment_row(ship: str, task: AnyTask, at: GameTime) -> Upsert:
    """Make the row of what a ship is for."""
    values = {
        "behaviour": name_of(task),
        "task": dump(task),
        "version": task.version,
        "updated_at": at,
    }
    return Upsert("assignments", (ship,), values)


def _values(ship: Ship) -> dict[str, object]:
    nav, cooldown = ship.nav, ship.cooldown.expiration
    return {
        "role": ship.registration.role,
        "frame": ship.frame.symbol,
        "nav_status": nav.status,
        "system": nav.system_symbol,
        "waypoint": nav.waypoint_symbol,
        "flight_mode": nav.flight_mode,
        "arrival": from_iso(nav.route.arrival),
        "fuel": ship.fuel.current,
        "fuel_capacity": ship.fuel.capacity,
        "cooldown_expiration": from_iso(cooldown) if cooldown else None,
        "cargo_units": ship.cargo.units,
        "cargo_capacity": ship.cargo.capacity,
        "engine_speed": ship.engine.speed,
        "price_paid": None,
        "origin": nav.route.origin.symbol,
        "departure": from_iso(nav.route.departure_time),
    }
