"""The armed faults of a simulator: which are there, and what they do to a request."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import Endpoint
from fleet.simulator.faults.effects import EFFECTS
from fleet.simulator.faults.fault import Fault
from fleet.simulator.faults.kinds import KINDS
from fleet.simulator.faults.trouble import Trouble

SHIP_READS = ("get-my-ship", "get-my-ships")
CARGO_MOVES = ("transfer-cargo",)


class Faults:
    """Faults that are armed now; lives in the simulator's thread, outlives no process.

    Chance has a generator of its own: faults don't change what the world draws.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"faults of {seed}")
        self._armed: list[Fault] = []
        self._count = 0

    @property
    def active(self) -> bool:
        """Whether anything is armed; looked at before every request, so it is cheap."""
        return bool(self._armed)

    def arm(
        self, name: str, parameters: Mapping[str, str], now: GameTime, speed: float = 1.0
    ) -> Fault:
        """Arm a checked fault; its wall seconds count at the clock's speed."""
        self._count += 1
        lives = [
            float(parameters["for"]) * speed if parameters["for"] else math.inf,
            float(parameters["game"]) if parameters["game"] else math.inf,
        ]
        fault = Fault(self._count, name, parameters, GameTime(now + min(lives)))
        self._armed.append(fault)
        return fault

    def clear(self, which: str = "") -> int:
        """Take back the fault of an id, all of a name, or all; tell how many."""
        kept = [row for row in self._armed if which and which not in (str(row.id), row.name)]
        gone = len(self._armed) - len(kept)
        self._armed = kept
        return gone

    def listed(self, now: GameTime) -> list[dict[str, Any]]:
        """Show what is armed."""
        self._expire(now)
        return [fault_view(fault, now) for fault in self._armed]

    def skew(self, now: GameTime) -> float:
        """Tell by how many seconds stamps are off."""
        self._expire(now)
        return sum(
            float(row.parameters["seconds"]) for row in self._armed if row.name == "clock-skew"
        )

    def meet(
        self, endpoint: Endpoint, params: Mapping[str, str], agent: str | None, now: GameTime
    ) -> Trouble | None:
        """Draw what happens to a request; None if nothing does."""
        self._expire(now)
        trouble: Trouble | None = None
        for fault in self._armed:
            if fault.means(endpoint, params, agent) and self._strikes(fault, endpoint):
                trouble = trouble or Trouble()
                ship = params.get("shipSymbol", fault.parameters["ship"])
                EFFECTS[fault.name](trouble, {**fault.parameters, "ship": ship}, self._rng)
        if trouble is not None and trouble.reset:
            # One reset is enough.
            self.clear("universe-reset")
        self._expire(now)
        return trouble

    def _expire(self, now: GameTime) -> None:
        self._armed = [row for row in self._armed if now < row.until and not row.spent]

    def _strikes(self, fault: Fault, endpoint: Endpoint) -> bool:
        if fault.name == "ship-3000" and endpoint.operation not in SHIP_READS:
            return False
        if fault.name == "negative-cargo" and endpoint.operation not in CARGO_MOVES:
            return False
        if fault.name == "ship-locked" and not _commands(endpoint):
            return False
        fault.met += 1
        if fault.met <= int(fault.parameters["skip"]):
            return False
        if fault.chance < 1 and self._rng.random() >= fault.chance:
            return False
        fault.hits += fault.name != "clock-skew"
        return True


def _commands(endpoint: Endpoint) -> bool:
    """Whether it tells a ship to do something."""
    return endpoint.mutating and "shipSymbol" in endpoint.params


def fault_view(fault: Fault, now: GameTime) -> dict[str, Any]:
    """Show an armed fault."""
    given = {key: value for key, value in fault.parameters.items() if value}
    left = fault.until - now
    return {
        "id": fault.id,
        "name": fault.name,
        "parameters": given,
        "gameSecondsLeft": None if math.isinf(left) else round(left, 3),
        "met": fault.met,
        "hits": fault.hits,
    }


def kinds_view() -> list[dict[str, Any]]:
    """Show what could be armed."""
    return [
        {"name": name, "about": kind.about, "parameters": dict(kind.parameters)}
        for name, kind in KINDS.items()
    ]
