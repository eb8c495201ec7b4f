"""The state of one ship."""

from __future__ import annotations

from typing import Literal

import msgspec

FlightMode = Literal["CRUISE", "BURN", "DRIFT", "STEALTH"]


class Fitting(msgspec.Struct):
    """A frame, reactor or engine and how worn it is (1 is new)."""

    symbol: str
    condition: float = 1.0
    integrity: float = 1.0


class Nav(msgspec.Struct):
    """Where a ship is or goes; in transit the waypoint is already the destination."""

    waypoint: str
    origin: str
    departure: float
    arrival: float
    docked: bool
    mode: FlightMode = "CRUISE"


class Ship(msgspec.Struct):
    """A ship; its fuel and cargo are in units, its cooldown ends at a game time."""

    symbol: str
    agent: str
    type: str
    role: str
    faction: str
    nav: Nav
    frame: Fitting
    reactor: Fitting
    engine: Fitting
    modules: list[str]
    mounts: list[str]
    crew_required: int
    crew_capacity: int
    capacity: int
    """Units of cargo that the hold takes."""

    fuel_capacity: int
    fuel: int
    burnt: int = 0
    """Fuel that the last trip took."""

    burnt_at: float = 0.0
    cargo: dict[str, int] = {}
    cooldown: int = 0
    """Length of the last cooldown in seconds."""

    cool_at: float = 0.0

    @property
    def load(self) -> int:
        """Units in the hold."""
        return sum(self.cargo.values())

    @property
    def overdrawn(self) -> bool:
        """Whether a race has left less than nothing of a good."""
        return bool(self.cargo) and min(self.cargo.values()) < 0

    def flying(self, now: float) -> bool:
        """Whether the ship is in transit."""
        return now < self.nav.arrival

    def status(self, now: float) -> str:
        """Tell the navigation status as the API names it."""
        if now < self.nav.arrival:
            return "IN_TRANSIT"
        return "DOCKED" if self.nav.docked else "IN_ORBIT"

    def put(self, good: str, units: int) -> None:
        """Add cargo; the caller has checked that it fits."""
        total = self.cargo.get(good, 0) + units
        if total:
            self.cargo[good] = total
        else:
            # What was below zero is level again.
            del self.cargo[good]

    def take(self, good: str, units: int) -> None:
        """Remove cargo; an emptied good disappears. The caller has checked that it is there."""
        left = self.cargo[good] - units
        if left:
            self.cargo[good] = left
        else:
            del self.cargo[good]
