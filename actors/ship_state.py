"""What a ship is, kept current from every reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.fleet import Craft
from fleet.protocol.wire.replies import (
    Delivered,
    Extracted,
    Hold,
    Moved,
    Navigated,
    Refuelled,
    Siphoned,
    Surveyed,
    Traded,
)
from fleet.protocol.wire.ship import Cargo, Cooldown, Fuel, Ship

# The fitted game clock may run ahead of the server's by its error: a request that comes a
# little early is refused and costs a request, one that comes a little late costs nothing.
ARRIVAL_SLACK = 0.2


class ShipState:
    """One ship as its actor knows it; used in that actor's thread only."""

    def __init__(self, wire: Ship, now: Callable[[], GameTime]) -> None:
        self.wire = wire
        self._now = now

    @property
    def present(self) -> Ship:
        """The ship as it is now: one whose flight is over is in orbit, whatever was last read."""
        if self.wire.nav.status != "IN_TRANSIT" or self.in_transit:
            return self.wire
        return replace(self.wire, nav=replace(self.wire.nav, status="IN_ORBIT"))

    @property
    def symbol(self) -> str:
        """The ship's symbol."""
        return self.wire.symbol

    @property
    def role(self) -> str:
        """The role it was registered with."""
        return self.wire.registration.role

    @property
    def at(self) -> str:
        """The waypoint where it is, or where it will arrive."""
        return self.wire.nav.waypoint_symbol

    @property
    def arrival(self) -> GameTime:
        """When the current flight ends, with a little slack; long past when there is none."""
        return GameTime(from_iso(self.wire.nav.route.arrival) + ARRIVAL_SLACK)

    @property
    def in_transit(self) -> bool:
        """Whether it flies."""
        return self.wire.nav.status == "IN_TRANSIT" and self._now() < self.arrival

    @property
    def docked(self) -> bool:
        """Whether it is docked."""
        return self.wire.nav.status == "DOCKED"

    @property
    def flight_mode(self) -> str:
        """The mode of the next flight."""
        return self.wire.nav.flight_mode

    @property
    def cargo(self) -> Cargo:
        """The hold."""
        return self.wire.cargo

    @property
    def fuel(self) -> Fuel:
        """The tank."""
        return self.wire.fuel

    @property
    def cooldown_until(self) -> GameTime:
        """When it may act again, with a little slack; 0 when it may now."""
        end = self.wire.cooldown.expiration
        return GameTime(from_iso(end) + ARRIVAL_SLACK) if end else GameTime(0.0)

    @property
    def craft(self) -> Craft:
        """What routing and trading must know about it."""
        return Craft(
            symbol=self.symbol,
            at=self.at,
            fuel=self.fuel.current,
            fuel_capacity=self.fuel.capacity,
            speed=self.wire.engine.speed,
            cargo_free=self.cargo.free,
        )

    def now(self) -> GameTime:
        """Tell game time."""
        return self._now()

    def mounts(self, kind: str) -> int:
        """Count mounts whose symbol starts with `MOUNT_<kind>`."""
        return sum(mount.symbol.startswith(f"MOUNT_{kind}") for mount in self.wire.mounts)

    def strength(self, kind: str) -> int:
        """Add up the strength of the mounts of a kind."""
        start = f"MOUNT_{kind}"
        return sum(mount.strength for mount in self.wire.mounts if mount.symbol.startswith(start))

    def apply(self, reply: Any) -> None:
        """Take over what a reply says about the ship."""
        match reply:
            case Ship():
                if reply.symbol == self.symbol:
                    self.wire = reply
            case Moved(nav=nav):
                self.wire = replace(self.wire, nav=nav)
            case Navigated(nav=nav, fuel=fuel):
                self.wire = replace(self.wire, nav=nav, fuel=fuel)
            case Refuelled(fuel=fuel, cargo=cargo):
                self.wire = replace(self.wire, fuel=fuel, cargo=cargo or self.cargo)
            case Extracted(cooldown=cooldown, cargo=hold) | Siphoned(cooldown=cooldown, cargo=hold):
                self.wire = replace(self.wire, cooldown=cooldown, cargo=hold)
            case Surveyed(cooldown=cooldown):
                self.wire = replace(self.wire, cooldown=cooldown)
            case Traded(cargo=hold) | Hold(cargo=hold) | Delivered(cargo=hold):
                self.wire = replace(self.wire, cargo=hold)
            case _:
                pass

    def apply_cooldown(self, cooldown: Cooldown) -> None:
        """Take over a cooldown that a refusal told of."""
        self.wire = replace(self.wire, cooldown=cooldown)
