"""The index of a galaxy: its stars, whose home they are, and the lanes between their gates."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cached_property

from fleet.simulator.universe.lanes import OPENED, Grid, draw_lanes
from fleet.simulator.universe.stars import draw_stars
from fleet.simulator.world.star import Star

FACTION_SHARE = 0.15
"""Share of the systems away from the starts that belong to a faction and are charted (guessed)."""


class Atlas:
    """What is known of each star without looking into its system; drawn when first asked for.

    A galaxy is either drawn from the seed around the first home, or captured.
    """

    def __init__(
        self,
        seed: int,
        size: int,
        first: Star,
        factions: Iterable[str],
        captured: tuple[list[Star], list[tuple[str, str]]] | None = None,
    ) -> None:
        self._seed = seed
        self._size = size
        self._first = first
        self._factions = list(factions)
        self._captured = captured

    @cached_property
    def stars(self) -> dict[str, Star]:
        """Every star by symbol, the first home first."""
        known = {self._first.symbol: self._first}
        if self._captured is not None:
            return known | {star.symbol: star for star in self._captured[0]}
        return known | draw_stars(self._rng("stars"), self._size - 1, known)

    @cached_property
    def symbols(self) -> list[str]:
        """The symbols of all stars."""
        return list(self.stars)

    @cached_property
    def homes(self) -> dict[str, str]:
        """The system in which agents of each faction start; every faction has its own."""
        rest = [star for star in self.stars.values() if star.gate][1:]
        others = self._factions[1:]
        chosen = self._rng("homes").sample(rest, min(len(rest), len(others)))
        homes = dict(zip(others, (star.symbol for star in chosen), strict=False))
        return {self._factions[0]: self._first.symbol} | homes

    @cached_property
    def home_factions(self) -> dict[str, str]:
        """The faction of each starting system."""
        return {symbol: faction for faction, symbol in self.homes.items()}

    @cached_property
    def lanes(self) -> dict[str, list[str]]:
        """The systems to which each gate leads."""
        gates = [star for star in self.stars.values() if star.gate]
        if self._captured is None:
            rng = self._rng("lanes")
            return draw_lanes(gates, [rng.randint(*OPENED) for _ in gates])
        ends: dict[str, set[str]] = {}
        for one, other in self._captured[1]:
            ends.setdefault(one, set()).add(other)
            ends.setdefault(other, set()).add(one)
        return {symbol: sorted(found) for symbol, found in ends.items()}

    @cached_property
    def grid(self) -> Grid:
        """The stars by place."""
        return Grid(self.stars.values())

    def faction(self, symbol: str) -> str | None:
        """Tell whose a system is; nobody's in most cases."""
        if symbol in self.home_factions:
            return self.home_factions[symbol]
        rng = self._rng(f"faction:{symbol}")
        return rng.choice(self._factions) if rng.random() < FACTION_SHARE else None

    def _rng(self, purpose: str) -> random.Random:
        return random.Random(f"{self._seed}:{purpose}")
