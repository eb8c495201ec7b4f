"""Loads a captured real system: the places, markets and yards as somebody saw them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.errors import SetupError
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.rules import digging
from fleet.simulator.rules.prices import solve
from fleet.simulator.universe.captured_galaxy import CapturedGalaxy, check_galaxy
from fleet.simulator.universe.stocking import RARE_CATEGORIES
from fleet.simulator.world.market import Listing, Market, MarketGood, Role, Shipyard
from fleet.simulator.world.place import Chart, Construction, Gate, Material, System, Waypoint
from fleet.simulator.world.world import World


class SeenOrbital(msgspec.Struct):
    """A moon or station of a waypoint."""

    symbol: str


class SeenSystem(msgspec.Struct, rename="camel"):
    """A system as the API shows it."""

    symbol: str
    sector_symbol: str
    type: str
    x: int
    y: int


class SeenNamed(msgspec.Struct):
    """Anything with a symbol."""

    symbol: str


class SeenChart(msgspec.Struct, rename="camel"):
    """A chart as the API shows it."""

    submitted_by: str
    submitted_on: str


class SeenWaypoint(msgspec.Struct, rename="camel"):
    """A waypoint as the API shows it."""

    symbol: str
    type: str
    x: int
    y: int
    traits: list[SeenNamed]
    orbitals: list[SeenOrbital] = []
    orbits: str | None = None
    faction: SeenNamed | None = None
    chart: SeenChart | None = None


class SeenTradeGood(msgspec.Struct, rename="camel"):
    """A good of a market as the API shows it to a ship that is present."""

    symbol: str
    type: Role
    trade_volume: int
    supply: str
    purchase_price: int
    sell_price: int


class SeenMarket(msgspec.Struct, rename="camel"):
    """A market with its prices."""

    symbol: str
    trade_goods: list[SeenTradeGood]


class SeenShip(msgspec.Struct, rename="camel"):
    """A ship type that a shipyard sells."""

    type: str
    purchase_price: int


class SeenShipyard(msgspec.Struct, rename="camel"):
    """A shipyard with its prices."""

    symbol: str
    ships: list[SeenShip]
    modifications_fee: int


class SeenMaterial(msgspec.Struct, rename="camel"):
    """A good that a construction site needs."""

    trade_symbol: str
    required: int
    fulfilled: int


class SeenSite(msgspec.Struct):
    """A construction site."""

    symbol: str
    materials: list[SeenMaterial]


class SeenGate(msgspec.Struct):
    """A jump gate."""

    symbol: str
    connections: list[str]


class SeenAgent(msgspec.Struct, rename="camel"):
    """The agent who captured the system."""

    headquarters: str
    starting_faction: str


class Captured(msgspec.Struct):
    """A captured system, in the field names of the API."""

    systems: list[SeenSystem]
    waypoints: list[SeenWaypoint]
    marketplaces: list[SeenMarket]
    shipyards: list[SeenShipyard]
    agent: SeenAgent
    construction_sites: list[SeenSite] = []
    jump_gates: list[SeenGate] = []


def read_captured(path: Path) -> tuple[Captured | CapturedGalaxy, str]:
    """Read a captured file; tell its content and digest. Raises SetupError with what is wrong."""
    captured: Captured | CapturedGalaxy
    try:
        content = path.read_bytes()
        if "edges" in msgspec.json.decode(content, type=dict[str, msgspec.Raw]):
            captured = msgspec.json.decode(content, type=CapturedGalaxy)
        else:
            captured = msgspec.json.decode(content, type=Captured)
    except OSError as error:
        raise SetupError(f"The universe file {path} can't be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = f"The universe file {path} is not a captured system ({error})"
        wanted = "systems, waypoints and markets, or systems and edges"
        raise SetupError(f"{reason}; give a file with {wanted}.") from error
    if isinstance(captured, Captured):
        check(captured, path)
    else:
        check_galaxy(captured, path)
    return captured, hashlib.sha256(content).hexdigest()[:16]


def check(captured: Captured, path: Path) -> None:
    """See that the parts of a file refer to each other. Raises SetupError."""
    points = {point.symbol for point in captured.waypoints}
    systems = {system.symbol for system in captured.systems}
    named = [market.symbol for market in captured.marketplaces]
    named += [yard.symbol for yard in captured.shipyards]
    named += [site.symbol for site in captured.construction_sites]
    named += [gate.symbol for gate in captured.jump_gates]
    named += [point.orbits for point in captured.waypoints if point.orbits]
    named += [captured.agent.headquarters]
    lost = next((symbol for symbol in named if symbol not in points), None)
    if lost is not None:
        raise SetupError(f"The universe file {path} speaks of {lost} but has no such waypoint.")
    strays = (point for point in points if system_of(point) not in systems)
    lost = next(strays, None)
    if lost is not None or not systems:
        raise SetupError(f"The universe file {path} has no system for waypoint {lost}.")

    home = system_of(captured.agent.headquarters)
    near = [row for row in captured.marketplaces if system_of(row.symbol) == home]
    if not any(good.type == "IMPORT" for market in near for good in market.trade_goods):
        lack = f"The universe file {path} has no market in {home} that imports anything"
        raise SetupError(f"{lack}; contracts could ask for nothing.")


def system_of(waypoint: str) -> str:
    """Cut a waypoint's symbol down to its system's."""
    return waypoint.rpartition("-")[0]


def install(world: World, captured: Captured, catalogue: Catalogue, now: GameTime) -> None:
    """Put a captured system into a world. Raises SetupError for goods or ships nobody knows."""
    for seen in captured.systems:
        points = [
            point.symbol for point in captured.waypoints if system_of(point.symbol) == seen.symbol
        ]
        world.systems[seen.symbol] = System(
            symbol=seen.symbol,
            sector=seen.sector_symbol,
            type=seen.type,
            x=seen.x,
            y=seen.y,
            waypoints=points,
        )
    for place in captured.waypoints:
        world.waypoints[place.symbol] = waypoint(place, world, catalogue, now)
    for market in captured.marketplaces:
        goods = {row.symbol: trade_good(row, catalogue) for row in market.trade_goods}
        world.markets[market.symbol] = Market(waypoint=market.symbol, goods=goods)
    for yard in captured.shipyards:
        listings = {row.type: listing(row, catalogue) for row in yard.ships}
        world.shipyards[yard.symbol] = Shipyard(yard.symbol, listings, yard.modifications_fee)
    for site in captured.construction_sites:
        rows = [Material(row.trade_symbol, row.required, row.fulfilled) for row in site.materials]
        world.constructions[site.symbol] = Construction(site.symbol, rows)
    for gate in captured.jump_gates:
        world.gates[gate.symbol] = Gate(gate.symbol, gate.connections)
    settle_home(world, captured)


def settle_home(world: World, captured: Captured) -> None:
    """Make the captor's home the start of every agent."""
    home = captured.agent.headquarters
    world.home = system_of(home)
    system = world.systems[world.home]
    system.factions = [captured.agent.starting_faction]
    system.headquarters = home
    drones = [at for at, yard in world.shipyards.items() if "SHIP_MINING_DRONE" in yard.listings]
    system.probe_at = next(iter([*drones, *world.shipyards]), home)


