"""What operations take in their bodies."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.words import FlightMode


class Body(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A body; what is None is left out."""


class Registering(Body, frozen=True, kw_only=True):
    """Who registers, and with whom."""

    symbol: str
    faction: str


class Destination(Body, frozen=True, kw_only=True):
    """Where to fly, warp or jump."""

    waypoint_symbol: str


class NavChange(Body, frozen=True, kw_only=True):
    """How to fly."""

    flight_mode: FlightMode | None = None


class Goods(Body, frozen=True, kw_only=True):
    """A good and its units."""

    symbol: str
    units: int


class Handover(Body, frozen=True, kw_only=True):
    """A good, its units, and the ship that delivers it."""

    ship_symbol: str
    trade_symbol: str
    units: int


class Transfer(Body, frozen=True, kw_only=True):
    """A good, its units, and the ship that gets it."""

    trade_symbol: str
    units: int
    ship_symbol: str


class Refuelling(Body, frozen=True, kw_only=True):
    """How many units of the tank to fill, and whether from the hold; nothing fills it up."""

    units: int | None = None
    from_cargo: bool | None = None


class ShipOrder(Body, frozen=True, kw_only=True):
    """Which ship to buy where."""

    ship_type: str
    waypoint_symbol: str


class Fitting(Body, frozen=True, kw_only=True):
    """Which mount or module."""

    symbol: str


class Refining(Body, frozen=True, kw_only=True):
    """What to make."""

    produce: str
