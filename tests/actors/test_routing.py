"""Ways through a system, held against every way that there is."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.routing import STOP_SECONDS, Router, distance, flight_fuel, flight_seconds
from fleet.protocol.fleet import Craft, NoRoute, Route
from fleet.protocol.wire.place import Waypoint
from fleet.simulator.rules import travel
from fleet.simulator.settings import Rules


def place(symbol: str, x: int, y: int) -> Waypoint:
    return Waypoint(symbol=symbol, type="PLANET", system_symbol="X1-T", x=x, y=y)


def craft(at: str = "A", fuel: int = 100, tank: int = 100, speed: int = 10) -> Craft:
    return Craft(symbol="S-1", at=at, fuel=fuel, fuel_capacity=tank, speed=speed)


def line(*xs: int) -> dict[str, Waypoint]:
    """Put places A, B, C... on a line."""
    return {name: place(name, x, 0) for name, x in zip("ABCDEFG", xs, strict=False)}


def hops(route: Route | NoRoute) -> list[tuple[str, str, bool]]:
    assert isinstance(route, Route)
    return [(hop.to, hop.mode, hop.refuel) for hop in route.hops]


def objective(route: Route) -> float:
    return route.seconds + STOP_SECONDS * (len(route.hops) - 1)


def best_of_all(ship: Craft, to: str, places: dict[str, Waypoint], fuel_at: set[str]) -> float:
    """Try every order of stops; the tank is full after each, and at the start if it can be."""

    def leg(start: str, end: str, fuel: int) -> float:
        length = distance(places[start], places[end])
        left = 0 if end in fuel_at else 1
        for mode in ("CRUISE", "DRIFT"):
            if ship.fuel_capacity == 0 or flight_fuel(length, mode) + left <= fuel:
                return flight_seconds(length, ship.speed, mode)
        return math.inf

    best = math.inf
    stations = sorted(fuel_at - {ship.at, to})
    for count in range(len(stations) + 1):
        for way in itertools.permutations(stations, count):
            fuel = ship.fuel_capacity if ship.at in fuel_at else ship.fuel
            at, total = ship.at, 0.0
            for stop in (*way, to):
                total += leg(at, stop, fuel) + (STOP_SECONDS if stop != to else 0.0)
                at, fuel = stop, ship.fuel_capacity
            best = min(best, total)
    return best


def fly(ship: Craft, route: Route, places: dict[str, Waypoint], fuel_at: set[str]) -> int:
    """Fly a route by the simulator's own rules; tell the fuel that is left."""
    at, fuel = ship.at, ship.fuel
    for hop in route.hops:
        if hop.refuel:
            assert at in fuel_at
            fuel = ship.fuel_capacity
        start, end = places[at], places[hop.to]
        far = travel.distance((start.x, start.y), (end.x, end.y))
        burnt = travel.fuel_cost(far, hop.mode) if ship.fuel_capacity else 0  # type: ignore[arg-type]
        seconds = travel.travel_seconds(far, ship.speed, hop.mode, Rules())  # type: ignore[arg-type]
        assert (hop.fuel, hop.seconds) == (burnt, seconds)
        fuel -= burnt
        assert fuel >= 0
        at = hop.to
    return fuel


coordinates = st.tuples(st.integers(-150, 150), st.integers(-150, 150))


@st.composite
def journeys(draw: st.DrawFn) -> tuple[dict[str, Waypoint], set[str], Craft]:
    points = draw(st.lists(coordinates, min_size=2, max_size=6))
    places = {name: place(name, *at) for name, at in zip("ABCDEF", points, strict=False)}
    fuel_at = draw(st.sets(st.sampled_from(sorted(places))))
    tank = draw(st.sampled_from([0, 40, 80, 100, 300]))
    fuel = draw(st.integers(0, tank))
    return places, fuel_at, craft(fuel=fuel, tank=tank, speed=draw(st.sampled_from([3, 9, 30])))


@given(journeys())
def test_a_planned_way_is_the_quickest_of_all_and_can_be_flown(
    journey: tuple[dict[str, Waypoint], set[str], Craft],
) -> None:
    places, fuel_at, ship = journey
    quickest = best_of_all(ship, "B", places, fuel_at)
    route = Router(places, fuel_at).plan(ship, "B")
    if math.isinf(quickest):
        assert isinstance(route, NoRoute)
        return
    assert isinstance(route, Route)
    assert objective(route) == pytest.approx(quickest)
    left = fly(ship, route, places, fuel_at)
    assert route.hops[-1].to == "B"
    # Whoever arrives can leave again: by the pump, or at least adrift.
    assert ship.fuel_capacity == 0 or left >= 1 or "B" in fuel_at


