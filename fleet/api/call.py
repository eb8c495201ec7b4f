"""One operation that a person asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fleet.protocol.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What to ask of the API."""

    endpoint: Endpoint
    params: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The game said no."""

    status: int
    code: int
    message: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """It was done; `data` is plain JSON, None where the API answers with nothing."""

    data: Any


class Door(Protocol):
    """A way to the API."""

    def send(self, call: Call) -> Answered | Refused:
        """Do it and wait. Raises FleetError when nobody can tell what came of it."""
        ...
