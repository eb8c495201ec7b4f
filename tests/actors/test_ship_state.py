"""What a ship knows of itself, and how replies change it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fleet.actors.not_yet import LOCK_SECONDS, UNTOLD, not_before
from fleet.actors.ship_state import ARRIVAL_SLACK, ShipState
from fleet.protocol.api import ApiRefusal
from fleet.protocol.clock import GameTime, to_iso
from fleet.protocol.fleet import Craft
from fleet.protocol.wire.replies import Extracted, Hold, Moved, Navigated, Refuelled, Surveyed
from fleet.protocol.wire.ship import Cargo, CargoItem, Cooldown, Fuel, Ship

NOW = 1_782_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> GameTime:
        return GameTime(self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ship(snapshot: Any) -> Ship:
    (frigate,) = snapshot.ships
    return frigate  # type: ignore[no-any-return]


@pytest.fixture
def state(ship: Ship, clock: Clock) -> ShipState:
    return ShipState(ship, clock)


def flying(ship: Ship, seconds: float) -> Any:
    route = replace(ship.nav.route, arrival=to_iso(NOW + seconds))
    return replace(ship.nav, status="IN_TRANSIT", waypoint_symbol="X1-T-B", route=route)


def cooling(seconds: float) -> Cooldown:
    return Cooldown(
        total_seconds=70,
        remaining_seconds=70,
        expiration=to_iso(NOW + seconds),
    )


def test_a_docked_frigate_is_ready_for_everything(state: ShipState, ship: Ship) -> None:
    assert state.docked
    assert not state.in_transit
    assert state.cooldown_until <= state.now()
    assert state.mounts("MINING_LASER") == state.mounts("SURVEYOR") == 1
    assert state.strength("MINING_LASER") > 1
    assert state.mounts("TURRET") == state.strength("TURRET") == 0
    assert state.craft == Craft(
        symbol="TEST-1",
        at=ship.nav.waypoint_symbol,
        fuel=ship.fuel.current,
        fuel_capacity=ship.fuel.capacity,
        speed=ship.engine.speed,
        cargo_free=ship.cargo.capacity,
    )


def test_a_flight_lasts_until_its_arrival_and_a_little_longer(
    state: ShipState, ship: Ship, clock: Clock
) -> None:
    state.apply(Navigated(nav=flying(ship, 100.0), fuel=Fuel(current=7, capacity=400)))
    assert state.in_transit
    assert state.at == "X1-T-B"
    assert state.fuel.current == 7
    assert state.arrival == pytest.approx(NOW + 100.0 + ARRIVAL_SLACK)
    assert state.present.nav.status == "IN_TRANSIT"
    clock.now = state.arrival
    assert not state.in_transit
    assert state.present.nav.status == "IN_ORBIT"
    # What was read is kept as it was read.
    assert state.wire.nav.status == "IN_TRANSIT"


def test_a_cooldown_lasts_until_its_end_and_a_little_longer(state: ShipState) -> None:
    state.apply_cooldown(cooling(70.0))
    assert state.cooldown_until == pytest.approx(NOW + 70.0 + ARRIVAL_SLACK)


def test_replies_change_what_they_tell_of_and_nothing_else(state: ShipState, ship: Ship) -> None:
    ore = Cargo(capacity=40, units=5, inventory=(CargoItem(symbol="IRON_ORE", units=5),))
    state.apply(Hold(cargo=ore))
    assert state.cargo.of("IRON_ORE") == 5
    state.apply(Moved(nav=replace(ship.nav, status="IN_ORBIT")))
    assert not state.docked
    state.apply(Surveyed(cooldown=cooling(60.0), surveys=()))
    assert state.cooldown_until > NOW + 60.0
    assert state.cargo == ore
    state.apply(object())
    assert state.cargo == ore
    state.apply(ship)
    assert state.wire == ship


def test_another_ship_in_a_reply_is_not_this_one(state: ShipState, ship: Ship) -> None:
    state.apply(replace(ship, symbol="TEST-2"))
    assert state.symbol == "TEST-1"


def test_refuelling_from_the_market_leaves_the_hold_alone(state: ShipState, snapshot: Any) -> None:
    server = snapshot.serve()
    server.world.ships["TEST-1"].fuel = 100
    reply = server.post("refuel-ship", shipSymbol="TEST-1")
    assert isinstance(reply, Refuelled)
    held = state.cargo
    state.apply(reply)
    assert state.fuel.current == state.fuel.capacity
    assert state.cargo == held


def test_what_was_dug_is_in_the_hold_and_cools_the_ship_down(
    state: ShipState, snapshot: Any
) -> None:
    server = snapshot.serve()
    nav = server.world.ships["TEST-1"].nav
    nav.waypoint, nav.docked = f"{snapshot.home}XX5B", False
    reply = server.post("extract-resources", shipSymbol="TEST-1")
    assert isinstance(reply, Extracted)
    state.apply(reply)
    assert state.cargo.of("IRON_ORE") == state.cargo.units > 0
    assert state.cooldown_until > NOW


def refusal(code: int, **data: Any) -> ApiRefusal:
    return ApiRefusal(1, "extract-resources", 409, code, "no", data)


def test_only_what_time_mends_is_waited_for(state: ShipState) -> None:
    assert not_before(refusal(4214, arrival=to_iso(NOW + 9)), state) == NOW + 9 + ARRIVAL_SLACK
    assert not_before(refusal(409), state) == NOW + LOCK_SECONDS
    assert not_before(refusal(4600), state) is None


@pytest.mark.parametrize("bad", [None, "soon", 7, [], {}, "9999-99-99T00:00:00Z"])
def test_times_that_cannot_be_read_are_replaced_by_rougher_ones(
    state: ShipState, bad: object
) -> None:
    told = refusal(4214, arrival=bad, secondsToArrival=9)
    assert not_before(told, state) == NOW + 9 + ARRIVAL_SLACK
    for seconds in (None, "nine", -1, 1e12, []):
        assert not_before(refusal(4214, arrival=bad, secondsToArrival=seconds), state) == (
            NOW + UNTOLD
        )
    told = refusal(4000, cooldown={"expiration": bad, "remainingSeconds": 9})
    assert not_before(told, state) == NOW + 9 + ARRIVAL_SLACK
    assert not_before(refusal(4000, cooldown=bad), state) == NOW + UNTOLD


@pytest.mark.parametrize("off", [-60, 60])
def test_seconds_are_believed_where_the_servers_clock_is_far_from_ours(
    state: ShipState, off: int
) -> None:
    shown = to_iso(NOW + 9 + off)
    told = refusal(4214, arrival=shown, secondsToArrival=9)
    assert not_before(told, state) == NOW + 9 + ARRIVAL_SLACK
    told = refusal(4000, cooldown={"expiration": shown, "remainingSeconds": 9})
    assert not_before(told, state) == NOW + 9 + ARRIVAL_SLACK


def test_a_cooldown_that_a_refusal_tells_of_is_kept(state: ShipState) -> None:
    told = {
        "shipSymbol": "TEST-1",
        "totalSeconds": 70,
        "remainingSeconds": 30,
        "expiration": to_iso(NOW + 30),
    }
    moment = not_before(refusal(4000, cooldown=told), state)
    assert moment == state.cooldown_until == pytest.approx(NOW + 30 + ARRIVAL_SLACK)


def test_a_cooldown_that_should_be_over_is_waited_for_a_little_all_the_same(
    state: ShipState,
) -> None:
    told = {"shipSymbol": "TEST-1", "totalSeconds": 70, "remainingSeconds": 0}
    assert not_before(refusal(4000, cooldown=told), state) == NOW + ARRIVAL_SLACK
