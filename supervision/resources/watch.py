"""The thread that looks at what the fleet uses, tells what is unusual, and cleans up."""

from __future__ import annotations

import gc
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fleet.protocol.clock import Clock, Monotonic
from fleet.runtime import ActorSystem
from fleet.runtime.auto_reset_event import AutoResetEvent
from fleet.runtime.events import EventSink
from fleet.runtime.traces import line_of
from fleet.supervision.resources import texts
from fleet.supervision.resources.actor_samples import ActorSamples
from fleet.supervision.resources.alarms import Alarm, ProcessAlarms
from fleet.supervision.resources.allocations import Allocations
from fleet.supervision.resources.belongings import Owner
from fleet.supervision.resources.cleanup import Cleanup
from fleet.supervision.resources.cooldown import Cooldown
from fleet.supervision.resources.gauge import Gauge
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.pressure import LEVELS, Level, Pressure, Shed
from fleet.supervision.resources.recovery import HEARD, Recoveries
from fleet.supervision.resources.sample import MB, ActorSample, ProcessSample

ENDED: Final = frozenset({"actor.hung", "actor.crashed"})
"""The events after which a life's belongings are cleaned up."""

_JOIN: Final = 0.2
"""Wall seconds that a stop waits for a pass: the whole fleet has three."""

_LOOK: Final = 0.05
"""Wall seconds between two looks while somebody is being recovered."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the last pass saw."""

    process: ProcessSample
    actors: tuple[ActorSample, ...]
    peak: int
    """Highest resident size so far, in bytes."""

    pressure: Level


