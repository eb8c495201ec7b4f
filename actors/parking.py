"""Which ships rest while requests wait too long: those that earn least per request."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fleet.actors.limits import NEVER
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import SHIPS, ShipQuery, ShipView
from fleet.protocol.saturation import Relieved, Saturated
from fleet.runtime import Context

REASON = "requests wait too long"

ASK_TIMEOUT = 10.0
"""Wall seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkingSettings:
    """How many ships rest, for how long, and how soon they come back; game seconds."""

    share: float = 0.5
    """Of what is too much, so much is parked at a time: its effect shows one period later only."""

    patience: int = 3
    """Reports in a row, a game minute apart, that a lane is saturated before any ship is to rest:
    what a fault has held up is worked off by then."""

    careful: float = 60.0
    most_careful: float = 1_920.0
    """Between two ships that begin to work again: at first, and at most."""

    more: float = 4.0
    less: float = 0.75
    """By so much that grows when the lanes are saturated again, so that ships are not sent to and
    fro, and shrinks with each ship that could work again without that."""

    rest: float = 3_600.0
    """The most that a ship rests at a stretch, and"""

    work: float = 1_800.0
    """the least that it works after that: what it would earn now, only work tells. Two thirds of
    a fleet can rest at once, by turns."""

    turn: float = 20.0
    """Between two ships whose rest is over: those that began to rest together come back one by
    one."""

    looks_back: float = 3_600.0
    """Over how long it is counted what a ship brings in: a trip is paid at its end."""

    grain: float = 600.0
    """Between two counts of it: so long ships go by what they told last."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ship told what it has earned, or did not answer."""

    ship: str
    view: Any


@dataclass(frozen=True, slots=True)
class Worth:
    """What a ship has brought in, and for how many requests; both counted from its start."""

    credits: int
    requests: int

    def since(self, before: Worth | None) -> float:
        """Tell the credits per request since an earlier count, or since the start."""
        if before is None or before.requests > self.requests:
            before = Worth(0, 0)
        asked = self.requests - before.requests
        # Who asks for nothing is in nobody's way.
        return (self.credits - before.credits) / asked if asked else math.inf


