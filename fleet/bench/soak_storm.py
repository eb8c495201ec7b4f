"""What befalls the fleet of a soak: which fault, where, and for how long; drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

PER_MINUTE: Final = 200
LONGEST: Final = 10.0
"""Wall seconds after which every fault has ended."""

EVERY: Final = 300.0
"""Wall seconds between two holds of the interpreter's lock, and between two kills of the writer."""

WRITER: Final = "/fleet/writer"
HOLD: Final = 10.0
SPINNERS: Final = 2
"""Most that compute at once: with more, the process is to be started anew, by its own rule."""

ACTOR_KINDS: Final = ("hang", "spin", "crash", "slow", "leak", "deadlock", "poison")
WORLD_KINDS: Final = ("db-down", "api-500", "api-429-html", "half-open", "clock-skew")
MIX: Final = (*ACTOR_KINDS, *WORLD_KINDS)

INCIDENT: Final[Mapping[str, Mapping[str, Any]]] = {
    "api-500": {"count": 5, "share": 0.05},
    "api-429-html": {"count": 5, "share": 0.05},
    "half-open": {"count": 1, "share": 0.05},
}
"""What one fault of the API hits: it is one incident, not an outage. There are fifty a minute of
them; if each hit whatever comes first, no trial of a breaker would ever succeed."""

OUTAGE: Final = 2.0
"""Longest lock of the database, in wall seconds: the mix has seventeen a minute."""

LEAK: Final = 2 << 20
"""Bytes of one leak: small, since memory that is held on purpose hides memory that is lost."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One chaos event, as the control socket takes it."""

    at: float
    """Wall seconds since the storm began."""

    arguments: dict[str, Any]

    part: Literal["mix", "GIL hold", "writer kill"] = "mix"
    """Whether it is one of the even mix, or of those that come every so often beside it."""

    @property
    def kind(self) -> str:
        """What it does."""
        return str(self.arguments["kind"])

    @property
    def name(self) -> str:
        """What it is counted as: a crash of the mix that meets the writer is no kill of it."""
        return self.kind if self.part == "mix" else self.part

    @property
    def hits_writer(self) -> bool:
        """Whether the database writer is its target."""
        return self.arguments.get("address") == WRITER


@dataclass(slots=True)
class Storm:
    """Makes blows for a stretch of time."""

    seed: int
    seconds: float
    every: float = EVERY
    """A hold comes at a fifth, and a kill of the writer at seven tenths of each such stretch; both
    beside those of the mix."""

    _spins: list[float] = field(default_factory=list)
    """When those drawn last end."""

    def blows(self, actors: Sequence[str]) -> Iterator[Blow]:
        """Draw them in order of time; actors are picked among those given."""
        rng = random.Random(f"soak {self.seed}")
        deck: list[str] = []
        special = sorted(self._special(actors, rng), key=lambda blow: blow.at)
        for number in range(int(self.seconds * PER_MINUTE / 60)):
            at = number * 60 / PER_MINUTE
            while special and special[0].at <= at:
                yield special.pop(0)
            if not deck:
                # A shuffled deck and not a throw: so the mix is even in each dozen.
                deck = list(MIX)
                rng.shuffle(deck)
            yield Blow(at, self._arguments(deck.pop(), at, actors, rng))

    def again(self, blow: Blow, at: float) -> Blow:
        """Make a blow that nobody took into one for a later time."""
        arguments = blow.arguments
        if blow.kind == "spin":
            arguments = arguments | {"seconds": self._spin(at, arguments["seconds"])}
        return replace(blow, at=at, arguments=arguments)

    @property
    def specials(self) -> int:
        """Count the holds, which are as many as the kills of the writer."""
        return int(self.seconds / self.every)

    def _special(self, actors: Sequence[str], rng: random.Random) -> Iterator[Blow]:
        for number in range(self.specials):
            at, target = number * self.every, rng.choice(actors)
            hold = {"kind": "gil", "address": target, "seconds": HOLD}
            yield Blow(at + 0.2 * self.every, hold, "GIL hold")
            kill = {"kind": "crash", "address": WRITER}
            yield Blow(at + 0.7 * self.every, kill, "writer kill")

    def _arguments(
        self, kind: str, at: float, actors: Sequence[str], rng: random.Random
    ) -> dict[str, Any]:
        seconds = rng.uniform(0.5, LONGEST)
        if kind == "spin":
            seconds = self._spin(at, seconds)
        if kind in ACTOR_KINDS:
            given = {"kind": kind, "address": rng.choice(actors), "seconds": seconds}
            return given | ({"size": LEAK} if kind == "leak" else {})
        if kind == "db-down":
            return {"kind": kind, "seconds": rng.uniform(0.5, OUTAGE)}
        return {"kind": kind, "seconds": seconds, **INCIDENT.get(kind, {})}

    def _spin(self, at: float, wanted: float) -> float:
        """Shorten a spin so that no more than so many overlap."""
        self._spins = sorted(end for end in self._spins if end > at)
        later = [end for end in self._spins if end > at]
        seconds = wanted if len(later) < SPINNERS else 0.5
        self._spins.append(at + seconds)
        return seconds
