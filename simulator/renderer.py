"""Turns times and parts of ships into what the API shows, remembering what it has rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import SimClock
from fleet.simulator.stamps import Stamps
from fleet.simulator.world.place import Waypoint
from fleet.simulator.world.ship import Fitting

MOST_REMEMBERED = 50_000
MOST_PLACES = 4_000
"""Waypoints whose looks are remembered, at some 800 bytes each."""

Looks = tuple[float | None, bool, str | None]
"""What may change about a waypoint: when it was charted, whether it is built, its strain."""


class Renderer:
    """Renders what recurs in many answers; owned by the simulator's thread."""

    def __init__(self, catalogue: Catalogue, clock: SimClock) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self._skew = 0.0
        self._skews = {0.0}
        """By how much the clock has ever been off."""

        self._writer = Stamps()
        self._stamps: dict[float, str] = {}
        self._parts: dict[tuple[str, float, float], msgspec.Raw] = {}
        self._places: dict[str, tuple[Waypoint, Looks, msgspec.Raw]] = {}
        self._lists: dict[tuple[str, ...], msgspec.Raw] = {}

    def stamp(self, time: float) -> str:
        """Show a game time as the API does."""
        known = self._stamps.get(time)
        if known is None:
            if len(self._stamps) >= MOST_REMEMBERED:
                self._stamps.clear()
            known = self._stamps[time] = self._writer.iso(self.clock.shown(time))
        return known

    def date(self, time: float) -> str:
        """Show a game time as the HTTP `Date` header does."""
        return self._writer.http(self.clock.shown(time))

    def skew(self, seconds: float) -> None:
        """Take note that the clock shows times off by so much from now on."""
        self._skew = seconds
        self._skews.add(seconds)
        self.forget_stamps()

    def meant(self, shown: float) -> list[float]:
        """Read a time that a client sent back, by each skew that it may have been shown with."""
        return [self.clock.read(shown + self._skew - skew) for skew in self._skews]

    def forget_stamps(self) -> None:
        """Forget what was rendered of times, because the clock shows others now."""
        self._stamps.clear()
        self._places.clear()

    def waypoint(
        self, point: Waypoint, looks: Looks, facts: Callable[[], dict[str, Any]]
    ) -> msgspec.Raw:
        """Show a waypoint; its facts are asked for when its looks have changed."""
        known = self._places.get(point.symbol)
        if known is None or known[0] is not point or known[1] != looks:
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            known = (point, looks, msgspec.Raw(msgspec.json.encode(facts())))
            self._places[point.symbol] = known
        return known[2]

    def new_part(self, symbol: str) -> msgspec.Raw:
        """Show a frame, reactor or engine fresh from the yard."""
        return self.fitting(Fitting(symbol))

    def fitting(self, part: Fitting) -> msgspec.Raw:
        """Show a frame, reactor or engine with its wear."""
        key = (part.symbol, part.condition, part.integrity)
        known = self._parts.get(key)
        if known is None:
            facts = msgspec.to_builtins(self.catalogue.parts[part.symbol])
            facts.setdefault("requirements", {})
            facts |= {"condition": part.condition, "integrity": part.integrity}
            if len(self._parts) >= MOST_REMEMBERED:
                self._parts.clear()
            known = self._parts[key] = msgspec.Raw(msgspec.json.encode(facts))
        return known

    def parts(self, symbols: list[str] | tuple[str, ...]) -> msgspec.Raw:
        """Show a list of modules or mounts."""
        key = tuple(symbols)
        known = self._lists.get(key)
        if known is None:
            facts = [self._part(symbol) for symbol in key]
            known = self._lists[key] = msgspec.Raw(msgspec.json.encode(facts))
        return known

    def _part(self, symbol: str) -> dict[str, object]:
        facts: dict[str, object] = msgspec.to_builtins(self.catalogue.parts[symbol])
        facts.pop("production", None)
        facts.setdefault("requirements", {})
        return facts
