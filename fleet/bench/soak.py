"""`fleet bench soak`: an hour of chaos on a full fleet, and what is left of it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fleet.bench.figure import Figure
from fleet.bench.plan import Part, Plan
from fleet.bench.soak_attendance import Attendance
from fleet.bench.soak_books import roles, sellers
from fleet.bench.soak_figures import figures
from fleet.bench.soak_fleet import SoakFleet
from fleet.bench.soak_run import MINUTES, SHIPS, SPEED, WORKERS, Run
from fleet.bench.soak_sender import Sender
from fleet.bench.soak_storm import EVERY, PER_MINUTE, Blow, Storm

QUICK_MINUTES = 2
LATELY = 600.0
"""Wall seconds before the end in which each hauler and miner must have sold something."""

SPARE = 600.0
"""Wall seconds that a fleet lives longer than its storm, when nobody stops it."""

LOOKS, LOOK = 600, 0.5
"""Looks for ships that have not answered since the storm, and wall seconds between them. One that
failed six times in a minute rests for another one, the next time for two, then for four."""

MEMORY = 5.0
"""Wall seconds between two looks at the memory of all processes."""

CALM = 15.0
"""Wall seconds after the last blow, for those that were just hit to come back."""

SENDERS = 4
"""Threads that give blows: one that meets nobody may wait for five seconds."""

OWED = 3
"""For so many new blows one that nobody took is given again: a fleet that was just started anew
is not to be struck twice as often."""

LAST = 30.0
"""Wall seconds after the storm in which the last ones that are owed must be taken."""


def soak(plan: Plan) -> Iterator[Figure]:
    """Storm, calm, stop; then the figures."""
    minutes = plan.number("minutes", QUICK_MINUTES if plan.quick else MINUTES)
    run = Run(minutes)
    lasts = minutes * 60 + SPARE
    start = SoakFleet(plan.folder, ships=SHIPS, speed=SPEED, lasts=lasts, workers=WORKERS)
    with start as fleet:
        plan.say(f"{SHIPS} ships play; {PER_MINUTE} blows a minute for {minutes} minutes")
        with Attendance(lambda: _answering(fleet)) as attendance:
            _storm(plan, fleet, run)
        run.silences = attendance.longest
        time.sleep(CALM)
        run.sold = sellers(fleet.data_dir, min(LATELY, minutes * 60.0) * SPEED)
        run.ships = roles(fleet.data_dir)
        _await_ships(plan, fleet, run)
        fleet.call("audit")
        run.summary = fleet.stop()
        run.events = _count(fleet)
    (plan.folder / "rss.json").write_text(json.dumps(run.rss))
    yield from figures(run)


def _answering(fleet: SoakFleet) -> set[str]:
    status = fleet.call("status") or {"ships": []}
    return {ship["symbol"] for ship in status["ships"]}


def _await_ships(plan: Plan, fleet: SoakFleet, run: Run) -> None:
    """Look until every ship has answered: one that is being replaced, or rests, is silent."""
    began, silent = time.monotonic(), set(run.ships)
    for number in range(LOOKS):
        silent -= _answering(fleet)
        if not silent:
            run.back = CALM + time.monotonic() - began
            return
        if number in {0, LOOKS - 1}:
            plan.say("; ".join(_told_of(silent, fleet.call("actors") or [])))
        time.sleep(LOOK)


def _told_of(ships: set[str], actors: list[dict[str, Any]]) -> Iterator[str]:
    """Tell of silent ships what their supervisor knows."""
    for row in actors:
        name = row["path"].rpartition("/")[2]
        if name in ships:
            yield f"{name} is silent and {row['state']}: {row['event_text']}"


def _storm(plan: Plan, fleet: SoakFleet, run: Run) -> None:
    seconds = run.minutes * 60.0
    storm = Storm(seed=1, seconds=seconds, every=min(EVERY, seconds))
    run.due = storm.specials
    actors = fleet.actors(at_least=SHIPS)
    began, told = time.monotonic(), 0.0

    def now() -> float:
        return time.monotonic() - began

    def again(blow: Blow) -> Blow:
        return storm.again(blow, now())

    with ThreadPoolExecutor(SENDERS) as threads:
        sender = Sender(lambda blow: fleet.call("chaos", **blow.arguments) is not None, threads)
        for number, blow in enumerate(storm.blows(actors)):
            _watch(fleet, run, blow.at, now)
            sender.send(blow)
            if number % OWED == 0:
                sender.send_owed(again)
            if now() >= told:
                told = now() + 60
                plan.say(f"{now() / 60:.0f} min: {_sizes(run)}, {sender.missed} missed")
        while sender.outstanding and now() < seconds + LAST:
            time.sleep(60 / PER_MINUTE)
            sender.send_owed(again)
    run.lasted = max(seconds, now())
    run.taken, run.missed = sender.taken, sender.missed
    run.at_the_writer = sender.at_the_writer


def _watch(fleet: SoakFleet, run: Run, until: float, now: Callable[[], float]) -> None:
    """Look at the memory now and then until a moment, and at least once when it is time."""
    while True:
        at = now()
        if not run.rss or at >= run.rss[-1][0] + MEMORY:
            run.rss.append((at, fleet.sizes()))
        if at >= until:
            return
        time.sleep(min(0.1, until - at))


def _sizes(run: Run) -> str:
    _, sizes = run.rss[-1]
    return ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in sizes.items())


def _count(fleet: SoakFleet) -> Counter[str]:
    """Count the events of the log; restarts of the runtime by what they followed."""
    counts: Counter[str] = Counter()
    for event in fleet.events():
        name = str(event.get("event"))
        child = f" {event['child']}" if name.startswith("process.") and "child" in event else ""
        counts[f"{name}{child}"] += 1
    return counts


PARTS: dict[str, Part] = {"soak": soak}