def waypoint(seen: SeenWaypoint, world: World, catalogue: Catalogue, now: GameTime) -> Waypoint:
    """Turn a captured waypoint into a place; what its rock holds is drawn."""
    traits = [trait.symbol for trait in seen.traits]
    chart = seen.chart
    return Waypoint(
        symbol=seen.symbol,
        system=system_of(seen.symbol),
        type=seen.type,
        x=seen.x,
        y=seen.y,
        traits=traits,
        orbits=seen.orbits,
        orbitals=[orbital.symbol for orbital in seen.orbitals],
        faction=seen.faction.symbol if seen.faction else None,
        chart=Chart(chart.submitted_by, min(now, from_iso(chart.submitted_on))) if chart else None,
        deposits=digging.deposits(
            seen.type,
            traits,
            yields=catalogue.yields,
            minable=catalogue.minable,
            rules=world.rules,
            rng=world.random(),
        ),
    )


def trade_good(seen: SeenTradeGood, catalogue: Catalogue) -> MarketGood:
    """Solve a captured (ask, bid) pair for the hidden state. Raises SetupError."""
    good = catalogue.goods.get(seen.symbol)
    if good is None:
        raise SetupError(f"The universe file sells {seen.symbol}, which is no good of this game.")
    base = float(good.base)
    if seen.type == "EXCHANGE":
        base = exchange_base(base, (seen.purchase_price + seen.sell_price) / 2)
    margin, net = solve(
        seen.type, base, seen.trade_volume, seen.purchase_price, seen.sell_price, seen.supply
    )
    rare = good.category in RARE_CATEGORIES and seen.trade_volume <= 6
    return MarketGood(
        seen.symbol, seen.type, base, margin, seen.trade_volume, float(net), still=rare
    )


def exchange_base(base: float, middle: float) -> float:
    """Take the catalogue's base unless the exchange plainly uses another one (antimatter)."""
    return base if abs(middle / base - 1) < 0.2 else round(middle, -2)


def listing(seen: SeenShip, catalogue: Catalogue) -> Listing:
    """Turn a captured ship price into a listing. Raises SetupError."""
    if seen.type not in catalogue.ship_types:
        raise SetupError(f"The universe file sells {seen.type}, which is no ship of this game.")
    return Listing(seen.type, float(seen.purchase_price))
