"""What the world alone can do: operations of mixed play straight into the simulator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path

import msgspec

from fleet.bench.crowd_play import PAUSE_SECONDS, SPEED, Step, find_places, play
from fleet.bench.figure import Figure, at_least
from fleet.bench.interleaved import interleaved
from fleet.bench.plan import Part, Plan
from fleet.protocol.clock import GameTime
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.clock import RunningClock, VirtualClock
from fleet.simulator.opening import in_memory, open_world
from fleet.simulator.settings import SimSettings
from fleet.simulator.simulator import Simulator

BEGAN = 1_770_000_000.0
ROUNDS = 5
CYCLES = 20_000
BOTS = 100
REACH = 25_000


class World:
    """The scenario `crowd` in this process, with limits off; virtual time moves at rests."""

    reads = False
    """Whether the bots decode what they are answered."""

    def __init__(self, bots: int, systems: int = 1) -> None:
        self.bots = bots
        clock = VirtualClock(BEGAN)
        settings = SimSettings(limits="off", scenario="crowd", systems=systems)
        self.sim = in_memory(settings, clock)
        self._rest: Callable[[], None] = lambda: clock.advance_to(clock.now() + PAUSE_SECONDS)
        self._begin(bots)

    def _begin(self, bots: int) -> None:
        plays = list(crowd(self.sim).values())[:bots]
        self._turns = cycle([turn(steps) for steps in zip(*plays, strict=True)])
        self.wrong: list[str] = []

    def rate(self, requests: int) -> float:
        """Make about so many requests; tell how many were answered per second."""
        done, began = 0, time.perf_counter()
        while done < requests:
            rest, calls = next(self._turns)
            if rest:
                self._rest()
            for request, status in calls:
                answer = self.sim.handle(request, "bench")
                if answer.status != status:
                    self.wrong.append(f"{request.method} {request.path}: {answer.status}")
                if self.reads and answer.body:
                    msgspec.json.decode(answer.body)
            done += len(calls)
        return done / (time.perf_counter() - began)


class LoggedWorld(World):
    """The same as it is served to bots: its clock runs, its commands are logged in a folder.

    What the bots do over a connection they do here, too: they read each answer.
    """

    reads = True

    def __init__(self, bots: int, folder: Path) -> None:
        self.bots = bots
        settings = SimSettings(limits="off", scenario="crowd", data_dir=folder)
        clocks: list[RunningClock] = []

        def begin(now: GameTime) -> RunningClock:
            clocks.append(RunningClock(now, SPEED))
            return clocks[-1]

        self.sim = open_world(settings, begin).simulator
        self._rest = lambda: clocks[-1].step(PAUSE_SECONDS)
        self._begin(bots)


Turn = tuple[bool, list[tuple[HttpRequest, int]]]


def turn(steps: Sequence[Step]) -> Turn:
    """Write the same step of every agent as requests."""
    return steps[0].rest, [(as_request(step), step.status) for step in steps]


def crowd(sim: Simulator) -> dict[str, list[Step]]:
    """Write down the play of each agent of the scenario."""
    tokens = content(sim, Step("GET", "/sim/tokens"))["tokens"]
    first = next(iter(tokens))
    home = content(sim, Step("GET", "/v2/my/agent", token=tokens[first]))["data"]["headquarters"]
    system = sim.world.systems[home.rpartition("-")[0]]
    points = [{"symbol": at, "type": sim.world.waypoints[at].type} for at in system.waypoints]
    places = find_places(points, home, system.probe_at or home)
    return {agent: play(agent, token, places) for agent, token in tokens.items()}


def content(sim: Simulator, step: Step) -> dict[str, dict[str, str]]:
    """Ask the simulator for a document."""
    answer: HttpResponse = sim.handle(as_request(step), "bench")
    found: dict[str, dict[str, str]] = msgspec.json.decode(answer.body)
    return found


def as_request(step: Step) -> HttpRequest:
    """Write a step as the HTTP layer would pass it on."""
    path, _, query = step.path.partition("?")
    pairs = tuple(
        (key, value) for key, _, value in (row.partition("=") for row in query.split("&"))
    )
    headers = {"authorization": f"Bearer {step.token}"} if step.token else {}
    return HttpRequest(
        method=step.method,
        path=path,
        query=pairs if query else (),
        headers=headers | {"content-type": "application/json"} if step.body else headers,
        body=step.body or None,
    )


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure the play of the crowd in this process."""
    bots = min(BOTS, plan.number("bots", BOTS))
    requests = plan.cycles(CYCLES // bots) * bots
    world = World(bots)
    world.rate(requests)
    contestants: dict[str, Callable[[], float]] = {"actions": lambda: world.rate(requests)}
    runs = interleaved(contestants, ROUNDS)["actions"]
    yield Figure(
        f"in-process operations, mixed play, scenario crowd, limits off, {bots} agents",
        runs.median,
        "1/s",
        at_least(REACH),
        spread=runs.spread,
        runs=ROUNDS,
        why=world.wrong[0] if world.wrong else "",
    )


PARTS: dict[str, Part] = {"in process": measure}
