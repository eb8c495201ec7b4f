"""What the event log costs the message rate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from fleet.bench.figure import Figure, at_least
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.kernel_contestants import Counter, Team
from fleet.bench.kernel_stage import KernelStage, kernel_stage
from fleet.bench.plan import Plan
from fleet.runtime import Actor, Context, SystemClock
from fleet.supervision.event_log import LOG_NAME, EventLog
from fleet.supervision.line_writer import Stamp

PER_EVENT = 1_000
"""Messages per event: a fleet of 100 ships that trades writes fewer."""

ACTORS = 100


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
    """Compare the tell throughput of 100 actors with the log on, and off."""
    messages, rounds = (20_000, 3) if plan.quick else (200_000, 11)
    clock = SystemClock()
    stamp = Stamp(process="bench", epoch=1, clock=clock, game=clock.game)
    events = EventLog(plan.folder / LOG_NAME, stamp)
    with kernel_stage(events=events) as logged, kernel_stage() as silent:
        on, off = _team(logged), _team(silent)
        found = interleaved(
            {"on": lambda: on.rate(messages), "off": lambda: off.rate(messages)}, rounds
        )
        written = events.flush(30.0)
    events.close(10.0)
    yield Figure(
        f"message rate of {ACTORS} supervised actors with the event log on, one event per"
        f" {PER_EVENT:,} messages",
        found["on"].median,
        "messages/s",
        at_least(0.95, of="ratio"),
        found["on"].spread,
        rounds,
        "the event log off",
        ratio(found["on"], found["off"]),
        why="" if written else "the log was not written in time",
    )


def _team(stage: KernelStage) -> Team:
    counters = [Counter() for _ in range(ACTORS)]
    addresses = [
        stage.child(f"telling-{number}", partial(Telling, counter))
        for number, counter in enumerate(counters)
    ]
    return Team([address.tell for address in addresses], lambda: None, counters)
