"""Ways through a system: distances, flight times, and where to fill the tank."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fleet.protocol.fleet import Craft, Hop, NoRoute, Route
from fleet.protocol.wire.place import Waypoint

# Multipliers of the travel time formula (official wiki, confirmed by clients).
MULTIPLIER = {"CRUISE": 25.0, "DRIFT": 250.0, "BURN": 12.5, "STEALTH": 30.0}
# Docking, refuelling and undocking on the way, in game seconds: three requests and their waits.
STOP_SECONDS = 5.0


def distance(one: Waypoint, other: Waypoint) -> float:
    """Euclidean distance."""
    return math.hypot(one.x - other.x, one.y - other.y)


def flight_seconds(length: float, speed: int, mode: str) -> float:
    """Game seconds of one flight; rule `travel time` (official, rounding observed)."""
    return math.floor(_units(length) * MULTIPLIER[mode] / speed + 15 + 0.5)


def flight_fuel(length: float, mode: str) -> int:
    """Units of fuel of one flight; rule `travel fuel` (official)."""
    if mode == "DRIFT":
        return 1
    return _units(length) * (2 if mode == "BURN" else 1)


def _units(length: float) -> int:
    """Round a distance as the server does: halves go up, and no flight is shorter than 1."""
    return max(1, math.floor(length + 0.5))


@dataclass(frozen=True, slots=True)
class _Leg:
    seconds: float
    mode: str
    fuel: int


@dataclass(frozen=True, slots=True)
class _Flight:
    """One flight between two places, for all ships of one speed."""

    cruise: _Leg
    drift: _Leg
    free: _Leg
    """For a ship that needs no fuel."""

    reserve: int
    """Fuel that must be left at the end, to drift away where there is none."""


@dataclass(frozen=True, slots=True)
class _Onward:
    """The way from a fuel station on, with a full tank."""

    seconds: float
    stop: str
    """Where to fly first."""


class Router:
    """Shortest ways in game seconds over the fuel stations of one system.

    The ways from all stations to one goal are the same for every ship of a make, so they are
    remembered. No way ends with an empty tank where there is no fuel: nobody could leave then.
    """

    def __init__(self, waypoints: Mapping[str, Waypoint], fuel_at: Iterable[str]) -> None:
        self._waypoints = waypoints
        self._fuel_at = frozenset(fuel_at) & waypoints.keys()
        self._stations = sorted(self._fuel_at)
        self._seconds: dict[tuple[str, str, int, int], float] = {}
        self._trees: dict[tuple[str, int, int], Mapping[str, _Onward]] = {}
        self._flights: dict[tuple[str, str, int], _Flight] = {}

    @property
    def fuel_at(self) -> frozenset[str]:
        """The known places that sell fuel."""
        return self._fuel_at

    def sells_fuel(self, waypoint: str) -> bool:
        """Whether a tank can be filled there."""
        return waypoint in self._fuel_at

    def plan(self, craft: Craft, to: str) -> Route | NoRoute:
        """Plan the flights from where the craft is, with the fuel that it has."""
        if craft.at not in self._waypoints or to not in self._waypoints:
            return NoRoute(f"the way from {craft.at} to {to} is not known")
        if craft.at == to:
            return Route((), 0.0)
        stop = self._first_stop(craft, to)
        if stop is None:
            return NoRoute(f"{craft.symbol} has not the fuel to leave {craft.at}")
        hops: list[Hop] = []
        at, fuel = craft.at, craft.fuel
        while True:
            hop = self._hop(craft, at, stop, fuel)
            fuel = (craft.fuel_capacity if hop.refuel else fuel) - hop.fuel
            hops.append(hop)
            if stop == to:
                return Route(tuple(hops), sum(hop.seconds for hop in hops))
            at, stop = stop, self._tree(craft, to)[stop].stop

    def seconds(self, craft: Craft, start: str, to: str) -> float:
        """Estimate the game seconds between two places with a full tank at the start."""
        key = (start, to, craft.fuel_capacity, craft.speed)
        if key not in self._seconds:
            self._seconds[key] = self._estimate(craft, start, to)
        return self._seconds[key]

    def least_seconds(self, craft: Craft, start: str, to: str) -> float:
        """Tell what no way between two places falls below: one straight flight at a cruise."""
        if start == to or start not in self._waypoints or to not in self._waypoints:
            return 0.0
        flight = self._flights.get((start, to, craft.speed)) or self._flight(craft, start, to)
        return flight.cruise.seconds

    def _estimate(self, craft: Craft, start: str, to: str) -> float:
        full = replace(craft, at=start, fuel=craft.fuel_capacity)
        route = self.plan(full, to)
        return math.inf if isinstance(route, NoRoute) else route.seconds

    def _first_stop(self, craft: Craft, to: str) -> str | None:
        """Choose where to fly first: right to the goal, or to the best station on the way."""
        fuel = craft.fuel_capacity if self.sells_fuel(craft.at) else craft.fuel
        direct = self._leg(craft, craft.at, to, fuel)
        if direct is not None and direct.mode == "CRUISE":
            # Every stop is a detour, and costs the start of another flight.
            return to
        best, best_seconds = (to, direct.seconds) if direct else (None, math.inf)
        for station, onward in self._tree(craft, to).items():
            beyond = STOP_SECONDS + onward.seconds
            # Most stations are too far off even for a ship that were there already.
            if beyond >= best_seconds or station == craft.at:
                continue
            leg = self._leg(craft, craft.at, station, fuel)
            if leg is not None and leg.seconds + beyond < best_seconds:
                best, best_seconds = station, leg.seconds + beyond
        return best

    def _tree(self, craft: Craft, to: str) -> Mapping[str, _Onward]:
        """Tell the way to a goal from each station (Dijkstra, backwards from the goal)."""
        key = (to, craft.fuel_capacity, craft.speed)
        if key not in self._trees:
            self._trees[key] = self._search(craft, to)
        return self._trees[key]

    def _search(self, craft: Craft, to: str) -> dict[str, _Onward]:
        best: dict[str, _Onward] = {}
        heap: list[tuple[float, str]] = [(0.0, to)]
        while heap:
            seconds, node = heapq.heappop(heap)
            if node != to and seconds > best[node].seconds:
                continue
            beyond = seconds + (STOP_SECONDS if node != to else 0.0)
            for station in self._stations:
                leg = self._leg(craft, station, node, craft.fuel_capacity)
                if station in (node, to) or leg is None:
                    continue
                total = leg.seconds + beyond
                if station not in best or total < best[station].seconds:
                    best[station] = _Onward(total, node)
                    heapq.heappush(heap, (total, station))
        return best

    def _leg(self, craft: Craft, start: str, end: str, fuel: int) -> _Leg | None:
        """Cruise if the fuel lasts, else drift; None if it does not even last for that."""
        flight = self._flights.get((start, end, craft.speed)) or self._flight(craft, start, end)
        if craft.fuel_capacity == 0:
            return flight.free
        left = fuel - flight.reserve
        if flight.cruise.fuel <= left:
            return flight.cruise
        return flight.drift if flight.drift.fuel <= left else None

    def _flight(self, craft: Craft, start: str, end: str) -> _Flight:
        """Work a flight out once: a fleet asks for the same ones thousands of times an hour."""
        length = distance(self._waypoints[start], self._waypoints[end])
        cruise, drift = (
            _Leg(flight_seconds(length, craft.speed, mode), mode, flight_fuel(length, mode))
            for mode in ("CRUISE", "DRIFT")
        )
        reserve = 0 if self.sells_fuel(end) else drift.fuel
        flight = _Flight(cruise, drift, replace(cruise, fuel=0), reserve)
        self._flights[start, end, craft.speed] = flight
        return flight

    def _hop(self, craft: Craft, at: str, to: str, fuel: int) -> Hop:
        """Fill the tank where it can be, if it would not reach a station beyond the hop."""
        leg = self._leg(craft, at, to, fuel)
        beyond = 0 if self.sells_fuel(to) else self._nearest_fuel(to)
        low = leg is None or leg.mode == "DRIFT" or fuel - leg.fuel < beyond
        refuel = low and self.sells_fuel(at) and fuel < craft.fuel_capacity
        if refuel:
            leg = self._leg(craft, at, to, craft.fuel_capacity)
        assert leg is not None
        return Hop(to, leg.mode, refuel, leg.seconds, leg.fuel)

    def _nearest_fuel(self, waypoint: str) -> int:
        here = self._waypoints[waypoint]
        known = (self._waypoints[at] for at in self._stations)
        return min((flight_fuel(distance(here, there), "CRUISE") for there in known), default=0)
