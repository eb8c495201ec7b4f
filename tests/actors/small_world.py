"""A small world with one agent, and a server of it that keeps the books of what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fleet.actors.market_book import Knowledge
from fleet.protocol.endpoints import BY_OPERATION, ENDPOINTS
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.protocol.wire.decoding import decode
from fleet.protocol.wire.market import Agent
from fleet.protocol.wire.ship import Ship
from fleet.runtime import (
    VirtualClock,
)
from fleet.simulator import Rules, SimSettings, Simulator
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import VirtualClock as SimVirtualClock
from fleet.simulator.genesis import derived_key
from fleet.simulator.opening import in_memory
from fleet.simulator.router import Router
from fleet.simulator.world.world import World
from fleet.storage.ledger import effects

START = 1_782_000_000.0
AGENT = "TEST"
CLIENT = "127.0.0.1"
RULES = Rules(
    # Chance has nothing to say: what a disturbed run costs can be told from its requests.
    yield_low=2.0,
    yield_high=2.0,
    survey_life=(7200.0, 7200.0),
    survey_deposits=(3, 3),
    survey_odds={"LARGE": 1.0},
    survey_extractions={"LARGE": (100, 100)},
    contract_units_small=(2.5, 2.5),
)
KEPT = ("A1", "A2", "XX5B", "D48", "E51", "H56", "H57")
"""Headquarters, two yards, the engineered asteroid, and where goods are made and wanted."""

CONTRACTED = "POLYNUCLEOTIDES"
"""Made at E51, wanted at D48, 20 units at a time."""


@dataclass(frozen=True)
class Snapshot:
    """A small world with one agent, as bytes, and all that can be known of its places."""

    world: bytes
    token: str
    key: bytes
    catalogue: Catalogue
    home: str
    """Prefix of all waypoints: `X1-J360-`."""

    agent: Agent
    ships: tuple[Ship, ...]
    knowledge: Knowledge

    def thaw(self) -> World:
        return msgspec.msgpack.decode(self.world, type=World)

    def serve(self, clock: VirtualClock | None = None) -> Server:
        """Put a server of its own over a copy of the world."""
        return Server(self, clock)

    def altered(self, alter: Callable[[World], None]) -> Snapshot:
        """Make another world of it, and read agent and ships anew."""
        world = self.thaw()
        alter(world)
        frozen = replace(self, world=msgspec.msgpack.encode(world))
        server = Server(frozen)
        return replace(frozen, agent=server.get("get-my-agent"), ships=server.get("get-my-ships"))


@dataclass
class Heard:
    """One request as the server saw it, and its answer."""

    operation: str
    ship: str | None
    status: int
    data: Any
    body: Any
    lost: bool = False
    """The server answered, and nobody got it."""


class Server:
    """A simulator in this thread as a transport; keeps the books of what it was asked."""

    def __init__(self, snapshot: Snapshot, clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock(START)
        self._sim_clock = SimVirtualClock(self.clock.now)
        self.simulator = Simulator(
            snapshot.thaw(),
            clock=self._sim_clock,
            catalogue=snapshot.catalogue,
            key=snapshot.key,
        )
        self._token = snapshot.token
        self._router = Router(ENDPOINTS)
        self.heard: list[Heard] = []
        self.lose: set[int] = set()
        """Numbers of requests, from 0, whose answers get lost."""

        self.answer: Callable[[int, HttpRequest], HttpResponse | None] = lambda _n, _r: None
        """May answer in the server's place."""

    @property
    def world(self) -> World:
        return self.simulator.world

    def send(self, request: HttpRequest) -> HttpResponse:
        self._sim_clock.advance_to(self.clock.now)
        number = len(self.heard)
        response = self.answer(number, request) or self.simulator.handle(request, CLIENT)
        found = self._router.find(request.method, request.path.removeprefix("/v2"))
        assert found is not None
        endpoint, params = found
        data = msgspec.json.decode(response.body).get("data") if response.body else None
        body = msgspec.json.decode(request.body) if request.body else None
        lost = number in self.lose
        ship = params.get("shipSymbol")
        self.heard.append(Heard(endpoint.operation, ship, response.status, data, body, lost))
        if lost:
            raise TransportError("the test lost the answer", sent=True)
        return response

    def cancel(self) -> None:
        pass

    def get(self, operation: str, **params: str) -> Any:
        """Read something as our own client would; it is not counted."""
        return self._do(operation, None, params)

    def post(self, operation: str, body: Any = None, **params: str) -> Any:
        """Do something as our own client would; it is not counted."""
        return self._do(operation, msgspec.json.encode(body) if body else None, params)

    def _do(self, operation: str, body: bytes | None, params: dict[str, str]) -> Any:
        endpoint = BY_OPERATION[operation]
        request = HttpRequest(
            method=endpoint.method,
            path=f"/v2{endpoint.fill(params)}",
            headers={"authorization": f"Bearer {self._token}"},
            body=body,
        )
        # Slowly enough for the limiter; an address of its own leaves the other's windows alone.
        self.clock.now += 0.5
        self._sim_clock.advance_to(self.clock.now)
        answer = self.simulator.handle(request, "127.0.0.2")
        assert answer.status < 300, answer.body
        return decode(operation, msgspec.json.decode(answer.body)["data"])

    def done(self, *operations: str) -> list[Heard]:
        """List what was asked of these operations and granted."""
        return [h for h in self.heard if h.operation in operations and h.status < 300]

    def lost_credits(self) -> int:
        """Sum up the credits of which only lost answers told."""
        lost = [h for h in self.heard if h.lost and h.status < 300 and isinstance(h.data, dict)]
        return sum(e.delta for h in lost for e in effects(h.operation, h.ship, h.data))


