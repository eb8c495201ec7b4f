"""The rows that the database keeps of a ship."""

from __future__ import annotations

import msgspec

from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.rows import Delete, Row, Upsert
from fleet.protocol.tasks import AnyTask, dump, name_of
from fleet.protocol.wire.ship import Ship


def ship_rows(ship: Ship, before: Ship | None) -> list[Row]:
    """Make the ship's row and those of its cargo; what left the hold is deleted."""
    rows: list[Row] = [Upsert("ships", (ship.symbol,), _values(ship))]
    held = {item.symbol: item.units for item in ship.cargo.inventory}
    gone = {item.symbol for item in before.cargo.inventory} - held.keys() if before else set()
    rows += [Upsert("ship_cargo", (ship.symbol, good), {"units": n}) for good, n in held.items()]
    rows += [Delete("ship_cargo", (ship.symbol, good)) for good in sorted(gone)]
    return rows


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
        "body": msgspec.to_builtins(ship),
    }
