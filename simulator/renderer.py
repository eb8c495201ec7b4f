"""Turns times and parts of ships into what the API shows, remembering what it has rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import SimClock
from fleet.simulator.remembered import Remembered
from fleet.simulator.stamps import Stamps
from fleet.simulator.world.place import System, Waypoint
from fleet.simulator.world.ship import Fitting

MOST_STAMPS = 5_000
"""Times, at some 200 bytes each: a request shows a few that nobody has seen before."""

MOST_PARTS = 4_000
"""Frames, reactors and engines by their wear, at some 700 bytes each."""

MOST_PLACES = 4_000
"""Waypoints whose looks are remembered, at some 800 bytes each."""

MOST_LISTS = 1_000
"""Sets of modules and of mounts, at some 2 kB each: a ship may be refitted at will."""

MOST_CHOICES = 300
"""Lists of waypoints: they keep their systems, of which one takes some 60 kB."""

MOST_FACTS = 4_000
"""Routes, listings and lists of goods, at some 900 bytes each; every flight is a new route."""

T = TypeVar("T")

Looks = tuple[float | None, bool, str | None]
"""What may change about a waypoint: when it was charted, whether it is built, its strain."""

Place = tuple[Waypoint, Looks, msgspec.Raw]
Choice = tuple[System, list[Waypoint]]
History = tuple[Sequence[object], list[msgspec.Raw]]


class Renderer:
    """Renders what recurs in many answers; owned by the simulator's thread."""

    def __init__(self, catalogue: Catalogue, clock: SimClock) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self._skew = 0.0
        self._skews = {0.0}
        """By how much the clock has ever been off."""

        self._writer = Stamps()
        self._stamps: Remembered[float, str] = Remembered(MOST_STAMPS)
        self._parts: Remembered[tuple[str, float, float], msgspec.Raw] = Remembered(MOST_PARTS)
        self._places: Remembered[str, Place] = Remembered(MOST_PLACES)
        self._lists: Remembered[tuple[str, ...], msgspec.Raw] = Remembered(MOST_LISTS)
        self._chosen: Remembered[tuple[str, object], Choice] = Remembered(MOST_CHOICES)
        self._facts: Remembered[tuple[object, ...], msgspec.Raw] = Remembered(MOST_FACTS)
        self._histories: Remembered[tuple[str, str], History] = Remembered(MOST_PLACES)

    def stamp(self, time: float) -> str:
        """Show a game time as the API does."""
        known = self._stamps.get(time)
        if known is None:
            known = self._stamps.keep(time, self._writer.iso(self.clock.shown(time)))
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
        shown = msgspec.Raw(msgspec.json.encode(facts))
        self._places.keep(point.symbol, (point, looks, shown))
        return shown

    def once(self, key: tuple[object, ...], facts: Callable[[], Any]) -> msgspec.Raw:
        """Show facts that depend on a key alone; they are asked for when they are not known."""
        known = self._facts.get(key)
        if known is None:
            known = self._facts.keep(key, msgspec.Raw(msgspec.json.encode(facts())))
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
        self._histories.keep((what, place), (rows, shown))
        return shown

    def chosen(self, system: System, wanted: tuple[object, ...]) -> list[Waypoint] | None:
        """Tell what filters have chosen among a system's waypoints; None if that is not known."""
        known = self._chosen.get((system.symbol, wanted))
        return known[1] if known is not None and known[0] is system else None

    def choose(self, system: System, wanted: tuple[object, ...], points: list[Waypoint]) -> None:
        """Remember what filters have chosen; what they go by never changes."""
        self._chosen.keep((system.symbol, wanted), (system, points))

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
            known = self._parts.keep(key, msgspec.Raw(msgspec.json.encode(facts)))
        return known

    def parts(self, symbols: list[str] | tuple[str, ...]) -> msgspec.Raw:
        """Show a list of modules or mounts."""
        key = tuple(symbols)
        known = self._lists.get(key)
        if known is None:
            facts = [self._part(symbol) for symbol in key]
            known = self._lists.keep(key, msgspec.Raw(msgspec.json.encode(facts)))
        return known

    def _part(self, symbol: str) -> dict[str, object]:
        facts: dict[str, object] = msgspec.to_builtins(self.catalogue.parts[symbol])
        facts.pop("production", None)
        facts.setdefault("requirements", {})
        return facts