@dataclass(slots=True)
class Parking:
    """A small part of the conductor, in its thread; its incarnations share it.

    One that began anew would have the same ships rest again that have just come back.
    """

    settings: ParkingSettings = field(default_factory=ParkingSettings)
    parked: dict[str, None] = field(default_factory=dict)
    """In the order in which they were parked: the first one earned least."""

    _counts: dict[str, deque[tuple[GameTime, Worth]]] = field(default_factory=dict)
    """What each ship told before; oldest first."""

    _asked: set[str] = field(default_factory=set)
    """Ships that have not told yet what they have earned."""

    _told: dict[str, Worth] = field(default_factory=dict)
    _rates: dict[str, float] = field(default_factory=dict)
    """What that came to, in credits per request."""

    _weighed: GameTime = NEVER
    """When they were asked."""

    _wanted: int = 0
    _full: dict[Lane, int] = field(default_factory=dict)
    """Lanes that are saturated, and how often in a row that was told."""

    _careful: float = 0.0
    _freed: GameTime = NEVER
    """When a ship was last told to work again."""

    _tried: bool = False
    """Whether that was since the lanes were saturated last."""

    _since: dict[str, GameTime] = field(default_factory=dict)
    """When a ship began to rest, at last."""

    _spared: dict[str, GameTime] = field(default_factory=dict)
    """Until when a ship works whatever it earns, since it has rested."""

    _turned: GameTime = NEVER
    """When a ship's rest was last over."""

    def __post_init__(self) -> None:
        self._careful = self._careful or self.settings.careful

    def rests(self, ship: str, now: GameTime) -> bool:
        """Say whether a ship is to rest (on); one that has rested enough works again."""
        if ship not in self.parked:
            return False
        settings = self.settings
        if now < self._since.get(ship, now) + settings.rest or now < self._turned + settings.turn:
            return True
        del self.parked[ship]
        self._turned, self._spared[ship] = now, GameTime(now + settings.work)
        return False

    def saturated(self, ctx: Context[Any], news: Saturated, ships: Iterable[str]) -> list[str]:
        """Name ships that are to rest, or ask those that work what they have earned."""
        settings = self.settings
        if not self._full and self._tried:
            self._careful = min(settings.most_careful, settings.more * self._careful)
            self._tried = False
        self._full[news.lane] = told = self._full.get(news.lane, 0) + 1
        return self.weigh(ctx, ships, news) if told >= settings.patience else []

    def relieved(self, news: Relieved, now: GameTime) -> str | None:
        """Name a ship that may work again, if it is time for one and no lane is saturated."""
        self._full.pop(news.lane, None)
        if self._full or not self.parked or now < self._freed + self._careful:
            return None
        if self._tried:
            self._careful = max(self.settings.careful, self.settings.less * self._careful)
        self._freed, self._tried = now, True
        return self.free()

    def weigh(self, ctx: Context[Any], ships: Iterable[str], news: Saturated) -> list[str]:
        """Go by what ships told lately, or ask those that work, unless they were just asked."""
        if self._asked:
            return []
        working = set(ships)
        self._wanted = self.too_much(news, len(working))
        # A thousand ships that are asked each minute send more messages for that than for all else.
        if ctx.now() < self._weighed + self.settings.grain:
            rates = {ship: rate for ship, rate in self._rates.items() if ship in working}
            return self._choose(rates, self._wanted, ctx.now())
        self._asked, self._weighed = working, ctx.now()
        self._told.clear()
        for ship in sorted(working):
            ctx.ask(
                ctx.address(f"{SHIPS}/{ship}"),
                ShipQuery(),
                timeout=ASK_TIMEOUT,
                on_reply=partial(Weighed, ship),
            )
        return []

    def unask(self) -> None:
        """Await no answers any more: whoever asked is gone, and will not hear them."""
        self._asked.clear()
        self._weighed = NEVER

    def weighed(self, weighed: Weighed, now: GameTime) -> list[str]:
        """Take one answer in; names the ships to park when it was the last."""
        if weighed.ship not in self._asked:
            return []
        self._asked.discard(weighed.ship)
        view = weighed.view
        if isinstance(view, ShipView):
            income = sum(amount for _, amount in view.income)
            self._told[weighed.ship] = Worth(income, view.requests)
        return [] if self._asked else self.park(self._told, self._wanted, now)

    def too_much(self, news: Saturated, active: int) -> int:
        """Tell how many ships to park when that many work: by what is asked, or by who waits."""
        surplus = active * (1.0 - 1.0 / max(1.0, news.demand))
        waiting = min(news.beyond, float(active))
        return min(active - 1, max(1, math.ceil(self.settings.share * max(surplus, waiting))))

    def park(self, worths: dict[str, Worth], count: int, now: GameTime) -> list[str]:
        """Choose the ships that earned least per request lately."""
        self._rates = {ship: self._rate(ship, worth, now) for ship, worth in worths.items()}
        return self._choose(self._rates, count, now)

    def _choose(self, rates: dict[str, float], count: int, now: GameTime) -> list[str]:
        """Park the worst; of equals the one whose last rest is longest ago.

        What asked for nothing cannot relieve anybody, and is left alone.
        """
        worst = sorted(
            (ship for ship, rate in rates.items() if rate < math.inf and self._may_rest(ship, now)),
            key=lambda ship: (rates[ship], self._since.get(ship, NEVER), ship),
        )
        chosen = worst[: max(0, count)]
        self.parked.update(dict.fromkeys(chosen))
        self._since.update(dict.fromkeys(chosen, now))
        return chosen

    def _rate(self, ship: str, worth: Worth, now: GameTime) -> float:
        """Tell the credits per request since a while ago, and keep the count for later."""
        counts = self._counts.setdefault(ship, deque())
        while len(counts) > 1 and counts[1][0] <= now - self.settings.looks_back:
            counts.popleft()
        rate = worth.since(counts[0][1] if counts else None)
        if not counts or now >= counts[-1][0] + self.settings.grain:
            counts.append((now, worth))
        return rate

    def _may_rest(self, ship: str, now: GameTime) -> bool:
        return ship not in self.parked and now >= self._spared.get(ship, NEVER)

    def free(self) -> str | None:
        """Let the best of those that rest work again; None when none rests."""
        return self.parked.popitem()[0] if self.parked else None
