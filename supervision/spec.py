"""What a supervisor is told: its children, and what to do when they fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fleet.protocol.errors import UsageError
from fleet.runtime import Props

Strategy = Literal["one_for_one", "rest_for_one", "one_for_all"]
Restart = Literal["permanent", "transient", "temporary"]
"""permanent: always restarted; transient: after a failure only; temporary: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Wall seconds to wait before a restart: none at first, then doubling, fully jittered."""

    least: float = 0.5
    most: float = 60.0
    reset_after: float = 120.0
    """A child that lived this long starts from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """More than `restarts` in `within` wall seconds: the child is quarantined."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorSpec:
    """The children in the order in which they start; they stop in reverse."""

    children: tuple[ChildSpec, ...] = ()
    strategy: Strategy = "one_for_one"
    intensity: Intensity = field(default_factory=Intensity)
    backoff: Backoff = field(default_factory=Backoff)
    quarantine: float = 60.0
    """Wall seconds until a quarantined child is tried again; doubles up to ten times this."""

    def check(self) -> None:
        """Raise UsageError for a specification that cannot be run."""
        names = [child.id for child in self.children]
        for name in names:
            if not name or "/" in name:
                raise UsageError(f"a child's id is a word without a slash, not {name!r}")
            if names.count(name) > 1:
                raise UsageError(f"two children are called {name}; give each a name of its own")
        for child in self.children:
            if child.shutdown <= 0 or child.props.budget <= 0:
                raise UsageError(f"{child.id}: shutdown and budget must be above 0 seconds")
        if self.intensity.restarts < 0 or self.intensity.within <= 0:
            raise UsageError("intensity takes restarts of 0 or more within more than 0 seconds")
        if not 0 < self.backoff.least <= self.backoff.most:
            raise UsageError("backoff takes 0 < least <= most")
