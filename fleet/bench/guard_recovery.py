"""What only a fresh process mends: a held interpreter lock, and zombies over their budget."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from fleet.bench.figure import Figure, Reach, at_most, within
from fleet.bench.guard_fleet import SCENARIO, SPEED, MeasuredFleet, moment
from fleet.bench.plan import Plan
from fleet.protocol.errors import FleetError
from fleet.supervision.guard.lifeline import RENEWAL

NEVER: Final = 3600.0
"""Wall seconds that a fault lasts which is not to end by itself."""

LOCKS, SPINNERS = 65, 3
"""One more each than the usual budget of zombies allows."""

STALL: Final = 10.0
TURNS: Final = 2
"""Each fleet takes a quarter of a minute, and the whole bench is to end within eight."""

WITHIN: Final = at_most(8.0)
WHERE: Final = f"scenario {SCENARIO}, 100 ships, speed {SPEED}, limits live"


@dataclass(frozen=True, slots=True)
class Recovery:
    """One fleet that was hit and came back."""

    took: float
    """Wall seconds from the fault to a runtime that has sent requests again."""

    lost: int
    """Credits that the books could not tell of, at the start after it and at the end."""

    lines: int
    """Lines of the log that tell why the process was given up."""

    why: str = ""
    """What did not go as it should."""


def recoveries(plan: Plan) -> Iterator[Figure]:
    """Measure how long the fleet is away, in turns with a runtime that is simply killed."""
    ways: dict[str, Callable[[MeasuredFleet], Recovery]] = {
        "killed": killed,
        "gil": lock_held,
        "locks": locks,
        "spinners": spinners,
    }
    found: dict[str, list[Recovery]] = {name: [] for name in ways}
    for turn in range(1 if plan.quick else TURNS):
        for name, way in ways.items():
            plan.say(f"recovery {turn + 1}: {name}")
            with MeasuredFleet(plan.folder / f"{name}-{turn}") as fleet:
                found[name].append(way(fleet))
    names = {
        "killed": "runtime killed by SIGKILL, to its requests",
        "gil": f"interpreter lock held for {STALL:g} s in C, stall to requests",
        "locks": f"{LOCKS} locks that never end, over budget to requests",
        "spinners": f"{SPINNERS} spinners that never end, over budget to requests",
    }
    killed_took = statistics.median(each.took for each in found["killed"])
    for name, text in names.items():
        reach = None if name == "killed" else WITHIN
        yield _took(f"{text} ({WHERE})", found[name], reach, killed_took)
    drained = [*found["locks"], *found["spinners"]]
    lost = sum(each.lost for each in drained)
    yield Figure(f"lost when drained ({WHERE})", lost, "credits", reach=within(0, 0))
    lines = max(abs(each.lines - 1) for each in drained)
    yield Figure("lines too many or too few that say so", lines, "lines", reach=within(0, 0))


def _took(name: str, found: list[Recovery], reach: Reach | None, killed_took: float) -> Figure:
    times = [each.took for each in found]
    median = statistics.median(times)
    return Figure(
        name,
        median,
        "s",
        reach=reach,
        spread=(min(times), max(times)),
        runs=len(times),
        paired_with="" if reach is None else "runtime killed by SIGKILL",
        ratio=None if reach is None else median / killed_took,
        why="; ".join(sorted({each.why for each in found if each.why})),
    )


def killed(fleet: MeasuredFleet) -> Recovery:
    """Kill the runtime as the kernel would: the shortest way to a fresh one."""
    told = fleet.call("status")["process"]
    began = time.time()
    os.kill(int(told["pid"]), signal.SIGKILL)
    fleet.playing(after=int(told["epoch"]))
    return _recovered(fleet, began, lines=1, why="")


def lock_held(fleet: MeasuredFleet) -> Recovery:
    """Hold the interpreter's lock in C: no thread of the runtime goes on, the watchdog neither."""
    epoch = int(fleet.call("status")["process"]["epoch"])
    ship = fleet.ships(1)[0]
    began = time.time()
    # It begins at once, so that the answer may never be given.
    with suppress(FleetError):
        fleet.call("chaos", kind="gil", address=ship, seconds=STALL)
    fleet.playing(after=epoch)
    stalled = list(fleet.events("process.stalled"))
    dumped = (fleet.folder / "dumps" / "runtime.txt").read_text(errors="replace")
    why = "" if len(stalled) == 1 and "runtime/chaos.py" in dumped else "no dump shows the stall"
    return _recovered(fleet, began, lines=len(stalled), why=why)


def locks(fleet: MeasuredFleet) -> Recovery:
    """Hang more actors for good than the budget of zombies allows."""
    return _over_budget(fleet, "deadlock", LOCKS)


def spinners(fleet: MeasuredFleet) -> Recovery:
    """Have more actors compute for good than the budget of spinners allows."""
    return _over_budget(fleet, "spin", SPINNERS)


def _over_budget(fleet: MeasuredFleet, kind: str, count: int) -> Recovery:
    epoch = int(fleet.call("status")["process"]["epoch"])
    for path in fleet.ships(count):
        fleet.call("chaos", kind=kind, address=path, seconds=NEVER)
    began = moment(fleet.until("actor.hung", count)[count - 1])
    fleet.playing(after=epoch)
    lines = len(list(fleet.events("zombies.exceeded")))
    return _recovered(fleet, began, lines=lines, why=_drained(fleet))


def _drained(fleet: MeasuredFleet) -> str:
    """Tell what was wrong with the drain; empty when nothing was."""
    stopped = list(fleet.events("fleet.stopped"))
    if not stopped or stopped[0].get("survivors") != []:
        return "not everybody stopped before the process ended"
    exits = [record.get("exit_code") for record in fleet.events("process.exited")]
    return "" if exits == [RENEWAL] else f"the runtime did not ask for a fresh start: {exits}"


def _recovered(fleet: MeasuredFleet, began: float, *, lines: int, why: str) -> Recovery:
    took = time.time() - began
    told: dict[str, Any] = fleet.stop()
    lost = sum(abs(int(record["difference"])) for record in fleet.events("ledger.reconciled"))
    return Recovery(took, lost + abs(int(told["audit_difference"])), lines, why)
