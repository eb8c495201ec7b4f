"""One system with everything that is in it."""

from __future__ import annotations

import hashlib

import msgspec

from fleet.simulator.world.market import Market, Shipyard
from fleet.simulator.world.place import Construction, Gate, System, Waypoint


class Region(msgspec.Struct):
    """The parts of a system, by symbol; equal parts have equal digests."""

    system: System
    waypoints: dict[str, Waypoint] = {}
    markets: dict[str, Market] = {}
    shipyards: dict[str, Shipyard] = {}
    gates: dict[str, Gate] = {}
    constructions: dict[str, Construction] = {}

    def digest(self) -> bytes:
        """Digest the region's state."""
        return hashlib.blake2b(msgspec.msgpack.encode(self), digest_size=16).digest()
