"""Bots that play the crowd over each transport, and what of their speed is accounted for.

If the world alone does `actions` a second and the connection alone `conn`, both together can do
1/(1/actions + 1/conn): what is missing from that is unaccounted.
"""

from __future__ import annotations

import cProfile
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from fleet.bench.actions import LoggedWorld, World
from fleet.bench.crowd_play import SPEED, Step
from fleet.bench.figure import Figure, Reach, at_least, at_most
from fleet.bench.interleaved import Runs, interleaved
from fleet.bench.matrix import EMPTY, TRANSPORTS, chosen, load
from fleet.bench.plan import Part, Plan
from fleet.bench.sim_process import Served, crowd_plays, served, simulator
from fleet.protocol.errors import UsageError

ROUNDS = 15
SLICES = 5
"""Parts of a round that take turns: what disturbs for a tenth of a second disturbs all alike."""

CYCLES = 500
BOTS = 10
RATE_REACH = {"websocket": at_least(3_500)}
UNACCOUNTED_REACH = {"websocket": at_most(0.15)}


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure each transport with its connection and the world alone, in turns."""
    bots, each = plan.number("bots", BOTS), plan.cycles(CYCLES)
    names = chosen(plan.options.get("transport", "all"))
    folder = plan.options.get("profile")
    profile = Path(folder) / "server.prof" if folder else None
    if profile is not None:
        profile.parent.mkdir(parents=True, exist_ok=True)
    with served(serving(plan.folder / "world", profile)) as server:
        carried = [name for name in names if name in TRANSPORTS]
        world = LoggedWorld(bots, plan.folder / "alone")
        bench = Bench(server, world, shares(crowd_plays(server), carried, bots), each)
        runs = bench.profiled(profile) if profile else bench.run(ROUNDS)
        yield from bench.figures(runs)
        if "inprocess" in names:
            yield figure("inprocess", bots, each, runs["actions"], bench.world.wrong)


def serving(folder: Path, profile: Path | None) -> list[str]:
    """Write the command of the simulator that the bots play in."""
    options = ("--scenario", "crowd", "--systems", "1", "--speed", str(SPEED))
    return simulator(folder, *options, profile=profile)


def shares(plays: list[list[Step]], names: Sequence[str], bots: int) -> dict[str, list[list[Step]]]:
    """Give each transport bots of its own: a bot is where its own last request left it.

    Raises UsageError for more bots than the crowd has.
    """
    most = len(plays) // max(1, len(names))
    if not 1 <= bots <= most:
        raise UsageError(f"--bots is {bots}; give 1 to {most} for {len(names)} transports.")
    return {name: plays[at * bots : (at + 1) * bots] for at, name in enumerate(names)}


class Bench:
    """The loads that are compared, all on one simulator."""

    def __init__(
        self, server: Served, world: World, plays: dict[str, list[list[Step]]], each: int
    ) -> None:
        bots = world.bots
        self._bots, self._each = bots, each
        self.world = world
        self._plays = {name: load(server, name, steps) for name, steps in plays.items()}
        self._empty = {name: load(server, name, [[EMPTY]] * bots) for name in plays}

    def run(self, rounds: int) -> dict[str, Runs]:
        """Measure everything in turns, each round in slices."""
        slices = min(SLICES, self._each)
        each = self._each // slices
        contestants: dict[str, Callable[[], float]] = {
            "actions": lambda: self.world.rate(each * self._bots)
        }
        for name in self._plays:
            contestants[name] = partial(self._plays[name].run, each)
            contestants[f"conn {name}"] = partial(self._empty[name].run, each)
        runs = interleaved(contestants, rounds * slices)
        return {name: joined(found, slices) for name, found in runs.items()}

    def profiled(self, server_profile: Path) -> dict[str, Runs]:
        """Measure once with a profile of the bots beside the one of the server."""
        with cProfile.Profile() as profile:
            runs = self.run(1)
        profile.dump_stats(server_profile.with_name("client.prof"))
        return runs

    def figures(self, runs: dict[str, Runs]) -> Iterator[Figure]:
        """Write the table: rate, ceiling, unaccounted share, latencies, CPU."""
        for name, row in self._plays.items():
            wrong = [row.wrong] if row.wrong else self.world.wrong
            yield figure(name, self._bots, self._each, runs[name], wrong)
            pairs = zip(runs["actions"].values, runs[f"conn {name}"].values, strict=True)
            ceilings = Runs(tuple(1 / (1 / world + 1 / line) for world, line in pairs))
            shares = Runs(
                tuple(
                    1 - rate / most
                    for rate, most in zip(runs[name].values, ceilings.values, strict=True)
                )
            )
            about = f"simulate, {name}"
            yield Figure(
                f"{about}: ceiling 1/(1/actions + 1/conn)",
                ceilings.median,
                "1/s",
                spread=ceilings.spread,
                runs=len(ceilings.values),
            )
            yield Figure(
                f"{about}: unaccounted share of the ceiling",
                shares.median,
                "",
                UNACCOUNTED_REACH.get(name),
                spread=shares.spread,
                runs=len(shares.values),
            )
            for share, label in ((0.5, "p50"), (0.99, "p99")):
                yield Figure(f"{about}: latency {label}", row.latency(share), "ms")
            yield Figure(f"{about}: CPU of the simulator", row.server_busy, "cores")
            yield Figure(f"{about}: CPU of the bots", row.client_busy, "cores")
            row.herd.close()
            self._empty[name].herd.close()


def joined(runs: Runs, slices: int) -> Runs:
    """Put the slices of each round together: as many requests in each, so the times add up."""
    rounds = range(0, len(runs.values), slices)
    return Runs(tuple(statistics.harmonic_mean(runs.values[at : at + slices]) for at in rounds))


def figure(name: str, bots: int, each: int, runs: Runs, wrong: list[str]) -> Figure:
    """Write the counted requests per second of a transport."""
    about = TRANSPORTS[name].about if name in TRANSPORTS else "in one process"
    reach: Reach | None = RATE_REACH.get(name)
    return Figure(
        f"simulate: counted requests, scenario crowd, limits off, {bots} bots, {each} cycles, "
        f"{about}",
        runs.median,
        "1/s",
        reach,
        spread=runs.spread,
        runs=len(runs.values),
        why=wrong[0] if wrong else "",
    )


PARTS: dict[str, Part] = {"transports": measure}
