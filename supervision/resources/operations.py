"""Snapshots at the start and the end of each message, for the actors that are chosen for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from fleet.runtime import Actor, Context, Hang, Props
from fleet.runtime.books import CellView
from fleet.runtime.events import EventSink
from fleet.supervision.resources import texts
from fleet.supervision.resources.gauge import Gauge
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.peak import Peak
from fleet.supervision.resources.sample import Snapshot


class Operations:
    """Tells the log how memory changes with each operation of some actors.

    Memory, CPU, descriptors and threads are the process's, which other actors move at the same
    time; each event says so with `scope`. What is the actor's own (seconds that its thread has
    computed, messages that wait, age of the oldest and time that all have waited, in wall seconds)
    stands in `own`, with a scope of its own. Costs two snapshots and two lines per message: for a
    few actors, or for a while.
    """

    def __init__(
        self,
        gauge: Gauge,
        events: EventSink,
        limits: ResourceLimits,
        view: Callable[[str], CellView | None],
    ) -> None:
        """Measure with a gauge and look at actors' mailboxes with `view`; tell a sink."""
        self._gauge = gauge
        self._events = events
        self._limits = limits
        self._view = view

    def peak(self) -> Peak:
        """Make the mark of one task."""
        return Peak(self._limits.memory_growth)

    @contextmanager
    def around(self, task: str, operation: str, peak: Peak) -> Iterator[None]:
        """Take the snapshots before and after; in the thread that works."""
        before = self._gauge.snapshot()
        text = texts.operation_started(task, operation, before.memory)
        self._tell("operation.started", text, task, before)
        peak.take(before.memory.rss)
        try:
            yield
        finally:
            after = self._gauge.snapshot()
            previous = peak.take(after.memory.rss)
            change = after.memory.rss - before.memory.rss
            text = texts.operation_completed(task, operation, change, peak.highest)
            self._tell("operation.completed", text, task, after)
            if previous is not None:
                high = texts.high_memory(task, after.memory.rss, previous)
                self._tell("memory.grown", high, task, after, level="warning")

    def _tell(self, event: str, text: str, task: str, seen: Snapshot, level: str = "debug") -> None:
        fields = seen.fields() | {"own": self._own(task)}
        self._events.emit(event, level=level, text=text, actor=task, **fields)

    def _own(self, task: str) -> dict[str, Any]:
        computed = self._gauge.thread_time(threading.get_native_id())
        own: dict[str, Any] = {"scope": "actor", "cpu_s": round(computed, 6)}
        seen = self._view(task)
        if seen is not None:
            oldest = 0.0 if seen.oldest is None else round(seen.oldest, 3)
            own |= {"depth": seen.waiting, "oldest": oldest, "waited": round(seen.waited, 3)}
        return own


class Tracked(Actor[Any]):
    """An actor whose every message is an operation with snapshots."""

    def __init__(self, inner: Actor[Any], operations: Operations) -> None:
        self._inner = inner
        self._operations = operations
        self._peak = operations.peak()

    def on_start(self, ctx: Context[Any]) -> Hang | None:
        """Start the actor within."""
        with self._around(ctx, "on_start"):
            return self._inner.on_start(ctx)

    def on_restart(self, ctx: Context[Any], reason: str) -> Hang | None:
        """Restart the actor within."""
        with self._around(ctx, "on_restart"):
            return self._inner.on_restart(ctx, reason)

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        """Have the actor within handle the message."""
        with self._around(ctx, type(message).__name__):
            return self._inner.receive(ctx, message)

    def on_stop(self, ctx: Context[Any], reason: str) -> None:
        """Stop the actor within."""
        with self._around(ctx, "on_stop"):
            self._inner.on_stop(ctx, reason)

    def _around(self, ctx: Context[Any], operation: str) -> Any:
        return self._operations.around(ctx.self.path, operation, self._peak)


def tracked(props: Props, operations: Operations) -> Props:
    """Make props of the same actor with snapshots."""
    make: Callable[[], Actor[Any]] = props.factory
    return replace(props, factory=lambda: Tracked(make(), operations))


def is_chosen(path: str, patterns: Iterable[str]) -> bool:
    """Whether an actor is named by one of the patterns (`*`, `?`, `[..]`)."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)
