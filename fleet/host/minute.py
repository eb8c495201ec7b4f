"""One line for each minute of a run: what was earned, what it cost, how the machinery is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.host.observe import Observation
from fleet.host.tally import Tally
from fleet.protocol.clock import Clock
from fleet.runtime import ActorSystem
from fleet.supervision.resources.sample import MB
from fleet.supervision.resources.watch import Usage

ALLOWANCE = 2.5
"""Requests per game second that the API grants (official): 2 a second and 30 more a minute."""


@dataclass(slots=True)
class Marks:
    """What stood at the last line, to tell what came since."""

    at: float
    worth: int | None = None
    requests: int = 0
    handled: int = 0
    restarts: int = 0


class Minutes:
    """Writes the line; for one thread."""

    def __init__(
        self, system: ActorSystem, events: Tally, usage: Callable[[], Usage | None]
    ) -> None:
        """Count from now on; `usage` gives the last sample of resources."""
        self._system = system
        self._clock: Clock = system.clock
        self._events = events
        self._usage = usage
        self._marks = Marks(at=self._clock.monotonic())

    def tell(self, seen: Observation) -> None:
        """Emit the line of the time since the last one."""
        self._tell_ships(seen)
        told = self._figures(seen)
        self._events.emit("fleet.summarised", text=sentence(told), **told)

    def _tell_ships(self, seen: Observation) -> None:
        for path in seen.silent:
            text = f"Timeout for miner {path.rpartition('/')[2]}"
            self._events.emit("ship.missed", level="warning", text=text, actor=path)
        count = len(seen.ships)
        text = f"Successfully queried {count} miners"
        self._events.emit("ships.queried", level="debug", text=text, count=count)

    def _figures(self, seen: Observation) -> dict[str, Any]:
        marks, counts = self._marks, self._events.counts
        cells = self._system.cells()
        now = Marks(
            at=self._clock.monotonic(),
            worth=seen.funds.credits + seen.fleet.value if seen.funds and seen.fleet else None,
            requests=seen.bucket.requests if seen.bucket else marks.requests,
            handled=sum(cell.handled for cell in cells),
            restarts=sum(cell.restarts for cell in cells),
        )
        known = now.worth is not None and marks.worth is not None
        self._marks = now
        return {
            "seconds": round(now.at - marks.at, 1),
            "ships": len(seen.ships) + len(seen.silent),
            "silent": len(seen.silent),
            "credits": seen.funds.credits if seen.funds else None,
            "gain": (now.worth or 0) - (marks.worth or 0) if known else None,
            # A replaced bucket begins to count anew.
            "requests": max(0, now.requests - marks.requests),
            "share": round(seen.bucket.share_last_minute, 3) if seen.bucket else None,
            "handled": now.handled - marks.handled,
            "restarts": now.restarts - marks.restarts,
            "errors": counts["actor.crashed"] + counts["actor.hung"],
            "cleanups": counts["cleanup.completed"],
            "zombies": self._system.zombies,
            "dead_letters": sum(self._system.dead_letters.counts.values()),
            **self._resources(),
        }

    def _resources(self) -> dict[str, Any]:
        usage = self._usage()
        if usage is None:
            return {}
        process = usage.process
        return {
            "rss_mb": round(process.memory.rss / MB, 1),
            "cpu_percent": round(process.cpu, 1),
            "threads": process.threads,
            "pressure": usage.pressure,
            "waited_s": round(sum(actor.waited for actor in usage.actors), 1),
        }


def sentence(told: dict[str, Any]) -> str:
    """Put the figures into one line for people."""
    parts = [f"{told['ships']} ships"]
    if told["silent"]:
        parts.append(f"{told['silent']} silent")
    if told["credits"] is not None:
        parts.append(f"{told['credits']:,} credits")
    if told["gain"] is not None:
        parts.append(f"net worth {told['gain']:+,} in {told['seconds']:.0f} s")
    share = "" if told["share"] is None else f" ({told['share']:.0%} of the allowance)"
    parts.append(f"{told['requests']} requests{share}")
    parts.append(f"{told['handled']:,} messages")
    parts += [f"{told[key]} {key}" for key in ("restarts", "zombies") if told[key]]
    if "rss_mb" in told:
        parts.append(f"{told['rss_mb']:.0f} MB, {told['cpu_percent']:.0f} % CPU")
    return ", ".join(parts)
