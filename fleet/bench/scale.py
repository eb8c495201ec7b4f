"""What a request costs in small and large worlds, and what a large one takes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from fleet.bench.actions import BEGAN, World, as_request, content
from fleet.bench.crowd_play import Step
from fleet.bench.figure import Figure, at_most
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.plan import Plan
from fleet.bench.sim_process import served, simulator
from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import in_memory
from fleet.simulator.settings import SimSettings
from fleet.simulator.universe.stars import REAL_SIZE

RUNS = 5
FLAT = 1.5
REQUESTS = 8_000
PAGE = 20
FEW_SHIPS, MANY_SHIPS = 10, 10_000
MOST_MEMORY, LONGEST_START = 400.0, 3.0


def systems(plan: Plan) -> Iterator[Figure]:
    """Compare the crowd's play in one system with that in a galaxy that was looked at all over."""
    requests = REQUESTS // 5 if plan.quick else REQUESTS
    small, large = World(100), World(100, systems=REAL_SIZE)
    pages = REAL_SIZE // PAGE // (10 if plan.quick else 1)
    plan.say(f"looking at {pages * PAGE} systems")
    began = time.perf_counter()
    for page in range(1, pages + 1):
        content(large.sim, Step("GET", f"/v2/systems?limit={PAGE}&page={page}"))
    looked = (time.perf_counter() - began) / (pages * PAGE) * 1000
    yield Figure("first look at a system of the galaxy", looked, "ms")
    yield flat(
        f"cost per request, mixed play, scenario crowd, limits off: {REAL_SIZE} systems",
        "1 system",
        partial(small.rate, requests),
        partial(large.rate, requests),
    )


def ships(plan: Plan) -> Iterator[Figure]:
    """Compare an agent with few ships to one with many."""
    requests = REQUESTS // 5 if plan.quick else REQUESTS
    few, many = (Docks(plan.folder, count) for count in (FEW_SHIPS, MANY_SHIPS))
    yield flat(
        f"cost per request, reads and trades at five markets, limits off: {MANY_SHIPS} ships",
        f"{FEW_SHIPS} ships",
        partial(few.rate, requests),
        partial(many.rate, requests),
    )


def flat(name: str, beside: str, small: Callable[[], float], large: Callable[[], float]) -> Figure:
    """Compare what a request costs in a large world with what it costs in a small one."""
    small(), large()
    runs = interleaved({"small": small, "large": large}, RUNS)
    cost = 1e6 / runs["large"].median
    low, high = (1e6 / rate for rate in reversed(runs["large"].spread))
    return Figure(
        name,
        cost,
        "us",
        at_most(FLAT, of="ratio"),
        spread=(low, high),
        runs=RUNS,
        paired_with=beside,
        ratio=ratio(runs["small"], runs["large"]),
    )


class Docks:
    """An agent with so many haulers at five markets, in this process."""

    def __init__(self, folder: Path, count: int) -> None:
        squadron = {"type": "SHIP_LIGHT_HAULER", "count": count, "at": "MARKETS", "over": 5}
        scenario = {"name": "docks", "credits": 10**9, "ships": [squadron]}
        path = folder / f"docks-{count}.json"
        path.write_bytes(msgspec.json.encode(scenario))
        clock = VirtualClock(BEGAN)
        self._sim = in_memory(SimSettings(limits="off", scenario=str(path)), clock)
        body = msgspec.json.encode({"symbol": "DOCKS", "faction": "COSMIC"})
        found = content(self._sim, Step("POST", "/v2/register", body=body))["data"]
        self._token = found["token"]
        self._dice = random.Random(count)
        self._count = count

    def rate(self, requests: int) -> float:
        """Make so many requests of random ships; tell how many were answered per second."""
        asked = [row for _ in range(requests // 9) for row in self._turn()]
        began = time.perf_counter()
        for request in asked:
            self._sim.handle(request, "bench")
        return len(asked) / (time.perf_counter() - began)

    def _turn(self) -> list[HttpRequest]:
        """Write what one ship does: look, trade, look at its market and at one far away."""
        number = self._dice.randint(3, self._count + 2)
        symbol = f"DOCKS-{number:X}"
        here = self._sim.world.ships[symbol].nav.waypoint
        system = here.rpartition("-")[0]
        far = self._dice.choice(self._sim.world.systems[system].waypoints[-9:])
        ship, places = f"/v2/my/ships/{symbol}", f"/v2/systems/{system}/waypoints"
        fuel = msgspec.json.encode({"symbol": "FUEL", "units": 1})
        page = self._dice.randint(1, max(1, self._count // PAGE))
        steps = (
            Step("GET", ship),
            Step("POST", f"{ship}/orbit"),
            Step("POST", f"{ship}/dock"),
            Step("GET", f"{places}/{here}/market"),
            Step("POST", f"{ship}/purchase", body=fuel),
            Step("POST", f"{ship}/sell", body=fuel),
            Step("GET", f"{places}/{far}/market"),
            Step("GET", f"/v2/my/ships?limit={PAGE // 2}&page={page}"),
            Step("GET", "/v2/my/agent"),
        )
        return [
            as_request(Step(row.method, row.path, body=row.body, token=self._token))
            for row in steps
        ]


def footprint(plan: Plan) -> Iterator[Figure]:
    """Start a simulator of full size, look at all of it, and tell time and memory."""
    pages = REAL_SIZE // PAGE // (10 if plan.quick else 1)
    began = time.perf_counter()
    with served(simulator(plan.folder / "world", "--systems", str(REAL_SIZE))) as server:
        server.get("/v2/")
        started = time.perf_counter() - began
        yield Figure(
            f"start to first answer, {REAL_SIZE} systems", started, "s", at_most(LONGEST_START)
        )
        fresh = server.rss()
        for page in range(1, pages + 1):
            server.get(f"/v2/systems?limit={PAGE}&page={page}")
        yield Figure(f"RSS before anybody has looked, {REAL_SIZE} systems", fresh, "MB")
        yield Figure(
            f"RSS after {pages * PAGE} systems were looked at",
            server.rss(),
            "MB",
            at_most(MOST_MEMORY),
        )
