"""What a supervisor is told: its children, and what to do when they fail."""

from __future__ import annotations

from collections import Counter
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
        if not isinstance(self.id, str) or not self.id or "/" in self.id:
            raise UsageError(f"a child's id is a word without a slash, not {self.id!r}")
        props: Any = self.props
        if not isinstance(props, Props):
            raise UsageError(f"{self.id}: props are made by Props(...) or supervise(...)")
        if not callable(props.factory) or not callable(props.mailbox):
            raise UsageError(f"{self.id}: factory and mailbox are called to make one each")
        own = (self.shutdown, props.budget, props.start_budget, props.stop_budget)
        if not all(map(_is_above_0, (*own, *props.budgets.values()))):
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
        for child in self.children:
            if not isinstance(child, ChildSpec):
                raise UsageError(f"children are of ChildSpec(...), not {child!r}")
            child.check()
        names = Counter(child.id for child in self.children)
        for name, times in names.items():
            if times > 1:
                raise UsageError(f"two children are called {name}; give each a name of its own")
        _known("strategy", self.strategy, Strategy)
        _known("on_exceeded", self.on_exceeded, Exceeded)
        _known("stopping", self.stopping, Stopping)
        self._check_numbers(self.intensity, self.backoff)

    def _check_numbers(self, intensity: Any, backoff: Any) -> None:
        if not isinstance(intensity, Intensity) or not isinstance(backoff, Backoff):
            raise UsageError("intensity is an Intensity(...), and backoff a Backoff(...)")
        restarts = intensity.restarts
        if not (_is_above_0(intensity.within) and (restarts == 0 or _is_above_0(restarts))):
            raise UsageError("intensity takes restarts of 0 or more within more than 0 seconds")
        least, most = backoff.least, backoff.most
        if not (_is_above_0(least) and _is_above_0(most) and least <= most and isfinite(most)):
            raise UsageError("backoff takes 0 < least <= most, and most is a number of seconds")
        rest = self.quarantine
        if not (_is_above_0(backoff.reset_after) and _is_above_0(rest) and isfinite(rest)):
            raise UsageError("quarantine and the backoff's reset_after must be above 0 seconds")


def _is_above_0(value: Any) -> bool:
    # A NaN is not.
    return isinstance(value, int | float) and value > 0


def _known(what: str, value: str, names: Any) -> None:
    if value not in get_args(names):
        raise UsageError(f"{what} is one of {', '.join(get_args(names))}, not {value!r}")
