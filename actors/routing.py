"""Ways through a system: distances, flight times, and where to fill the tank."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    return math.floor(max(1, round(length)) * MULTIPLIER[mode] / speed + 15.5)


def flight_fuel(length: float, mode: str) -> int:
    """Units of fuel of one flight; rule `travel fuel` (official)."""
    if mode == "DRIFT":
        return 1
    return max(1, round(length)) * (2 if mode == "BURN" else 1)


@dataclass(frozen=True, slots=True)
class _Leg:
    seconds: float
    mode: str
    fuel: int


class Router:
    """Shortest ways in game seconds over the fuel stations of one system.

    The way from a full tank on is the same for every ship of a make, so it is remembered.
    """

    def __init__(self, waypoints: Mapping[str, Waypoint], fuel_at: Iterable[str]) -> None:
        self._waypoints = waypoints
        self._fuel_at = frozenset(fuel_at)
        self._seconds: dict[tuple[str, str, int, int], float] = {}
        self._ways: dict[tuple[str, str, int, int], tuple[str, ...]] = {}
        self._trees: dict[tuple[str, int, int], Mapping[str, tuple[float, tuple[str, ...]]]] = {}

    def sells_fuel(self, waypoint: str) -> bool:
        """Whether a tank can be filled there."""
        return waypoint in self._fuel_at

    def plan(self, craft: Craft, to: str) -> Route | NoRoute:
        """Plan the flights from where the craft is."""
        if craft.at not in self._waypoints or to not in self._waypoints:
            return NoRoute(f"the way from {craft.at} to {to} is not known")
        if craft.at == to:
            return Route((), 0.0)
        stops = self._stops(craft, to)
        hops: list[Hop] = []
        at, fuel = craft.at, craft.fuel
        for stop in stops:
            hop = self._hop(craft, at, stop, fuel)
            fuel = (craft.fuel_capacity if hop.refuel else fuel) - hop.fuel
            hops.append(hop)
            at = stop
        return Route(tuple(hops), sum(hop.seconds for hop in hops))

    def seconds(self, craft: Craft, start: str, to: str) -> float:
        """Estimate the game seconds between two places with a full tank at the start."""
        key = (start, to, craft.fuel_capacity, craft.speed)
        if key not in self._seconds:
            self._seconds[key] = self._estimate(craft, start, to)
        return self._seconds[key]

    def _estimate(self, craft: Craft, start: str, to: str) -> float:
        full = Craft(
            symbol=craft.symbol,
            at=start,
            fuel=craft.fuel_capacity,
            fuel_capacity=craft.fuel_capacity,
            speed=craft.speed,
        )
        route = self.plan(full, to)
        return math.inf if isinstance(route, NoRoute) else route.seconds

    def _stops(self, craft: Craft, to: str) -> tuple[str, ...]:
        """Name the stops of the quickest way: fuel stations, then the goal."""
        key = (craft.at, to, craft.fuel_capacity, craft.speed)
        if key not in self._ways:
            tree = self._tree(craft)
            last = min(tree, key=lambda node: tree[node][0] + self._full(craft, node, to))
            self._ways[key] = (*tree[last][1], to)
        return self._ways[key]

    def _tree(self, craft: Craft) -> Mapping[str, tuple[float, tuple[str, ...]]]:
        """Tell the seconds and stops to each fuel station, and to the start itself (Dijkstra)."""
        key = (craft.at, craft.fuel_capacity, craft.speed)
        if key not in self._trees:
            self._trees[key] = self._search(craft)
        return self._trees[key]

    def _search(self, craft: Craft) -> dict[str, tuple[float, tuple[str, ...]]]:
        nodes = sorted(self._fuel_at & self._waypoints.keys())
        best: dict[str, tuple[float, tuple[str, ...]]] = {craft.at: (0.0, ())}
        heap: list[tuple[float, str, tuple[str, ...]]] = [(0.0, craft.at, ())]
        while heap:
            seconds, at, way = heapq.heappop(heap)
            if seconds > best[at][0]:
                continue
            for node in nodes:
                total = seconds + self._full(craft, at, node) + STOP_SECONDS
                if node != at and (node not in best or total < best[node][0]):
                    best[node] = (total, (*way, node))
                    heapq.heappush(heap, (total, node, (*way, node)))
        return best

    def _full(self, craft: Craft, start: str, end: str) -> float:
        """Tell the seconds of one flight with a full tank: it cruises, or drifts if too far."""
        if start == end:
            return math.inf
        return self._leg(craft, start, end, craft.fuel_capacity).seconds

    def _leg(self, craft: Craft, start: str, end: str, fuel: int) -> _Leg:
        length = distance(self._waypoints[start], self._waypoints[end])
        needed = flight_fuel(length, "CRUISE")
        if craft.fuel_capacity == 0 or needed <= fuel:
            used = 0 if craft.fuel_capacity == 0 else needed
            return _Leg(flight_seconds(length, craft.speed, "CRUISE"), "CRUISE", used)
        return _Leg(flight_seconds(length, craft.speed, "DRIFT"), "DRIFT", 1)

    def _hop(self, craft: Craft, at: str, to: str, fuel: int) -> Hop:
        """Fill the tank where it can be, if it would not reach a station beyond the hop."""
        leg = self._leg(craft, at, to, fuel)
        beyond = 0 if self.sells_fuel(to) else self._nearest_fuel(to)
        low = leg.mode == "DRIFT" or fuel - leg.fuel < beyond
        refuel = low and self.sells_fuel(at) and fuel < craft.fuel_capacity
        if refuel:
            leg = self._leg(craft, at, to, craft.fuel_capacity)
        return Hop(to, leg.mode, refuel, leg.seconds, leg.fuel)

    def _nearest_fuel(self, waypoint: str) -> int:
        here = self._waypoints[waypoint]
        known = (self._waypoints[at] for at in self._fuel_at if at in self._waypoints)
        return min((flight_fuel(distance(here, there), "CRUISE") for there in known), default=0)