def small(world: World, home: str) -> None:
    """Leave a few places, and one ore in the ground."""
    kept = {f"{home}{name}" for name in KEPT}
    for system in world.systems.values():
        system.waypoints = [symbol for symbol in system.waypoints if symbol in kept]
    for places in (world.waypoints, world.markets, world.shipyards):
        for symbol in [symbol for symbol in places if symbol not in kept]:
            del places[symbol]
    for point in world.waypoints.values():
        point.orbitals = [symbol for symbol in point.orbitals if symbol in kept]
    world.waypoints[f"{home}XX5B"].deposits = {"IRON_ORE": 1.0}
    for market in world.markets.values():
        for good in market.goods.values():
            # Rarities are not contracted for: only one thing is wanted.
            good.still = good.symbol != CONTRACTED or good.role != "IMPORT"


def everything_known(snapshot: Snapshot) -> Knowledge:
    """Look at every place with a ship that is there in no time."""
    server = Server(snapshot)
    system = snapshot.home.rstrip("-")
    places = server.get("get-system-waypoints", systemSymbol=system)
    known = Knowledge(waypoints={place.symbol: place for place in places})
    nav = server.world.ships[f"{AGENT}-1"].nav
    for symbol in server.world.markets:
        nav.waypoint = symbol
        market = server.get("get-market", systemSymbol=system, waypointSymbol=symbol)
        known.markets[symbol] = (market, server.clock.game())
        if symbol in server.world.shipyards:
            known.yards[symbol] = server.get(
                "get-shipyard", systemSymbol=system, waypointSymbol=symbol
            )
    return known


def make_snapshot() -> Snapshot:
    clock = SimVirtualClock(START)
    simulator = in_memory(SimSettings(seed=1, rules=RULES), clock)
    world = simulator.world
    home = f"{next(iter(world.systems))}-"
    small(world, home)
    body = msgspec.json.encode({"symbol": AGENT, "faction": "COSMIC"})
    request = HttpRequest(method="POST", path="/v2/register", body=body)
    data = msgspec.json.decode(simulator.handle(request, CLIENT).body)["data"]
    agent = world.agents[AGENT]
    del world.ships[agent.ships.pop(1)]
    world.contracts.clear()
    agent.contracts.clear()
    snapshot = Snapshot(
        world=msgspec.msgpack.encode(world),
        token=data["token"],
        key=derived_key(world.seed),
        catalogue=simulator.catalogue,
        home=home,
        agent=msgspec.convert(data["agent"], Agent),
        ships=(),
        knowledge=Knowledge(),
    ).altered(lambda _: None)
    return replace(snapshot, knowledge=everything_known(snapshot))
