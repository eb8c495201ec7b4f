"""Surveys, and the strain that extraction puts on a site."""

from __future__ import annotations

import msgspec


class Survey(msgspec.Struct):
    """A survey that any agent may extract with until it expires or is exhausted."""

    signature: str
    waypoint: str
    deposits: list[str]
    size: str
    expires: float
    left: int
    """Extractions that it still bears; hidden from players."""


class Site(msgspec.Struct):
    """An asteroid under extraction: a leaky bucket, in extractions, as of `at`."""

    level: float = 0.0
    at: float = 0.0
    unstable: bool = False
