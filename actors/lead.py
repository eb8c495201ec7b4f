"""How long before a window opens a request must be sent so that it arrives as it opens.

The way to the server takes an unknown and shaky time. Nobody can measure it one way, but a
request that opens a window tells when it arrived, and one that came too early (it used a burst
point) tells that its way was shorter than the lead that it was given. From these a quantile of
the way is learned: a share of the requests may come early, since the burst pool pays for
them, and since whatever comes late wastes the allowance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WIDEST = 0.3
"""Most that the spread is taken for."""

FIRST = 6
"""Ways from which the lead starts before it is moved step by step."""

IN_A_ROW = 8
"""Openers that all came late, one after the other, move the lead by what they have in common."""


@dataclass(slots=True)
class Lead:
    """A stochastic approximation of two points of the way's distribution; game seconds."""

    most: float = 2.0
    """Bound of the lead in both directions: a fit of the clock may be off either way."""

    bold: float = 0.0
    """Send so much before the window opens: comes early as often as is wanted."""

    spread: float = 0.02
    """Running mean of how much longer than `bold` the longer ways take."""

    early: float = 0.0
    """Running share of the openers that came early."""

    least: float = 0.0
    """About the shortest way of late."""

    _seen: int = 0
    _late: list[float] = field(default_factory=list)

    @property
    def second(self) -> float:
        """The lead of a second attempt, for the case that the first one comes early."""
        return self.bold - 0.5 * self.spread

    @property
    def careful(self) -> float:
        """A lead with which little comes early."""
        return self.bold - 0.7 * self.spread

    @property
    def safe(self) -> float:
        """A lead with which next to nothing comes early."""
        return min(self.least, self.bold - 3.0 * self.spread)

    def came_early(self, lead: float, wanted: float) -> None:
        """Take note that the way was shorter than the lead; `wanted` is the share that may be."""
        self._late.clear()
        self.early += 0.05 * (1.0 - self.early)
        self.least = min(self.least, lead - self.spread)
        if lead <= self.bold + self.spread:
            self._move(-self._step * (1.0 - wanted))

    def came(self, way: float, wanted: float) -> None:
        """Take note of the way of a request that opened a window."""
        self.early -= 0.05 * self.early
        self._seen += 1
        if self._seen <= FIRST:
            # Connections are still being made: the quickest way is nearest to what will be.
            self.least = way if self._seen == 1 else min(self.least, way)
            self.bold = self.least
            return
        self.least = min(way, self.least + 0.02 * (way - self.least))
        if way < self.bold:
            self._late.clear()
            self._move(-self._step * (1.0 - wanted))
            return
        over = way - self.bold
        # One request that was held up for long says little about the next one.
        self.spread += 0.1 * (min(over, 4.0 * self.spread + 0.005, WIDEST) - self.spread)
        self._move(self._step * wanted)
        self._late.append(over)
        if len(self._late) == IN_A_ROW:
            self._move(0.7 * min(self._late))
            self._late.clear()

    def doubt(self) -> None:
        """Give way after a 429: the picture of the way was wrong."""
        self._move(-0.5 * self.spread)
        self.spread = min(WIDEST, 1.5 * self.spread + 0.005)

    @property
    def _step(self) -> float:
        return min(0.03, max(0.0002, 0.2 * self.spread))

    def _move(self, by: float) -> None:
        self.bold = min(self.most, max(-self.most, self.bold + by))
