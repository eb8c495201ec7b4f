"""What a behaviour yields: each step is sent as a message, its answer resumes the generator."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import AnyTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Do an operation of the API. Answered with its reply model, or an ApiRefusal.

    Transit and cooldown refusals are waited out, what was never sent is sent again; an
    unknown outcome never comes back here: the ship reads itself and runs the task anew.
    """

    operation: str
    lane: Lane
    params: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Until:
    """Go on at a game time."""

    moment: GameTime
    why: str = "waits"


@dataclass(frozen=True, slots=True)
class Saved:
    """Keep this task from now on: the intention behind the next steps."""

    task: AnyTask


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask another actor. Answered with its answer; a failure to answer fails the behaviour."""

    path: str
    message: Any


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell another actor; goes on at once."""

    path: str
    message: Any


Step = Call | Until | Saved | Ask | Tell
Steps = Generator[Step, Any, str]
"""A behaviour returns its outcome in a word or two: `done`, `no trade`, ..."""
