"""A request that may change the world, as it is kept in the log."""

from __future__ import annotations

import msgspec


class Command(msgspec.Struct, frozen=True, array_like=True):
    """All that the outcome of an operation depends on, besides the world itself."""

    at: float
    operation: str
    agent: str | None
    account: str | None
    params: dict[str, str]
    body: bytes
    form: bool
    twice: bool = False
    """Whether a fault made a transfer count twice for the giver."""
