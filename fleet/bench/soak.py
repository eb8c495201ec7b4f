"""`fleet bench soak`: half an hour of chaos on a full fleet, and what is left of it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from fleet.bench.figure import Figure, Reach, at_least, at_most, within
from fleet.bench.plan import Part, Plan
from fleet.bench.soak_books import sellers
from fleet.bench.soak_fleet import SoakFleet
from fleet.bench.soak_memory import Look, of_all, of_each, slope_per_hour
from fleet.bench.soak_storm import EVERY, PER_MINUTE, Blow, Storm

MINUTES = 30
QUICK_MINUTES = 2
SHIPS = 200
SPEED = 60.0
WARM_UP = 600.0
"""Wall seconds after which memory must not grow any more."""

LATELY = 600.0
"""Wall seconds before the end in which each hauler and miner must have sold something."""

SELLERS = ("EXCAVATOR", "HAULER")
WORKERS = 16
"""A request that is never answered holds its worker for ten seconds, and there are seventeen a
minute: of the usual four workers three would do nothing but wait."""

SPARE = 600.0
"""Wall seconds that a fleet lives longer than its storm, when nobody stops it."""

LOOKS, LOOK = 40, 0.5
"""Looks for ships that have not told who they are, and wall seconds between them."""

CALM = 15.0
"""Wall seconds after the last blow, for those that were just hit to come back."""


@dataclass(slots=True)
class Run:
    """What was done to the fleet, and what was seen of it."""

    minutes: int
    given: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    """Blows for which nobody answered: the runtime was being started anew."""

    rss: list[Look] = field(default_factory=list)
    ships: list[dict[str, Any]] = field(default_factory=list)
    sold: set[str] = field(default_factory=set)
    cpu: float = 0.0
    summary: dict[str, Any] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)


def soak(plan: Plan) -> Iterator[Figure]:
    """Storm, calm, stop; then the figures."""
    minutes = plan.number("minutes", QUICK_MINUTES if plan.quick else MINUTES)
    run = Run(minutes)
    lasts = minutes * 60 + SPARE
    start = SoakFleet(plan.folder, ships=SHIPS, speed=SPEED, lasts=lasts, workers=WORKERS)
    with start as fleet:
        plan.say(f"{SHIPS} ships play; {PER_MINUTE} blows a minute for {minutes} minutes")
        _storm(plan, fleet, run)
        time.sleep(CALM)
        run.ships = _ships(fleet)
        fleet.call("audit")
        run.sold = sellers(fleet.data_dir, min(LATELY, minutes * 60.0) * SPEED)
        run.summary = fleet.stop()
        run.events = _count(fleet)
    (plan.folder / "rss.json").write_text(json.dumps(run.rss))
    yield from figures(run)


def _ships(fleet: SoakFleet) -> list[dict[str, Any]]:
    """Look until every ship has told who it is: one that is being replaced is silent."""
    seen: dict[str, dict[str, Any]] = {}
    for _ in range(LOOKS):
        status = fleet.call("status") or {"ships": []}
        seen |= {ship["symbol"]: ship for ship in status["ships"]}
        if len(seen) >= SHIPS:
            break
        time.sleep(LOOK)
    return list(seen.values())


def _storm(plan: Plan, fleet: SoakFleet, run: Run) -> None:
    seconds = run.minutes * 60.0
    every = EVERY if seconds > EVERY else seconds
    storm = Storm(seed=1, seconds=seconds, every=every)
    actors = fleet.actors(at_least=SHIPS)
    began = time.monotonic()
    looked = told = -1.0
    with ThreadPoolExecutor(4) as senders:
        for blow in storm.blows(actors):
            while (now := time.monotonic() - began) < blow.at:
                if now >= looked + 5:
                    looked = now
                    run.rss.append((now, fleet.sizes()))
                if now >= told + 60:
                    told = now
                    plan.say(f"{now / 60:.0f} min: {_sizes(run)}, {run.missed} missed")
                time.sleep(min(0.1, blow.at - now))
            senders.submit(_strike, fleet, run, blow)


def _sizes(run: Run) -> str:
    _, sizes = run.rss[-1]
    return ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in sizes.items())


def _strike(fleet: SoakFleet, run: Run, blow: Blow) -> None:
    if fleet.call("chaos", **blow.arguments) is None:
        run.missed += 1
    else:
        kind = "writer kill" if blow.arguments.get("address") == "/fleet/writer" else blow.kind
        run.given[kind] += 1


def _count(fleet: SoakFleet) -> Counter[str]:
    """Count the events of the log; restarts of the runtime by what they followed."""
    counts: Counter[str] = Counter()
    for event in fleet.events():
        name = str(event.get("event"))
        child = f" {event['child']}" if name.startswith("process.") and "child" in event else ""
        counts[f"{name}{child}"] += 1
    return counts


def figures(run: Run) -> Iterator[Figure]:
    """Make the rows of what was seen."""
    where = (
        f"soak: {run.minutes} min, late with {SHIPS} ships at speed {SPEED:g}, live limits,"
        f" {WORKERS} workers"
    )
    short = "" if run.minutes >= MINUTES else f"shorter than {MINUTES} minutes"

    def row(name: str, value: float | None, unit: str, reach: Reach | None = None) -> Figure:
        return Figure(f"{where}: {name}", value, unit, reach, why=short if reach else "")

    holds, restarts = run.given["gil"], run.events["process.restarted runtime"]
    given = sum(run.given.values())
    due = given / max(1, given + run.missed)
    yield row("chaos events", given / run.minutes, "per min", at_least(0.9 * PER_MINUTE))
    yield row("chaos events that came while nobody listened", (1 - due) * 100, "%")
    yield row("guard restarts less GIL holds", restarts - holds, "restarts", within(0, 0))
    yield row("GIL holds", holds, "holds", at_least(1))
    yield row("writer kills", run.given["writer kill"], "kills", at_least(1))
    difference = run.summary["audit_difference"]
    yield row("audit difference", difference, "credits", within(0, 0))
    total = of_all(run.rss)
    slope = slope_per_hour(total, since=WARM_UP, cycle=EVERY)
    yield row("RSS slope of all processes after 10 min", slope, "MB/h", at_most(5))
    for name, sizes in of_each(run.rss).items():
        slope = slope_per_hour(sizes, since=WARM_UP, cycle=EVERY)
        yield row(f"RSS slope of the {name} after 10 min", slope, "MB/h")
    yield row("most RSS of all processes", max((mb for _, mb in total), default=None), "MB")
    sellers_ = {ship["symbol"] for ship in run.ships if ship["role"] in SELLERS}
    idle = sellers_ - run.sold
    name = "haulers and miners that sold nothing in the last 10 min"
    silent = SHIPS - len(run.ships)
    why = f"{silent} ships did not tell who they are" if silent > 0 else short
    yield Figure(f"{where}: {name}", len(idle), f"of {len(sellers_)}", within(0, 0), why=why)
    yield row("net worth gained", run.summary["net_worth_gain"], "credits")
    for event in ("actor.hung", "actor.crashed", "letter.buried", "breaker.opened"):
        yield row(event, run.events[event], "events")


PARTS: dict[str, Part] = {"soak": soak}
