"""When the lanes are too full: begins at one wait and ends at another, so that it doesn't flap."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.actors.limits import NEVER
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.saturation import Relieved, Saturated


@dataclass(frozen=True, slots=True, kw_only=True)
class SaturationSettings:
    """When a lane counts as saturated; game seconds."""

    lanes: tuple[Lane, ...] = (Lane.ACTION, Lane.TRADE)
    """Those in which waiting costs credits. The others take what is left, and may always wait."""

    begins: float = 5.0
    """It begins when requests wait longer than this,"""

    after: float = 10.0
    """for so long without a break."""

    ends: float = 2.0
    """It ends when they wait less than this,"""

    calm: float = 30.0
    """for so long without a break."""

    period: float = 60.0
    """How often it is said again while it lasts, and how far `demand` looks back."""

    look: float = 2.5
    """Between two looks."""


@dataclass(slots=True)
class _Lane:
    saturated: bool = False
    since: GameTime | None = None
    """Since when the wait has been on the other side of its bound."""

    told: GameTime = NEVER
    sent: int = 0
    """Requests since `told`, and of those that came."""

    came: int = 0
    waits: list[float] = field(default_factory=list)
    """Of the requests that were sent since the last look."""

    wait: float = 0.0


@dataclass(slots=True)
class Saturation:
    """Follows the waits of the watched lanes; lives in the bucket's thread."""

    settings: SaturationSettings = field(default_factory=SaturationSettings)
    _lanes: dict[int, _Lane] = field(default_factory=dict)
    _next: GameTime = NEVER

    def __post_init__(self) -> None:
        self._lanes = {lane: _Lane() for lane in self.settings.lanes}

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that are saturated."""
        return tuple(Lane(lane) for lane, state in self._lanes.items() if state.saturated)

    @property
    def news(self) -> list[Saturated | Relieved]:
        """How things stand, for somebody who has just begun to watch."""
        return [self._say(lane, state, state.told) for lane, state in self._lanes.items()]

    def sent(self, lane: int, wait: float) -> None:
        """Take note of a request that goes out."""
        state = self._lanes.get(lane)
        if state is not None:
            state.sent += 1
            state.waits.append(wait)

    def due(self, now: GameTime) -> bool:
        """Whether it is time to look."""
        return now >= self._next

    def look(
        self, now: GameTime, ages: Mapping[int, float], came: Mapping[int, int]
    ) -> list[Saturated | Relieved]:
        """Compare the waits with their bounds; tells what is to be told.

        `ages` has, by lane, how long its oldest request has been waiting, `came` how many
        requests came to it since the last look.
        """
        self._next = GameTime(now + self.settings.look)
        news: list[Saturated | Relieved] = []
        for lane, state in self._lanes.items():
            state.came += came.get(lane, 0)
            state.wait = max(statistics.median(state.waits or [0.0]), ages.get(lane, 0.0))
            state.waits.clear()
            if self._turn(state, now) or now - state.told >= self.settings.period:
                news.append(self._say(lane, state, now))
                state.told, state.sent, state.came = now, 0, 0
        return news

    def _say(self, lane: int, state: _Lane, now: GameTime) -> Saturated | Relieved:
        if not state.saturated:
            return Relieved(Lane(lane), state.wait)
        passed = now - state.told
        rate = state.sent / passed if 0 < passed < math.inf else 0.0
        beyond = rate * (state.wait - self.settings.ends)
        return Saturated(Lane(lane), state.wait, state.came / max(1, state.sent), beyond)

    def _turn(self, state: _Lane, now: GameTime) -> bool:
        """Follow one lane; True when it has just begun or ended to be saturated."""
        settings, wait = self.settings, state.wait
        beyond = wait < settings.ends if state.saturated else wait > settings.begins
        if not beyond:
            state.since = None
            return False
        state.since = now if state.since is None else state.since
        if now - state.since < (settings.calm if state.saturated else settings.after):
            return False
        state.saturated, state.since = not state.saturated, None
        return True
