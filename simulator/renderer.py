"""Turns times and parts of ships into what the API shows, remembering what it has rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import SimClock
from fleet.simulator.stamps import Stamps
from fleet.simulator.world.place import System, Waypoint
from fleet.simulator.world.ship import Fitting

MOST_REMEMBERED = 50_000
MOST_PLACES = 4_000
"""Waypoints whose looks are remembered, at some 800 bytes each."""

T = TypeVar("T")

MOST_CHOICES = 300
"""Lists of waypoints: they keep their systems, of which one takes some 60 kB."""

MOST_FACTS = 20_000
"""Routes, listings and lists of goods, at some 600 bytes each."""

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
        self._chosen: dict[tuple[str, object], tuple[System, list[Waypoint]]] = {}
        self._facts: dict[tuple[object, ...], msgspec.Raw] = {}
        self._histories: dict[tuple[str, str], tuple[Sequence[object], list[msgspec.Raw]]] = {}

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
        self.forget()

    def meant(self, shown: float) -> list[float]:
        """Read a time that a client sent back, by each skew that it may have been shown with."""
        return [self.clock.read(shown + self._skew - skew) for skew in self._skews]

    def forget(self) -> None:
        """Forget what may look otherwise: the clock shows other times, or the places are others."""
        self._stamps.clear()
        self._places.clear()
        self._facts.clear()
        self._histories.clear()

    def waypoint(self, point: Waypoint, looks: Looks) -> msgspec.Raw | None:
        """Show a waypoint as it was shown last; None if its looks have changed."""
        known = self._places.get(point.symbol)
        if known is None or known[0] is not point or known[1] != looks:
            return None
        return known[2]

    def show_waypoint(self, point: Waypoint, looks: Looks, facts: dict[str, Any]) -> msgspec.Raw:
        """Show a waypoint, and remember how."""
        if len(self._places) >= MOST_PLACES:
            self._places.clear()
        shown = msgspec.Raw(msgspec.json.encode(facts))
        self._places[point.symbol] = (point, looks, shown)
        return shown

    def once(self, key: tuple[object, ...], facts: Callable[[], Any]) -> msgspec.Raw:
        """Show facts that depend on a key alone; they are asked for when they are not known."""
        known = self._facts.get(key)
        if known is None:
            if len(self._facts) >= MOST_FACTS:
                self._facts.clear()
            known = self._facts[key] = msgspec.Raw(msgspec.json.encode(facts()))
        return known

    def history(
        self, what: str, place: str, rows: Sequence[T], show: Callable[[str, T], dict[str, Any]]
    ) -> list[msgspec.Raw]:
        """Show what has happened at a place; rows never change, and lists are replaced to grow."""
        before, shown = self._histories.get((what, place), ((), []))
        if before is rows:
            return shown
        known = {id(row): raw for row, raw in zip(before, shown, strict=True)}
        shown = [
            known.get(id(row)) or msgspec.Raw(msgspec.json.encode(show(place, row))) for row in rows
        ]
        if len(self._histories) >= MOST_PLACES:
            self._histories.clear()
        self._histories[what, place] = (rows, shown)
        return shown

    def chosen(self, system: System, wanted: tuple[object, ...]) -> list[Waypoint] | None:
        """Tell what filters have chosen among a system's waypoints; None if that is not known."""
        known = self._chosen.get((system.symbol, wanted))
        return known[1] if known is not None and known[0] is system else None

    def choose(self, system: System, wanted: tuple[object, ...], points: list[Waypoint]) -> None:
        """Remember what filters have chosen; what they go by never changes."""
        if len(self._chosen) >= MOST_CHOICES:
            self._chosen.clear()
        self._chosen[system.symbol, wanted] = (system, points)

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
