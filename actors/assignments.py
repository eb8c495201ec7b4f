"""Which task a ship gets: plain decisions on what is known of places and ships."""

from __future__ import annotations

from collections.abc import Container, Iterable

from fleet.actors.member import Member
from fleet.actors.routing import distance
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BookView
from fleet.protocol.tasks import (
    AnyTask,
    MineAndSell,
    Park,
    ScoutMarkets,
    SurveySite,
)
from fleet.protocol.wire.contract import Contract
from fleet.protocol.wire.place import Waypoint
from fleet.protocol.wire.ship import Ship

TRADERS = frozenset({"COMMAND", "HAULER", "TRANSPORT", "REFINERY", "EXPLORER"})
# A price that old is worth a visit when there is nothing better to do; game seconds.
STALE = 1_800.0
# When nobody knows any price: this many markets make a first tour. Over six seeds and two game
# hours in virtual time, 16 gained 1.44 million in the mean and 1.09 at least; 8 gained 0.93 and
# 0.19, 20 gained 1.18 and 1.04.
FIRST_TOUR = 16
# A ship that stays at one market reads it this often, one that goes round this often; game
# seconds. Reading waits in the last lane: it fills the allowance and takes nothing from it.
STAY, ROUND = 4.0, 45.0
# A trader without a trade reads the market where it is so often before it looks for one again.
READINGS = 5
# Where somebody reads the market already it rests so long for each ship that rests, at most as long
# as this; game seconds. Two who read the same market mostly share one request and both pay for it.
REST_EACH, LONGEST_REST = 1.0, 600.0
# So often it looks for a trade before it asks for other work: that takes three times the messages.
# `late`, 4 game hours in virtual time, 30 haulers, mean of seeds 1 to 4, goods in holds at cost:
# looking every 30 s gained 165,000 credits an hour, every 54 s 135,000.
LOOKS = 12
# Which deposits hold an ore (observed by several; their shares are not known).
DEPOSITS = {
    "IRON_ORE": ("COMMON_METAL_DEPOSITS", "MINERAL_DEPOSITS"),
    "COPPER_ORE": ("COMMON_METAL_DEPOSITS", "PRECIOUS_METAL_DEPOSITS"),
    "ALUMINUM_ORE": ("COMMON_METAL_DEPOSITS", "PRECIOUS_METAL_DEPOSITS"),
    "SILVER_ORE": ("PRECIOUS_METAL_DEPOSITS",),
    "GOLD_ORE": ("PRECIOUS_METAL_DEPOSITS",),
    "PLATINUM_ORE": ("PRECIOUS_METAL_DEPOSITS",),
    "URANITE_ORE": ("RARE_METAL_DEPOSITS",),
    "MERITIUM_ORE": ("RARE_METAL_DEPOSITS",),
    "PRECIOUS_STONES": ("MINERAL_DEPOSITS",),
    "QUARTZ_SAND": ("COMMON_METAL_DEPOSITS", "MINERAL_DEPOSITS"),
    "SILICON_CRYSTALS": ("COMMON_METAL_DEPOSITS", "MINERAL_DEPOSITS"),
    "ICE_WATER": ("COMMON_METAL_DEPOSITS", "MINERAL_DEPOSITS"),
    "AMMONIA_ICE": ("MINERAL_DEPOSITS",),
}
# A drone's tank takes it so far and back; beyond that it would drift for hours.
DRONE_REACH = 40.0


def clusters(places: Iterable[Waypoint]) -> list[list[Waypoint]]:
    """Group markets that share coordinates (a planet, its moons and stations).

    A shipyard is a group of its own: who watches it stays there, and so ships can be bought.
    """
    yards: list[list[Waypoint]] = []
    groups: dict[tuple[int, int], list[Waypoint]] = {}
    for place in places:
        if place.has("SHIPYARD"):
            yards.append([place])
        elif place.has("MARKETPLACE") and place.type != "FUEL_STATION":
            groups.setdefault((place.x, place.y), []).append(place)
    return yards + list(groups.values())


def scout_task(
    ship: Ship, view: BookView, covered: Container[str], home: Waypoint | None
) -> AnyTask:
    """Give a probe the nearest group of markets that no other probe has, yards first."""
    free = [group for group in clusters(view.waypoints) if group[0].symbol not in covered]
    here = next((p for p in view.waypoints if p.symbol == ship.nav.waypoint_symbol), home)
    if not free or here is None:
        return Park(reason="every market has its scout")

    def order(group: list[Waypoint]) -> tuple[bool, float]:
        return not group[0].has("SHIPYARD"), distance(here, group[0])

    chosen = min(free, key=order)
    waypoints = tuple(place.symbol for place in chosen)
    return ScoutMarkets(waypoints=waypoints, interval=STAY if len(waypoints) == 1 else ROUND)


