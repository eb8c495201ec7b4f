"""One run of one arm with one seed, as it is asked for and as it ended."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A run to play; goes to other processes and machines, which have not the experiment's file."""

    file: str
    """Where the experiment's file is, for people and for what it says of its errors."""

    source: bytes
    """What the file said when the experiment began."""

    arm: str
    seed: int
    seconds: float
    """Game time, which the command line may have changed."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to."""

    arm: str
    seed: int
    metrics: dict[str, float] = {}
    """By name; credits, requests, ships, or shares of one."""

    digest: str = ""
    """Equal for equal runs."""

    wall_seconds: float = 0.0
    failed: str = ""
    """Why it came to no end; such a run is played again on the next resume."""


Play = Callable[[Job], Outcome]
"""Plays one run in virtual time; must be importable by name, for engines in other processes."""