@given(journeys())
def test_an_estimate_is_what_a_full_tank_takes(
    journey: tuple[dict[str, Waypoint], set[str], Craft],
) -> None:
    places, fuel_at, ship = journey
    router = Router(places, fuel_at)
    full = craft(fuel=ship.fuel_capacity, tank=ship.fuel_capacity, speed=ship.speed)
    route = router.plan(full, "B")
    expected = route.seconds if isinstance(route, Route) else math.inf
    assert router.seconds(ship, "A", "B") == expected


@given(journeys())
def test_no_way_takes_less_than_the_least_seconds(
    journey: tuple[dict[str, Waypoint], set[str], Craft],
) -> None:
    places, fuel_at, ship = journey
    router = Router(places, fuel_at)
    least = router.least_seconds(ship, "A", "B")
    route = router.plan(ship, "B")
    assert least > 0
    assert isinstance(route, NoRoute) or least <= route.seconds
    assert least <= router.seconds(ship, "A", "B")
    assert router.least_seconds(ship, "A", "A") == 0.0
    assert router.least_seconds(ship, "A", "nowhere") == 0.0


def test_who_is_there_already_does_not_fly() -> None:
    assert Router(line(0, 10), ()).plan(craft(at="B"), "B") == Route((), 0.0)


@pytest.mark.parametrize(("at", "to"), [("A", "Z"), ("Z", "A")])
def test_an_unknown_place_has_no_way(at: str, to: str) -> None:
    route = Router(line(0, 10), ("A",)).plan(craft(at=at), to)
    assert isinstance(route, NoRoute)
    assert "Z" in route.reason


def test_a_ship_without_a_tank_flies_straight() -> None:
    route = Router(line(0, 900, 450), ("C",)).plan(craft(fuel=0, tank=0), "B")
    assert hops(route) == [("B", "CRUISE", False)]


def test_a_long_way_leads_over_stations_where_the_tank_is_filled() -> None:
    route = Router(line(0, 180, 90), ("A", "B", "C")).plan(craft(), "B")
    assert hops(route) == [("C", "CRUISE", False), ("B", "CRUISE", True)]


def test_a_tank_is_filled_before_the_start_where_it_would_not_last() -> None:
    route = Router(line(0, 90), ("A", "B")).plan(craft(fuel=20), "B")
    assert hops(route) == [("B", "CRUISE", True)]


def test_a_tank_is_filled_before_a_flight_from_which_no_station_could_be_reached() -> None:
    places = line(0, 40)
    assert hops(Router(places, ("A",)).plan(craft(fuel=60), "B")) == [("B", "CRUISE", True)]
    assert hops(Router(places, ("A",)).plan(craft(fuel=80), "B")) == [("B", "CRUISE", False)]


def test_drifting_is_for_places_that_no_tank_reaches() -> None:
    route = Router(line(0, 150), ("A", "B")).plan(craft(), "B")
    assert hops(route) == [("B", "DRIFT", False)]


def test_a_low_tank_away_from_fuel_first_goes_where_there_is_some() -> None:
    places = {"A": place("A", 0, 0), "B": place("B", 90, 0), "C": place("C", 0, 8)}
    route = Router(places, ("C",)).plan(craft(fuel=20), "B")
    assert hops(route) == [("C", "CRUISE", False), ("B", "CRUISE", True)]


def test_a_tank_that_would_be_dry_at_the_goal_drifts_instead() -> None:
    places = line(0, 100)
    assert hops(Router(places, ("A",)).plan(craft(), "B")) == [("B", "DRIFT", False)]
    assert hops(Router(places, ("A", "B")).plan(craft(), "B")) == [("B", "CRUISE", False)]


@pytest.mark.parametrize("fuel", [0, 1])
def test_who_has_no_fuel_to_leave_again_is_told_so(fuel: int) -> None:
    route = Router(line(0, 10, 300), ("C",)).plan(craft(fuel=fuel), "B")
    assert isinstance(route, NoRoute) == (fuel == 0)
    if isinstance(route, Route):
        assert hops(route)[0] == ("C", "DRIFT", False)


@given(st.floats(0, 2_000), st.sampled_from([3, 9, 10, 30]))
def test_flights_take_the_time_and_fuel_of_the_simulators_rules(length: float, speed: int) -> None:
    for mode in ("CRUISE", "DRIFT", "BURN", "STEALTH"):
        rules = Rules()
        assert flight_seconds(length, speed, mode) == travel.travel_seconds(
            length, speed, mode, rules
        )
        assert flight_fuel(length, mode) == travel.fuel_cost(length, mode)