def place_of(view: BookView, symbol: str) -> Waypoint | None:
    """Find a place on the map."""
    return next((place for place in view.waypoints if place.symbol == symbol), None)


def yard_to_see(view: BookView, home: Waypoint | None, busy: Container[str]) -> str | None:
    """Name the yard at home while nobody has seen what it asks."""
    if home is None:
        return None
    x, y = home.x, home.y
    near = [place for place in view.waypoints if place.x == x and place.y == y]
    priced = {yard for yard, _, price in view.offers if price > 0}
    for place in near:
        free = place.symbol not in priced and place.symbol not in busy
        if free and place.has("SHIPYARD"):
            return place.symbol
    return None


def mining_site(view: BookView, home: Waypoint | None) -> str | None:
    """Choose where to mine: the engineered asteroid, else the common rock nearest home."""
    rocks = [place for place in view.waypoints if "ASTEROID" in place.type]
    for place in rocks:
        if place.type == "ENGINEERED_ASTEROID":
            return place.symbol
    mines = [p for p in rocks if p.has("COMMON_METAL_DEPOSITS") or p.has("MINERAL_DEPOSITS")]
    if not mines or home is None:
        return None
    return min(mines, key=lambda place: distance(place, home)).symbol


def ore_site(view: BookView, usual: str | None, good: str) -> str | None:
    """Choose where miners can get an ore without drifting there: near where they mine usually."""
    here = None if usual is None else place_of(view, usual)
    if here is None:
        return None
    found = [
        place
        for place in view.waypoints
        if "ASTEROID" in place.type
        and any(place.has(trait) for trait in DEPOSITS.get(good, ()))
        and distance(place, here) <= DRONE_REACH
    ]
    return min(found, key=lambda place: distance(place, here)).symbol if found else None


def tour(
    ship: Ship, view: BookView, now: GameTime, busy: Container[str], most: int
) -> ScoutMarkets | None:
    """Make a round of the nearest markets whose prices nobody knows (or knows lately)."""
    seen = dict(view.markets_seen)
    places = {place.symbol: place for place in view.waypoints}
    here = places.get(ship.nav.waypoint_symbol)
    if here is None:
        return None
    wanted = [
        place
        for place in view.waypoints
        if place.has("MARKETPLACE")
        and place.type != "FUEL_STATION"
        and place.symbol not in busy
        and now - seen.get(place.symbol, GameTime(0.0)) > STALE
    ]
    way = tuple(place.symbol for place in _nearest_first(here, wanted, most))
    return ScoutMarkets(waypoints=way, rounds=1) if way else None


def _nearest_first(start: Waypoint, wanted: list[Waypoint], most: int) -> list[Waypoint]:
    way = [start]
    while wanted and len(way) <= most:
        nearest = min(wanted, key=lambda place: distance(way[-1], place))
        wanted.remove(nearest)
        way.append(nearest)
    return way[1:]


def without_trade(member: Member, busy: Container[str], resting: int, least: float) -> AnyTask:
    """Have a ship that finds no trade watch the market where it is for a while, if nobody does.

    Otherwise it rests until a trip brings `least` credits per game second, and looks the more
    seldom the more ships do: what a hundred ships have not found in the last minute is not found
    by one more.
    """
    here = member.ship.nav.waypoint_symbol
    if here not in busy:
        return ScoutMarkets(waypoints=(here,), rounds=READINGS, interval=STAY)
    seconds = min(LONGEST_REST, max(READINGS * STAY, REST_EACH * resting))
    return Park(reason="no trade pays", seconds=seconds, looks=LOOKS, least=least)


def digger_work(
    ship: Ship, view: BookView, home: Waypoint | None, ore: str, contract: Contract | None
) -> AnyTask:
    """Have a miner get what a contract waits for where there is some, else dig at the usual place.

    `ore` is what miners can get for a contract, empty for none; `contract` is theirs to deliver to.
    """
    usual = mining_site(view, home)
    wanted = ore_site(view, usual, ore)
    if wanted is None or ship.registration.role == "SURVEYOR":
        return digger_task(ship, usual, None)
    return digger_task(ship, wanted, contract)


def digger_task(ship: Ship, site: str | None, contract: Contract | None) -> AnyTask:
    """Give a miner or surveyor its asteroid, and a miner the contract that waits for its ore."""
    if site is None:
        return Park(reason="no asteroid is known")
    if ship.registration.role == "SURVEYOR":
        return SurveySite(asteroid=site)
    if any(mount.symbol.startswith("MOUNT_MINING_LASER") for mount in ship.mounts):
        if contract is None:
            return MineAndSell(asteroid=site)
        line = contract.terms.deliver[0]
        return MineAndSell(
            asteroid=site,
            contract=contract.id,
            good=line.trade_symbol,
            destination=line.destination_symbol,
        )
    return Park(reason="nothing to mine with")
