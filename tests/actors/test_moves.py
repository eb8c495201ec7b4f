"""Scripts that all behaviours share, driven by hand: each step is answered by the test."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.moves import PAUSE, TRIES, Stuck, buy, go, jettison, refuel, sell
from fleet.actors.routing import Router
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Call, Tell, Until
from fleet.protocol.api import ApiRefusal
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import CreditsSeen, MarketSeen, NoRoute, Traded

REFUSED = object()
"""Stands for an answer by which the server refuses."""


class Pilot:
    """Runs a script against a real server in a small world; the test may answer instead."""

    def __init__(self, snapshot: Any) -> None:
        self.server = snapshot.serve()
        self.state = ShipState(snapshot.ships[0], lambda: GameTime(self.server.clock.now))
        self.places = snapshot.knowledge.waypoints
        self.fuel_at = tuple(self.places)
        self.steps: list[Any] = []
        self.answers: dict[str, list[Any]] = {}
        """By operation, or by the name of the message asked: what comes instead, in order."""

    def run(self, script: Any) -> Any:
        answer = None
        while True:
            try:
                step = script.send(answer)
            except StopIteration as end:
                return end.value
            self.steps.append(step)
            answer = self._answer(step)

    def _answer(self, step: Any) -> Any:
        match step:
            case Call(operation=operation, params=params, body=body):
                if self.answers.get(operation):
                    told = self.answers[operation].pop(0)
                    if told is REFUSED:
                        return ApiRefusal(1, operation, 400, 4000, "no", {})
                ask = self.server.post if body else self.server.get
                reply = ask(operation, *([body] if body else []), **params)
                self.state.apply(reply)
                return reply
            case Until(moment=moment):
                self.server.clock.now = max(self.server.clock.now, moment)
            case Ask(message=message):
                name = type(message).__name__
                if self.answers.get(name):
                    return self.answers[name].pop(0)
                return Router(self.places, self.fuel_at).plan(message.craft, message.to)
        return None

    @property
    def calls(self) -> list[str]:
        return [step.operation for step in self.steps if isinstance(step, Call)]

    def told(self, kind: type) -> list[Any]:
        messages = [step.message for step in self.steps if isinstance(step, Tell)]
        return [message for message in messages if isinstance(message, kind)]


@pytest.fixture
def pilot(snapshot: Any) -> Pilot:
    return Pilot(snapshot)


def drain(pilot: Pilot, fuel: int) -> None:
    """Leave only so much in the tank."""
    pilot.server.world.ships["TEST-1"].fuel = fuel
    pilot.state.apply(pilot.server.get("get-my-ship", shipSymbol="TEST-1"))


@pytest.fixture
def home(snapshot: Any) -> str:
    return str(snapshot.home)


def test_going_leaves_the_dock_flies_and_waits_for_the_arrival(pilot: Pilot, home: str) -> None:
    pilot.run(go(pilot.state, f"{home}H56"))
    assert pilot.calls == ["orbit-ship", "navigate-ship"]
    assert isinstance(pilot.steps[-1], Until)
    assert pilot.state.at == f"{home}H56"
    assert not pilot.state.in_transit


def test_who_is_there_does_nothing(pilot: Pilot) -> None:
    pilot.run(go(pilot.state, pilot.state.at))
    assert pilot.steps == []


def test_a_low_tank_is_filled_on_the_way(pilot: Pilot, home: str) -> None:
    drain(pilot, 5)
    pilot.run(go(pilot.state, f"{home}H56"))
    assert pilot.calls == ["refuel-ship", "orbit-ship", "navigate-ship"]
    (seen,) = pilot.told(CreditsSeen)
    assert seen.owner == "TEST-1"
    assert seen.spent > 0
    assert seen.credits == pilot.server.world.agents["TEST"].credits


def test_where_no_fuel_can_be_had_the_book_learns_it_and_the_ship_waits(
    pilot: Pilot, home: str
) -> None:
    drain(pilot, 5)
    pilot.answers["refuel-ship"] = [REFUSED]
    began = pilot.server.clock.now
    pilot.run(go(pilot.state, f"{home}H56"))
    assert pilot.calls[:2] == ["refuel-ship", "get-market"]
    assert len(pilot.told(MarketSeen)) == 1
    assert pilot.calls[2:] == ["refuel-ship", "orbit-ship", "navigate-ship"]
    assert pilot.server.clock.now - began > PAUSE


def test_a_place_without_a_way_is_given_up(pilot: Pilot, home: str) -> None:
    pilot.answers["PlanRoute"] = [NoRoute("there is no way")]
    with pytest.raises(Stuck, match="there is no way"):
        pilot.run(go(pilot.state, f"{home}H56"))


def test_a_refused_flight_is_planned_anew_from_what_the_server_says(
    pilot: Pilot, home: str
) -> None:
    pilot.answers["navigate-ship"] = [REFUSED]
    pilot.run(go(pilot.state, f"{home}H56"))
    assert pilot.calls == ["orbit-ship", "navigate-ship", "get-my-ship", "navigate-ship"]


def test_a_flight_that_is_refused_again_and_again_is_given_up(pilot: Pilot, home: str) -> None:
    pilot.answers["navigate-ship"] = [REFUSED] * TRIES
    with pytest.raises(Stuck, match="no flight"):
        pilot.run(go(pilot.state, f"{home}H56"))
    assert pilot.calls.count("navigate-ship") == TRIES


def test_the_flight_mode_is_changed_only_where_it_must_be(pilot: Pilot, home: str) -> None:
    drain(pilot, 9)
    pilot.fuel_at = ()
    pilot.run(go(pilot.state, f"{home}H56"))
    assert pilot.calls == ["patch-ship-nav", "orbit-ship", "navigate-ship"]
    assert pilot.state.flight_mode == "DRIFT"
    pilot.fuel_at = tuple(pilot.places)
    pilot.run(go(pilot.state, f"{home}A1"))
    assert pilot.calls[3:5] == ["dock-ship", "refuel-ship"]
    assert pilot.calls[5:] == ["patch-ship-nav", "orbit-ship", "navigate-ship"]
    assert pilot.state.flight_mode == "CRUISE"


def test_a_full_tank_needs_no_fuel(pilot: Pilot) -> None:
    assert pilot.run(refuel(pilot.state)) is True
    assert pilot.steps == []


def at(pilot: Pilot, place: str, cargo: dict[str, int]) -> None:
    """Put the ship somewhere with something in the hold."""
    ship = pilot.server.world.ships["TEST-1"]
    ship.nav.waypoint = place
    ship.cargo.update(cargo)
    pilot.state.apply(pilot.server.get("get-my-ship", shipSymbol="TEST-1"))


def test_selling_empties_the_hold_lot_by_lot_and_tells_purse_and_book(
    pilot: Pilot, home: str
) -> None:
    at(pilot, f"{home}D48", {"POLYNUCLEOTIDES": 35})
    assert pilot.run(sell(pilot.state, "POLYNUCLEOTIDES", 20)) is None
    assert pilot.calls == ["sell-cargo", "sell-cargo"]
    assert [traded.units for traded in pilot.told(Traded)] == [-20, -15]
    assert [seen.spent for seen in pilot.told(CreditsSeen)] == [0, 0]
    assert pilot.state.cargo.units == 0


def test_selling_what_is_not_there_sends_nothing(pilot: Pilot) -> None:
    assert pilot.run(sell(pilot.state, "POLYNUCLEOTIDES", 20)) is None
    assert pilot.steps == []


def test_a_refused_sale_is_told(pilot: Pilot, home: str) -> None:
    at(pilot, f"{home}D48", {"POLYNUCLEOTIDES": 35})
    pilot.answers["sell-cargo"] = [REFUSED]
    assert isinstance(pilot.run(sell(pilot.state, "POLYNUCLEOTIDES", 20)), ApiRefusal)
    assert pilot.calls == ["sell-cargo"]


def test_buying_tells_what_was_spent_of_the_grant(pilot: Pilot, home: str) -> None:
    at(pilot, f"{home}E51", {})
    reply = pilot.run(buy(pilot.state, "POLYNUCLEOTIDES", 20))
    assert not isinstance(reply, ApiRefusal)
    (seen,) = pilot.told(CreditsSeen)
    assert seen.spent == reply.transaction.total_price > 0
    (traded,) = pilot.told(Traded)
    assert (traded.waypoint, traded.units) == (f"{home}E51", 20)


def test_throwing_away_leaves_the_dock_and_empties_the_hold(pilot: Pilot, home: str) -> None:
    at(pilot, f"{home}D48", {"IRON_ORE": 7})
    pilot.run(jettison(pilot.state, "IRON_ORE"))
    assert pilot.calls == ["orbit-ship", "jettison"]
    assert pilot.state.cargo.units == 0
    pilot.run(jettison(pilot.state, "IRON_ORE"))
    assert pilot.calls == ["orbit-ship", "jettison"]
