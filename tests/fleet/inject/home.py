"""A ship that stands still."""

from __future__ import annotations

import msgspec

from fleet.protocol.wire.ship import Ship


def ship_at_home() -> Ship:
    there = {"symbol": "X1-T-A", "type": "PLANET", "systemSymbol": "X1-T", "x": 0, "y": 0}
    past = "2020-01-01T00:00:00Z"
    route = {"origin": there, "destination": there, "departureTime": past, "arrival": past}
    nav = {"systemSymbol": "X1-T", "waypointSymbol": "X1-T-A", "route": route}
    plain = {
        "symbol": "A-1",
        "registration": {"name": "A-1", "role": "HAULER", "factionSymbol": "COSMIC"},
        "nav": {**nav, "status": "IN_ORBIT", "flightMode": "CRUISE"},
        "fuel": {"current": 1, "capacity": 10},
        "cargo": {"capacity": 10, "units": 0},
        "cooldown": {},
        "engine": {"symbol": "ENGINE_IMPULSE_DRIVE_I", "speed": 3},
        "frame": {"symbol": "FRAME_HAULER"},
    }
    return msgspec.convert(plain, Ship)
