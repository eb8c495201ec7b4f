"""Sums a run up: what it earned, what it cost in requests, and whether the books agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from fleet import __version__
from fleet.first_reading import FirstReading
from fleet.host.further import further_agents
from fleet.host.observe import Observation
from fleet.host.tally import Tally
from fleet.protocol.errors import SetupError
from fleet.runtime import ActorSystem
from fleet.storage.audit import audit
from fleet.storage.queries import Span, income_by_behaviour, request_outcomes
from fleet.storage.worth import ships_value

if TYPE_CHECKING:
    from fleet.host.boot import Booted

LIMITED = "limited"
REFUSED = "refusal"


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known when the tree has stopped."""

    booted: Booted
    observation: Observation
    events: Tally
    system: ActorSystem
    survivors: tuple[str, ...]


def summarise(ending: Ending, reading: FirstReading) -> dict[str, Any]:
    """Make the summary; keys as documented in docs/run.md, credits and seconds."""
    booted, seen = ending.booted, ending.observation
    run, store, namespace = booted.run, booted.store, booted.namespace.id
    bucket = seen.bucket
    since = Span(since=run.game_at)
    # From the database, not from the bucket: a replaced bucket begins to count anew.
    outcomes = {row.outcome: row.count for row in request_outcomes(store, namespace, span=since)}
    net_worth = reading.agent.credits + ships_value(store, namespace)
    cargo = {
        ship.symbol: {item.symbol: item.units for item in ship.cargo.inventory}
        for ship in reading.ships
    }
    report = audit(
        store,
        namespace,
        credits=reading.agent.credits,
        ships=[ship.symbol for ship in reading.ships],
        cargo=cargo,
    )
    incomes = income_by_behaviour(store, namespace, span=since)
    return {
        "agent": reading.agent.symbol,
        "credits_start": run.credits_start,
        "credits_end": reading.agent.credits,
        "net_worth_start": run.net_worth_start,
        "net_worth_end": net_worth,
        "net_worth_gain": net_worth - run.net_worth_start,
        "game_seconds": round(booted.clock.game() - run.game_at, 1),
        "wall_seconds": round(booted.clock.wall() - run.ready_at, 1),
        "requests": sum(outcomes.values()),
        "saturated_minutes": bucket.saturated_minutes if bucket else 0,
        "allowance_share": round(bucket.share_saturated, 4) if bucket else 0.0,
        "requests_429": outcomes.get(LIMITED, 0),
        "refusals": outcomes.get(REFUSED, 0),
        "ships": len(reading.ships),
        "restarts": sum(cell.restarts for cell in ending.system.cells()),
        "process_restarts": run.process_restarts,
        "tracebacks": ending.events.tracebacks,
        "income_by_behaviour": {income.behaviour or "": income.delta for income in incomes},
        "contract": seen.fleet.contract if seen.fleet else "",
        "contracts_fulfilled": seen.fleet.contracts_fulfilled if seen.fleet else 0,
        "audit_difference": report.difference,
        "cargo_differences": len(report.cargo),
        "survivors": list(ending.survivors),
        "seed": booted.config.seed if booted.config.seed is not None else 1,
        "scenario": booted.config.scenario or "start",
        "version": __version__,
        "further_agents": list(further_agents(booted)),
    }


def write_summary(path: Path | None, ending: Ending, reading: FirstReading) -> None:
    """Write the summary to the file asked for. Raises SetupError."""
    summary = summarise(ending, reading)
    ending.events.emit(
        "run.ended",
        text=(
            f"{summary['game_seconds'] / 3600:.1f} game hours, net worth "
            f"{summary['net_worth_gain']:+,d}, {summary['ships']} ships, "
            f"{summary['requests']} requests, audit difference {summary['audit_difference']}"
        ),
    )
    if path is None:
        return
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    except OSError as error:
        raise SetupError(f"The summary cannot be written to {path}: {error.strerror}.") from None
