"""Which lane is served next: a plain function of the heads of the lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fleet.protocol.api import Lane


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest request of one lane."""

    lane: int
    waited: float
    """Game seconds."""

    depth: int
    """Requests in the lane."""


class LanePolicy(Protocol):
    """Picks a lane each time a request may be sent; within a lane it is first in, first out."""

    def pick(self, heads: Sequence[Head]) -> Head:
        """Pick one of the heads; there is at least one."""
        ...


@dataclass(slots=True)
class Ageing:
    """Lower lanes first, but waiting moves a request towards the front.

    After `step` game seconds a request counts as one lane further ahead, so that no lane
    starves while its neighbours are busy; the safety lane is always ahead of those. A request
    that has waited `most` is overdue: the longest waiting overdue one gets every `turns`-th
    permit, whatever else waits.
    """

    step: float = 30.0
    most: float = 300.0
    turns: int = 4
    _turn: int = 0

    def pick(self, heads: Sequence[Head]) -> Head:
        """Pick the head whose lane, less its age, is lowest; the older one of equals."""
        overdue = [head for head in heads if head.waited >= self.most]
        if overdue:
            self._turn = (self._turn + 1) % self.turns
            if self._turn == 0:
                return max(overdue, key=lambda head: head.waited)
        return min(heads, key=self._rank)

    def _rank(self, head: Head) -> tuple[float, float]:
        if head.lane == Lane.SAFETY:
            return float("-inf"), -head.waited
        return head.lane - head.waited / self.step, -head.waited
