"""Factions."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.market import Symbol


class Faction(Wire, frozen=True, kw_only=True):
    """A faction; independent ones have no headquarters."""

    symbol: str
    headquarters: str | None = None
    traits: tuple[Symbol, ...] = ()
    is_recruiting: bool = False
