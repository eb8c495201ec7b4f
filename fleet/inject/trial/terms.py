"""How two behaviours are to be compared, as somebody asked for it."""

from __future__ import annotations

import math
import re
from typing import Final, Literal

import msgspec

from fleet.protocol.errors import UsageError
from fleet.protocol.tasks import AnyTask, MineAndSell, Park, TradeBestRoute

Design = Literal["auto", "switchback", "parallel"]

BLOCK: Final = 3600.0
"""Game seconds of a turn where nobody says otherwise: several trips of a hauler (guess)."""

WASH_OUT: Final = 0.25
"""Of a turn, so much at its beginning is not counted where nobody says otherwise (guess): ships
still sell what they bought in the turn before."""

SHORTEST: Final = 60.0
"""Game seconds of the shortest turn: a flight within a system takes about as long."""

AGAINST: Final = re.compile(r"(?P<name>[a-z_]+)(@(?P<place>[A-Z0-9-]+))?")
CHOICES: Final = "trade_best_route, mine_and_sell@ASTEROID or park"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What arm A does, and how arms and times are dealt out."""

    against: str = ""
    """One of fleet's own behaviours for arm A; empty for what the ships do now."""

    design: Design = "auto"
    block: float = BLOCK
    """Game seconds of a turn."""

    wash_out: float | None = None
    """Game seconds at a turn's beginning that are not counted; None for a quarter of it."""

    seed: int = 0
    """Decides who and when; the same ships with the same seed are split alike."""

    @property
    def washed(self) -> float:
        """Game seconds that are not counted."""
        return self.block * WASH_OUT if self.wash_out is None else self.wash_out

    def check(self) -> None:
        """Raise UsageError for what can't be done as asked."""
        if not (self.block >= SHORTEST and math.isfinite(self.block)):
            raise UsageError(f"--block takes {SHORTEST:g} s of game time or more.")
        if not 0 <= self.washed <= self.block / 2:
            raise UsageError("--wash-out takes at most half of --block.")
        self.task()

    def task(self) -> AnyTask | None:
        """Give arm A's task; None for what the ships do now. Raises UsageError."""
        if not self.against:
            return None
        found = AGAINST.fullmatch(self.against)
        match (found["name"], found["place"]) if found else ("", None):
            case "trade_best_route", None:
                return TradeBestRoute()
            case "mine_and_sell", str(place):
                return MineAndSell(asteroid=place)
            case "park", None:
                return Park(reason="arm A of an experiment")
        raise UsageError(f"--against takes {CHOICES}, not '{self.against}'.")
