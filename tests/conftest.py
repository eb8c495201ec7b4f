"""Fixtures for every room: actors on threads or in virtual time, and what they leave behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings

from fleet.runtime import (
    Actor,
    ActorSystem,
    Context,
    GameClock,
    Hang,
    Props,
    ThreadDispatcher,
    VirtualClock,
    VirtualDispatcher,
)
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.supervision.watchdog import Watchdog

from .databases import (
    postgresql_copy_url,
    postgresql_server,
    postgresql_shared_url,
    postgresql_template,
    postgresql_url,
    sqlite_copy_url,
    sqlite_template,
    sqlite_url,
    worker_name,
)

# Every commit runs the tests: a few examples each time find what a hundred find once. Examples that
# failed are kept and tried first. FLEET_LONG=1 looks as hard as hypothesis usually does.
settings.register_profile("quick", max_examples=12, deadline=None)
settings.register_profile("long", max_examples=200, deadline=None)
LONG = os.environ.get("FLEET_LONG") == "1"
settings.load_profile("long" if LONG else "quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it is asked for."""
    left = [item for item in items if not LONG and item.get_closest_marker("long")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


__all__ = [
    "postgresql_copy_url",
    "postgresql_server",
    "postgresql_shared_url",
    "postgresql_template",
    "postgresql_url",
    "sqlite_copy_url",
    "sqlite_template",
    "sqlite_url",
    "worker_name",
]


class Notes:
    """What actors write down for a test, in order; wakes whoever waits for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._notes: list[Any] = []

    def __call__(self, note: Any) -> None:
        with self._changed:
            self._notes.append(note)
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self.all)

    @property
    def all(self) -> list[Any]:
        with self._changed:
            return list(self._notes)

    def wait_for(self, wanted: Any, timeout: float = 30.0) -> bool:
        """Wait until something equal to `wanted` has been noted."""
        with self._changed:
            return self._changed.wait_for(lambda: wanted in self._notes, timeout)

    def wait_until(self, holds: Callable[[list[Any]], bool], timeout: float = 30.0) -> bool:
        """Wait until a condition on all notes holds."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self._notes), timeout)


class Scripted(Actor[Any]):
    """Calls a message that can be called with its context; notes any other."""

    def __init__(self, notes: Notes, hooks: dict[str, Callable[..., Any]]) -> None:
        self._notes = notes
        self._hooks = hooks

    def _hook(self, name: str, *args: Any) -> Any:
        return self._hooks[name](*args) if name in self._hooks else None

    def on_start(self, ctx: Context[Any]) -> Hang | None:
        return self._hook("on_start", ctx)

    def on_restart(self, ctx: Context[Any], reason: str) -> Hang | None:
        if "on_restart" in self._hooks:
            return self._hook("on_restart", ctx, reason)
        return self.on_start(ctx)

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        if "receive" in self._hooks:
            return self._hook("receive", ctx, message)
        if callable(message):
            return message(ctx)
        self._notes(message)
        return None

    def on_stop(self, ctx: Context[Any], reason: str) -> None:
        self._hook("on_stop", ctx, reason)


@dataclass
class Stage:
    """An actor system under test, and its props, notes and events."""

    system: ActorSystem
    clock: Any
    events: MemoryEventLog
    notes: Notes = field(default_factory=Notes)
    _last: int = 0

    def props(
        self,
        *,
        on_start: Callable[[Any], Any] | None = None,
        on_restart: Callable[[Any, str], Any] | None = None,
        receive: Callable[[Any, Any], Any] | None = None,
        on_stop: Callable[[Any, str], Any] | None = None,
        **settings: Any,
    ) -> Props:
        """Make props of a scripted actor; other arguments are those of Props."""
        given = {
            "on_start": on_start,
            "on_restart": on_restart,
            "receive": receive,
            "on_stop": on_stop,
        }
        hooks = {name: hook for name, hook in given.items() if hook is not None}
        return Props(factory=lambda: Scripted(self.notes, hooks), **settings)

    def spawn(self, path: str = "", **settings: Any) -> Any:
        """Start a scripted actor without a parent."""
        self._last += 1
        return self.system.spawn(path or f"/actor-{self._last}", self.props(**settings))

    def cell(self, address: Any) -> Any:
        """Look into an address."""
        cell = self.system.cell(address.path)
        assert cell is not None
        return cell


@dataclass
class VirtualStage(Stage):
    """A stage in virtual time."""

    dispatcher: VirtualDispatcher = None  # type: ignore[assignment]

    def run(self, seconds: float = 0.0) -> None:
        """Run what happens in the next virtual seconds."""
        self.dispatcher.run_for(seconds)


def virtual_stage(seed: int = 0, shuffle: Any = None, start: float = 1_782_000_000.0) -> Any:
    """Make a stage in virtual time."""
    clock, events = VirtualClock(start), MemoryEventLog()
    dispatcher = VirtualDispatcher(clock, shuffle=shuffle)
    system = ActorSystem(dispatcher=dispatcher, clock=clock, events=events, seed=seed)
    dispatcher.bind(system)
    return VirtualStage(system, clock, events, dispatcher=dispatcher)


@pytest.fixture
def events() -> MemoryEventLog:
    """An event sink in memory, with `records` and `wait_for`."""
    return MemoryEventLog()


@pytest.fixture
def notes() -> Notes:
    """A notebook for actors."""
    return Notes()


@pytest.fixture(scope="session")
def stages() -> Callable[..., VirtualStage]:
    """Makes stages in virtual time, for tests that need several (hypothesis)."""
    return virtual_stage


@pytest.fixture
def virtual() -> VirtualStage:
    """A system in virtual time."""
    return virtual_stage()


@pytest.fixture
def threads() -> Iterator[Stage]:
    """A system on threads under a watchdog; everything is abandoned after the test."""
    clock, events = GameClock(), MemoryEventLog()
    dispatcher = ThreadDispatcher(clock, events, parked=4)
    system = ActorSystem(dispatcher=dispatcher, clock=clock, events=events)
    watchdog = Watchdog(system, period=0.01)
    watchdog.start()
    yield Stage(system, clock, events)
    system.close()
    watchdog.close()
    dispatcher.close()
