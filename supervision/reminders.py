"""What a supervisor tells itself, or has told to it, to go on at the right moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RestartDue:
    """A delay is over."""

    id: str


@dataclass(frozen=True, slots=True)
class StopOverdue:
    """A child has not stopped in time."""

    id: str


@dataclass(frozen=True, slots=True)
class StopNext:
    """A child has stopped; comes after what that child had to say."""


@dataclass(frozen=True, slots=True)
class NestedStopped:
    """A child that is a supervisor answered to Shutdown."""

    answer: Any


Reminder = RestartDue | StopOverdue | StopNext | NestedStopped
