"""What the event log costs the message rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter, process_time
from typing import Any

from fleet.bench.figure import Figure, at_least
from fleet.bench.interleaved import Runs, interleaved, ratio
from fleet.bench.kernel_contestants import Counter, Team
from fleet.bench.kernel_stage import KernelStage, kernel_stage
from fleet.bench.plan import Plan
from fleet.runtime import Actor, Context, SystemClock
from fleet.supervision.event_log import LOG_NAME, EventLog
from fleet.supervision.line_writer import Stamp

PER_EVENT = 1_000
"""Messages per event: a fleet of 100 ships that trades writes fewer."""

ACTORS = 100
WRITTEN = 30.0
"""Wall seconds that the lines of a round may take."""


class Telling(Actor[Any]):
    """Counts, and records an event now and then."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._handled = 0

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Handle one ping."""
        self._handled += 1
        if not self._handled % PER_EVENT:
            ctx.log("ping.counted", text=f"{self._handled} pings handled", pings=self._handled)
        self._counter.count()


def log(plan: Plan) -> Iterator[Figure]:
    """Compare the tell throughput of 100 actors with the log on, and off.

    In many short rounds: what else the machine does comes in bursts of a tenth of a second. A
    round ends when all its lines are written, so that no other one pays for them.
    """
    messages, rounds = (10_000, 5) if plan.quick else (20_000, 181)
    clock = SystemClock()
    stamp = Stamp(process="bench", epoch=1, clock=clock, game=clock.game)
    events = EventLog(plan.folder / LOG_NAME, stamp)
    with kernel_stage(events=events) as logged, kernel_stage() as silent:
        on = Costed(_team(logged), messages, partial(events.flush, WRITTEN))
        off = Costed(_team(silent), messages, lambda: True)
        found = interleaved({"on": on.rate, "off": off.rate}, rounds)
    events.close(10.0)
    scenario = f"{ACTORS} supervised actors, one event per {PER_EVENT:,} messages"
    yield Figure(
        f"message rate with the event log on: {scenario}",
        found["on"].median,
        "messages/s",
        at_least(0.95, of="ratio"),
        found["on"].spread,
        rounds,
        "the event log off",
        ratio(found["on"], found["off"]),
        why="" if on.whole else "the log was not written in time",
    )
    costs = Runs(tuple(on.costs)), Runs(tuple(off.costs))
    yield Figure(
        f"CPU of a message with the event log on, its writing among it: {scenario}",
        costs[0].median,
        "us",
        spread=costs[0].spread,
        runs=rounds,
        paired_with="the event log off",
        ratio=ratio(*costs),
    )


@dataclass(slots=True)
class Costed:
    """A team whose rounds are measured in CPU time as well, which others on the machine spare."""

    team: Team
    messages: int
    end: Callable[[], bool]
    """Belongs to each round; says whether that went well."""

    costs: list[float] = field(default_factory=list)
    """Microseconds of CPU per message, of all threads; one for each round."""

    whole: bool = True
    """Whether all rounds came to their end."""

    def rate(self) -> float:
        """Measure one round; tell its messages per second."""
        began, before = perf_counter(), process_time()
        self.team.rate(self.messages)
        self.whole = self.end() and self.whole
        took, spent = perf_counter() - began, process_time() - before
        self.costs.append(spent / self.messages * 1e6)
        return self.messages / took


def _team(stage: KernelStage) -> Team:
    counters = [Counter() for _ in range(ACTORS)]
    addresses = [
        stage.child(f"telling-{number}", partial(Telling, counter))
        for number, counter in enumerate(counters)
    ]
    return Team([address.tell for address in addresses], lambda: None, counters)
