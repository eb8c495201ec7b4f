"""Which lane is served next: a plain function of the heads of the lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from fleet.actors.limits import NEVER
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime

SPELLS: Mapping[int, float] = {
    Lane.SAFETY: 2.0,
    Lane.ACTION: 2.0,
    Lane.TRADE: 5.0,
    Lane.MARKET: 15.0,
    Lane.BACKGROUND: 30.0,
}


class Head(msgspec.Struct, frozen=True):
    """The request of one lane that is next in turn; several are made for each request sent."""

    lane: int
    waited: float
    """Game seconds."""

    depth: int
    """Requests in the lane."""


class LanePolicy(Protocol):
    """Picks a lane each time a request may be sent."""

    def pick(self, heads: Sequence[Head], now: GameTime) -> Head:
        """Pick one of the heads, to be sent now; there is at least one."""
        ...


@dataclass(slots=True)
class Turns:
    """Lower lanes first, but each lane gets a permit at least once per spell while it waits.

    So the first lanes wait shortly however much waits behind them, and the last ones are never
    starved. A lane is due when it has waited for a spell without being served; due lanes go
    first, in the order in which they became due. When a lane becomes due, only those are before it
    that were due already, and each of them goes once: served, it is not due again before
    later. So with L lanes and permits that are at most p seconds apart, the head of a lane is
    served within spell + L * p, and the n-th request of a lane within n times that.
    """

    spells: Mapping[int, float] = field(default_factory=lambda: SPELLS)
    """By lane, game seconds; a lane without one takes what is left."""

    _served: dict[int, GameTime] = field(default_factory=dict)

    def pick(self, heads: Sequence[Head], now: GameTime) -> Head:
        """Pick the head that has been due the longest, else the one of the lowest lane."""
        if len(heads) == 1:
            picked = heads[0]
        else:
            picked = min(heads, key=lambda head: (self._due(head, now), head.lane))
        self._served[picked.lane] = now
        return picked

    def _due(self, head: Head, now: GameTime) -> float:
        """Tell since when a lane has been due; infinite if it is not."""
        spell = self.spells.get(head.lane, float("inf"))
        due = max(now - head.waited, self._served.get(head.lane, NEVER)) + spell
        return due if due <= now else float("inf")
