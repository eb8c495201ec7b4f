"""When the lanes are too full: begins at one wait and ends at another, so that it doesn't flap."""

from __future__ import annotations

import math
import statistics
from collections import deque
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

    used: float = 0.7
    """Waits count only while so much of the allowance is used, or of the workers' time where
    answers are slow: otherwise a fault is in the way, and fewer ships would not shorten them."""

    over: float = 60.0
    """Over so long."""


@dataclass(frozen=True, slots=True)
class Use:
    """What has been used so far of that which limits the requests, and how much there is of it."""

    answered: int
    """Requests that the server has answered, whatever it said."""

    busy: float
    """Game seconds for which workers have waited for those answers, in sum."""

    rate: float
    """Requests a game second that are allowed."""

    workers: int
    """Those that live."""

    def share(self, before: Use, seconds: float) -> float:
        """Tell the share that was used of what is scarcest, so long after an earlier count."""
        answered = (self.answered - before.answered) / (self.rate * seconds)
        busy = (self.busy - before.busy) / (max(1, self.workers) * seconds)
        return max(answered, busy)


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
    _uses: deque[tuple[GameTime, Use]] = field(default_factory=deque)
    """One at each look; the oldest one at least `over` ago, if there is one."""

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
        self, now: GameTime, ages: Mapping[int, float], came: Mapping[int, int], use: Use
    ) -> list[Saturated | Relieved]:
        """Compare the waits with their bounds; tells what is to be told.

        `ages` has, by lane, how long its oldest request has been waiting, `came` how many
        requests came to it since the last look.
        """
        self._next = GameTime(now + self.settings.look)
        used = self._used(now, use)
        news: list[Saturated | Relieved] = []
        for lane, state in self._lanes.items():
            state.came += came.get(lane, 0)
            state.wait = max(statistics.median(state.waits or [0.0]), ages.get(lane, 0.0))
            state.waits.clear()
            if self._turn(state, now, used=used) or now - state.told >= self.settings.period:
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

    def _used(self, now: GameTime, use: Use) -> bool:
        """Whether there is no more to be had: neither of the allowance nor of the workers."""
        uses = self._uses
        while len(uses) > 1 and uses[1][0] <= now - self.settings.over:
            uses.popleft()
        uses.append((now, use))
        began, before = uses[0]
        return now > began and use.share(before, now - began) >= self.settings.used

    def _turn(self, state: _Lane, now: GameTime, *, used: bool) -> bool:
        """Follow one lane; True when it has just begun or ended to be saturated."""
        settings, wait = self.settings, state.wait
        too_long = used and wait > settings.begins
        beyond = not used or wait < settings.ends if state.saturated else too_long
        if not beyond:
            state.since = None
            return False
        state.since = now if state.since is None else state.since
        if now - state.since < (settings.calm if state.saturated else settings.after):
            return False
        state.saturated, state.since = not state.saturated, None
        return True
