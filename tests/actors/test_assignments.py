"""Which task a ship gets, by what is known of places and ships."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fleet.actors.assignments import (
    LONGEST_REST,
    STALE,
    clusters,
    digger_task,
    mining_site,
    ore_site,
    scout_task,
    tour,
    without_trade,
)
from fleet.actors.member import Member
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BookView
from fleet.protocol.tasks import MineAndSell, Park, ScoutMarkets, SurveySite
from fleet.protocol.wire.contract import Contract
from fleet.protocol.wire.market import Symbol
from fleet.protocol.wire.place import Waypoint
from fleet.protocol.wire.ship import Ship

NOW = GameTime(1_782_000_000.0)


def place(name: str, x: int, y: int = 0, *traits: str, kind: str = "PLANET") -> Waypoint:
    return Waypoint(
        symbol=f"X1-T-{name}",
        type=kind,
        system_symbol="X1-T",
        x=x,
        y=y,
        traits=tuple(Symbol(symbol=trait) for trait in traits),
    )


HOME = place("A1", 0, 0, "MARKETPLACE")
YARD = place("A2", 0, 0, "MARKETPLACE", "SHIPYARD")
MOON = place("A3", 0, 0, "MARKETPLACE")
NEAR = place("B1", 30, 0, "MARKETPLACE")
FAR_YARD = place("C1", 90, 0, "MARKETPLACE", "SHIPYARD")
PUMP = place("D1", 10, 0, "MARKETPLACE", kind="FUEL_STATION")
ROCK = place("E1", 20, 0, "COMMON_METAL_DEPOSITS", kind="ASTEROID")
NEARER_ROCK = place("E2", 12, 0, "MINERAL_DEPOSITS", kind="ASTEROID")
BARE_ROCK = place("E3", 1, 0, kind="ASTEROID")
ENGINEERED = place("F1", 60, 0, "COMMON_METAL_DEPOSITS", kind="ENGINEERED_ASTEROID")
PLACES = (HOME, YARD, MOON, NEAR, FAR_YARD, PUMP, ROCK, NEARER_ROCK, BARE_ROCK)


def view(*places: Waypoint, seen: tuple[tuple[str, GameTime], ...] = ()) -> BookView:
    return BookView(waypoints=places, markets_seen=seen, listed=frozenset(dict(seen)), offers=())


@pytest.fixture
def ship(snapshot: Any) -> Ship:
    """The frigate, moved to a place that is on our map."""
    (frigate,) = snapshot.ships
    return replace(frigate, nav=replace(frigate.nav, waypoint_symbol=HOME.symbol))


def test_markets_at_one_place_are_watched_together_and_each_yard_by_itself() -> None:
    assert clusters(PLACES) == [[YARD], [FAR_YARD], [HOME, MOON], [NEAR]]


def test_probes_take_the_yards_first_and_then_the_nearest_markets(ship: Ship) -> None:
    taken: set[str] = set()
    got = []
    for _ in range(5):
        task = scout_task(ship, view(*PLACES), taken, HOME)
        taken.update(getattr(task, "waypoints", ()))
        got.append(task)
    assert [task.waypoints for task in got[:4]] == [
        (YARD.symbol,),
        (FAR_YARD.symbol,),
        (HOME.symbol, MOON.symbol),
        (NEAR.symbol,),
    ]
    assert isinstance(got[4], Park)


def test_a_probe_that_nobody_can_place_waits(ship: Ship) -> None:
    lost = replace(ship, nav=replace(ship.nav, waypoint_symbol="X1-T-Z"))
    assert isinstance(scout_task(lost, view(*PLACES), {}, None), Park)
    assert isinstance(scout_task(lost, view(*PLACES), {}, HOME), ScoutMarkets)


def test_the_engineered_asteroid_is_mined_else_the_nearest_rock_that_bears_something() -> None:
    assert mining_site(view(*PLACES, ENGINEERED), HOME) == ENGINEERED.symbol
    assert mining_site(view(*PLACES), HOME) == NEARER_ROCK.symbol
    assert mining_site(view(HOME, BARE_ROCK), HOME) is None
    assert mining_site(view(*PLACES), None) is None


def test_an_ore_is_dug_near_where_drones_mine_or_not_at_all() -> None:
    rich = place("G1", 45, 0, "PRECIOUS_METAL_DEPOSITS", kind="ASTEROID")
    far = place("G2", 400, 0, "PRECIOUS_METAL_DEPOSITS", kind="ASTEROID")
    usual = ENGINEERED.symbol
    assert ore_site(view(*PLACES, ENGINEERED, far, rich), usual, "SILVER_ORE") == rich.symbol
    assert ore_site(view(*PLACES, ENGINEERED, far), usual, "SILVER_ORE") is None
    assert ore_site(view(*PLACES, ENGINEERED, rich), usual, "COPPER_ORE") == usual
    assert ore_site(view(*PLACES, ENGINEERED, rich), usual, "CLOTHING") is None
    assert ore_site(view(*PLACES, rich), None, "SILVER_ORE") is None


def test_a_tour_leads_past_the_nearest_markets_whose_prices_nobody_knows(ship: Ship) -> None:
    fresh, old = GameTime(NOW - STALE), GameTime(NOW - STALE - 1)
    seen = ((YARD.symbol, fresh), (NEAR.symbol, old))
    found = tour(ship, view(*PLACES, seen=seen), NOW, frozenset({MOON.symbol}), 8)
    assert found == ScoutMarkets(waypoints=(HOME.symbol, NEAR.symbol, FAR_YARD.symbol), rounds=1)
    short = tour(ship, view(*PLACES, seen=seen), NOW, frozenset({MOON.symbol}), 2)
    assert short == ScoutMarkets(waypoints=(HOME.symbol, NEAR.symbol), rounds=1)


def test_where_all_prices_are_known_there_is_no_tour(ship: Ship) -> None:
    seen = tuple((each.symbol, NOW) for each in PLACES)
    assert tour(ship, view(*PLACES, seen=seen), NOW, frozenset(), 8) is None
    lost = replace(ship, nav=replace(ship.nav, waypoint_symbol="X1-T-Z"))
    assert tour(lost, view(*PLACES), NOW, frozenset(), 8) is None


def test_who_finds_no_trade_watches_a_market_that_nobody_reads_for_a_while(ship: Ship) -> None:
    task = without_trade(Member(ship), frozenset({NEAR.symbol}), 0, 2.0)
    assert isinstance(task, ScoutMarkets)
    assert task.waypoints == (HOME.symbol,)
    assert task.rounds > 0
    assert task.interval > 0


def test_who_finds_no_trade_where_somebody_reads_rests_the_longer_the_more_do(ship: Ship) -> None:
    busy = frozenset({HOME.symbol})
    rests = [without_trade(Member(ship), busy, resting, 0.5) for resting in (0, 30, 900)]
    short, long, longest = (rest.seconds for rest in rests if isinstance(rest, Park))
    assert short < long < longest == LONGEST_REST
    assert all(rest.least == 0.5 and rest.looks > 1 for rest in rests if isinstance(rest, Park))


def test_who_can_dig_digs_and_who_can_survey_surveys(ship: Ship) -> None:
    surveyor = replace(ship, registration=replace(ship.registration, role="SURVEYOR"))
    bare = replace(ship, mounts=())
    assert digger_task(ship, "X1-T-E1", None) == MineAndSell(asteroid="X1-T-E1")
    assert digger_task(surveyor, "X1-T-E1", None) == SurveySite(asteroid="X1-T-E1")
    assert isinstance(digger_task(bare, "X1-T-E1", None), Park)
    assert isinstance(digger_task(ship, None, None), Park)


def test_a_miner_delivers_to_the_contract_that_waits_for_ore(ship: Ship, snapshot: Any) -> None:
    offered: Contract = snapshot.serve().post("negotiate-contract", shipSymbol="TEST-1").contract
    line = offered.terms.deliver[0]
    assert digger_task(ship, "X1-T-E1", offered) == MineAndSell(
        asteroid="X1-T-E1",
        contract=offered.id,
        good=line.trade_symbol,
        destination=line.destination_symbol,
    )