class ResourceWatch:
    """One daemon thread; nothing that it does can hold an actor up.

    A pass costs some 1 ms and 5 us an actor. Give `hear` to an `Overheard` sink that the
    actor system emits to; the watch's own events go to `events`.
    """

    def __init__(
        self,
        system: ActorSystem,
        events: EventSink,
        gauge: Gauge,
        *,
        task: str,
        limits: ResourceLimits,
        shed: Shed,
        cleanup: Cleanup | None = None,
        allocations: Allocations | None = None,
    ) -> None:
        """Name the process as `task`; `shed` is told of critical memory, and of its end.

        With `allocations`, whatever is told of memory comes with the lines of code that took it.
        """
        self._clock: Clock = system.clock
        self._events = events
        self._gauge = gauge
        self._limits = limits
        self._shed = shed
        self._cleanup = cleanup
        self._allocations = allocations
        self._alarms = ProcessAlarms(task, limits, file_limit=gauge.file_limit)
        self._pressure = Pressure(limits)
        self._actors = ActorSamples(system)
        self._recoveries = Recoveries(system, gauge)
        self._cooldown = Cooldown(limits.cooldown)
        self._heard: deque[tuple[str, Mapping[str, Any]]] = deque()
        self._bell = AutoResetEvent()
        self._closed = False
        self._next = 0.0
        self._settled = 0.0
        self._thread = threading.Thread(target=self._run, name="resources", daemon=True)
        self.usage: Usage | None = None
        """What the last pass saw; None before the first."""

    names: Final = HEARD | ENDED
    """The events that it wants to hear of."""

    def start(self) -> None:
        """Begin to look."""
        self._settled = self._clock.monotonic() + self._limits.settle
        self._thread.start()

    def close(self) -> None:
        """End the thread after what it is doing, for which nobody waits long."""
        self._closed = True
        self._bell.set()
        self._thread.join(_JOIN)

    def hear(self, event: str, fields: Mapping[str, Any]) -> None:
        """Take note of an event, in any thread."""
        self._heard.append((event, fields))
        self._bell.set()

    # -- the thread

    def _run(self) -> None:
        while True:
            if self._heard:
                self._guarded(lambda: self._take(*self._heard.popleft()))
            elif self._closed:
                return
            elif not self._bell.wait(self._patience()):
                self._guarded(self._turn)

    def _patience(self) -> float:
        left = max(0.0, self._next - self._clock.monotonic())
        return min(left, _LOOK) if self._recoveries.open else left

    def _guarded(self, act: Callable[[], None]) -> None:
        # A failure here would leave the fleet without a look at itself: say it and go on.
        try:
            act()
        except BaseException as failure:
            self._next = self._clock.monotonic() + self._limits.period
            self._events.emit("resources.failed", level="error", reason=line_of(failure))

    def _take(self, event: str, fields: Mapping[str, Any]) -> None:
        self._say(self._recoveries.hear(event, fields))
        if event in ENDED and self._cleanup is not None:
            owner = Owner(str(fields.get("actor", "")), int(fields.get("incarnation", 0)))
            self._cleanup.up_to(owner, "failure")

    def _turn(self) -> None:
        self._say(self._recoveries.look())
        now = self._clock.monotonic()
        if now >= self._next:
            self._next = now + self._limits.period
            self.look()

    # -- one pass

    def look(self) -> Usage:
        """Take one sample of everything and tell what is unusual."""
        process = self._gauge.sample()
        actors = tuple(self._actors.take(self._gauge.thread_time))
        told: tuple[Alarm, ...] = ()
        if process.at >= self._settled:
            running = sum(actor.state == "running" for actor in actors)
            told = tuple(self._alarms.check(process, actors=running))
            self._say(told)
        self._say(self._check_mailboxes(actors, process.at))
        risen = self._relieve(process)
        if self._allocations and (risen or any(one.event == "memory.grown" for one in told)):
            self._say(self._check_allocations(self._allocations))
        self.usage = Usage(process, actors, self._alarms.peak, self._pressure.level)
        return self.usage

    def _check_mailboxes(self, actors: Iterable[ActorSample], now: Monotonic) -> Iterator[Alarm]:
        for actor in actors:
            late = actor.oldest >= self._limits.mailbox_age and actor.state == "running"
            if late and self._cooldown.lets(actor.path, now):
                text = (
                    f"Mailbox contention in task {actor.path} | Waited: {actor.oldest:.2f}s"
                    f" | Waiting: {actor.depth}"
                )
                yield Alarm("mailbox.delayed", text, fields={"actor": actor.path} | actor.fields())

    def _check_allocations(self, allocations: Allocations) -> Iterator[Alarm]:
        grown = allocations.look()
        lines = ", ".join(f"{one.place} +{one.grown / MB:.1f}MB" for one in grown)
        text = f"Since the last look memory grew at: {lines or 'no line by much'}"
        fields = {"scope": "process", "lines": [one.fields() for one in grown]}
        yield Alarm("memory.allocated", text, "info", fields)

    def _relieve(self, sample: ProcessSample) -> bool:
        """Follow the pressure of memory: a word, a collection, and less work. True if it rose."""
        before = self._pressure.level
        level = self._pressure.take(sample.memory.rss)
        if level is not None:
            self._tell_level(level, sample)
        critical = self._pressure.level == "critical"
        # Again with each pass: who gives out work may have been replaced since.
        if critical or before == "critical":
            self._shed(critical)
        short = self._pressure.level in ("emergency", "critical")
        if short and self._cooldown.lets("garbage", sample.at):
            gc.collect()
            text = texts.GARBAGE_COLLECTED
            self._events.emit("garbage.collected", text=text, scope="process")
        return LEVELS.index(self._pressure.level) > LEVELS.index(before)

    def _tell_level(self, level: Level, sample: ProcessSample) -> None:
        severity = {"normal": "info", "warn": "warning", "emergency": "error"}
        does = "; no new work is taken on until it falls" if level == "critical" else ""
        self._events.emit(
            "pressure.changed",
            level=severity.get(level, "critical"),
            text=f"Memory pressure is {level}: {sample.memory.rss / 2**20:.0f} MB{does}.",
            pressure=level,
            **sample.fields(),
        )

    def _say(self, alarms: Iterable[Alarm]) -> None:
        for alarm in alarms:
            self._events.emit(alarm.event, level=alarm.level, text=alarm.text, **alarm.fields)
