"""The rows of a soak: what its storm was, and what the fleet made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet.bench.figure import Figure, Reach, at_least, at_most, within
from fleet.bench.soak_attendance import PATIENT
from fleet.bench.soak_memory import growth, of_all, of_each
from fleet.bench.soak_run import MINUTES, SELLING, SHIPS, SPEED, WORKERS, Run
from fleet.bench.soak_storm import EVERY, MIX, PER_MINUTE

WARM_UP: Final = 600.0
"""Wall seconds after which memory must not grow any more."""

EVENTS: Final = (
    "actor.hung",
    "actor.crashed",
    "child.quarantined",
    "letter.buried",
    "breaker.opened",
)
"""Counted for information."""

EVEN: Final = 0.98
"""Share of the commonest kind's events that the rarest must have, for the mix to be even."""


class Rows:
    """Makes rows whose names tell the scenario, and that prove nothing of too short a soak."""

    def __init__(self, run: Run) -> None:
        """Name the soak that was seen."""
        self._where = (
            f"soak: {run.minutes} min, late with {SHIPS} ships at speed {SPEED:g}, live limits,"
            f" {WORKERS} workers"
        )
        self._short = "" if run.minutes >= MINUTES else f"shorter than {MINUTES} minutes"

    def row(
        self, name: str, value: float | None, unit: str, reach: Reach | None = None, why: str = ""
    ) -> Figure:
        """Make one; one without reach is information, whatever the soak."""
        failed = why or (self._short if reach else "")
        return Figure(f"{self._where}: {name}", value, unit, reach, why=failed)


def figures(run: Run) -> Iterator[Figure]:
    """Make the rows of what was seen."""
    rows = Rows(run)
    yield from _storm(run, rows)
    restarts = run.events["process.restarted runtime"] - run.taken["GIL hold"]
    yield rows.row("guard restarts less GIL holds", restarts, "restarts", within(0, 0))
    difference = run.summary["audit_difference"]
    yield rows.row("audit difference", difference, "credits", within(0, 0))
    yield from _memory(run, rows)
    yield _idle(run, rows)
    yield rows.row("net worth gained", run.summary["net_worth_gain"], "credits")
    yield from _silence(run, rows)
    name = "after the storm until every ship had answered"
    yield rows.row(name, run.back, "s", why="" if run.back else "one did not")
    for event in EVENTS:
        yield rows.row(event, run.events[event], "events")


def _storm(run: Run, rows: Rows) -> Iterator[Figure]:
    taken = sum(run.taken.values())
    per_minute = taken * 60 / run.lasted
    yield rows.row("chaos events that the fleet took", per_minute, "per min", at_least(PER_MINUTE))
    kinds = [run.taken[kind] for kind in MIX]
    share = min(kinds) / max(1, *kinds)
    name = f"rarest of the {len(MIX)} kinds by the commonest"
    yield rows.row(name, share, "share", at_least(EVEN))
    sent = max(1, taken + run.missed)
    name = "chaos events that had to be sent again: the runtime was being started anew"
    yield rows.row(name, run.missed / sent * 100, "%")
    often = f"one every {min(EVERY / 60, run.minutes):g} min"
    yield rows.row(f"GIL holds, {often}", run.taken["GIL hold"], "holds", at_least(run.due))
    name, kills = f"writer kills, {often} beside the mix", run.taken["writer kill"]
    yield rows.row(name, kills, "kills", at_least(run.due))
    yield rows.row("events of the mix that hit the writer too", run.at_the_writer, "events")


def _memory(run: Run, rows: Rows) -> Iterator[Figure]:
    total = of_all(run.rss)
    grown = growth(total, since=WARM_UP, cycle=EVERY)
    slope = None if grown is None else grown.per_hour
    yield rows.row("RSS slope of all processes after 10 min", slope, "MB/h", at_most(5))
    if grown is not None:
        yield rows.row("standard error of that slope", grown.error, "MB/h")
        for at, size in enumerate(grown.sizes):
            since = (WARM_UP + at * EVERY) / 60
            yield rows.row(f"RSS of all processes, {EVERY / 60:g} min from {since:g}", size, "MB")
    for name, sizes in of_each(run.rss).items():
        one = growth(sizes, since=WARM_UP, cycle=EVERY)
        slope = None if one is None else one.per_hour
        yield rows.row(f"RSS slope of the {name} after 10 min", slope, "MB/h")
    yield rows.row("most RSS of all processes", max((mb for _, mb in total), default=None), "MB")


def _idle(run: Run, rows: Rows) -> Figure:
    sellers = run.sellers
    missing = SELLING - len(sellers)
    why = f"{missing} of them are not in the database" if missing > 0 else ""
    name = "haulers and miners that sold nothing in the last 10 min, nor fulfilled a contract"
    return rows.row(name, len(sellers - run.sold), f"of {len(sellers)}", within(0, 0), why)


def _silence(run: Run, rows: Rows) -> Iterator[Figure]:
    silences = run.silences.values()
    missing = len(run.ships) - len(silences)
    why = f"{missing} ships never answered" if missing > 0 else ""
    name = f"ships that were silent for more than {PATIENT:g} s of the storm"
    long = sum(silence > PATIENT for silence in silences)
    yield rows.row(name, long, f"of {len(silences)}", within(0, 0), why)
    yield rows.row("longest silence of a ship in the storm", max(silences, default=None), "s")
