"""What a supervisor is told: its children, and what to do when they fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, get_args

from fleet.protocol.errors import UsageError
from fleet.runtime import Props

Strategy = Literal["one_for_one", "rest_for_one", "one_for_all"]
Restart = Literal["permanent", "transient", "temporary"]
"""permanent: always restarted; transient: after a failure only; temporary: never."""

Exceeded = Literal["quarantine", "escalate"]
"""quarantine: the child rests and is tried again; escalate: its supervisor fails, so that the
one above restarts all of its children together, or goes on to quarantine or escalate."""

Stopping = Literal["in_reverse", "at_once"]
"""in_reverse: the last one first, one after the other; at_once: all together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Wall seconds to wait before a restart: none at first, then doubling, fully jittered."""

    least: float = 0.5
    most: float = 60.0
    reset_after: float = 120.0
    """A child that lived this long starts from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """More than `restarts` in `within` wall seconds: the child has failed too often."""

    restarts: int = 5
    within: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """One child: an actor, or a supervisor of its own when `props` came from `supervise`."""

    id: str
    props: Props
    restart: Restart = "permanent"
    shutdown: float = 5.0
    """Wall seconds for an orderly stop; after that the child is abandoned."""

    def check(self) -> None:
        """Raise UsageError for a child that cannot be run."""
        props = self.props
        if not callable(props.factory) or not callable(props.mailbox):
            raise UsageError(f"{self.id}: factory and mailbox are called to make one each")
        own = (self.shutdown, props.budget, props.start_budget, props.stop_budget)
        budgets = [*own, *props.budgets.values()]
        if not all(seconds > 0 for seconds in budgets):
            raise UsageError(f"{self.id}: shutdown and budgets must be above 0 seconds")
        if not isfinite(self.shutdown):
            raise UsageError(f"{self.id}: shutdown must have an end")
        _known(f"{self.id}: restart", self.restart, Restart)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorSpec:
    """The children in the order in which they start; they stop in reverse."""

    children: tuple[ChildSpec, ...] = ()
    strategy: Strategy = "one_for_one"
    intensity: Intensity = field(default_factory=Intensity)
    backoff: Backoff = field(default_factory=Backoff)
    on_exceeded: Exceeded = "quarantine"
    """What is done about a child that was restarted too often."""

    quarantine: float = 60.0
    """Wall seconds until a quarantined child is tried again; doubles up to ten times this."""

    stopping: Stopping = "in_reverse"
    """How children are stopped when the supervisor is."""

    def check(self) -> None:
        """Raise UsageError for a specification that cannot be run."""
        names: set[str] = set()
        for name in (child.id for child in self.children):
            if not name or "/" in name:
                raise UsageError(f"a child's id is a word without a slash, not {name!r}")
            if name in names:
                raise UsageError(f"two children are called {name}; give each a name of its own")
            names.add(name)
        for child in self.children:
            child.check()
        _known("strategy", self.strategy, Strategy)
        _known("on_exceeded", self.on_exceeded, Exceeded)
        _known("stopping", self.stopping, Stopping)
        # Each test is written so that a NaN fails it.
        if not (self.intensity.restarts >= 0 and self.intensity.within > 0):
            raise UsageError("intensity takes restarts of 0 or more within more than 0 seconds")
        if not (0 < self.backoff.least <= self.backoff.most and isfinite(self.backoff.most)):
            raise UsageError("backoff takes 0 < least <= most, and most is a number of seconds")
        if not (self.backoff.reset_after > 0 and self.quarantine > 0 and isfinite(self.quarantine)):
            raise UsageError("quarantine and the backoff's reset_after must be above 0 seconds")


def _known(what: str, value: str, names: Any) -> None:
    if value not in get_args(names):
        raise UsageError(f"{what} is one of {', '.join(get_args(names))}, not {value!r}")
