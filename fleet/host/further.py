"""What the summary tells of further agents: what they have, and whether their books agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fleet.first_reading import FirstReader
from fleet.http_transport import HttpTransport
from fleet.storage.audit import audit
from fleet.storage.queries import Span, request_outcomes

if TYPE_CHECKING:
    from fleet.host.boot import Booted


def further_agents(booted: Booted) -> Iterator[dict[str, Any]]:
    """Read each further agent once more and compare. After the tree has stopped; may raise."""
    for mate in booted.mates:
        session, namespace = mate.session, mate.namespace.id
        transport = HttpTransport(session.base_url, booted.clock.monotonic)
        reading = FirstReader(transport, session.token.text).read()
        report = audit(
            booted.store,
            namespace,
            credits=reading.agent.credits,
            ships=[ship.symbol for ship in reading.ships],
            cargo={
                ship.symbol: {item.symbol: item.units for item in ship.cargo.inventory}
                for ship in reading.ships
            },
        )
        outcomes = request_outcomes(booted.store, namespace, span=Span(since=booted.run.game_at))
        yield {
            "agent": mate.symbol,
            "credits_start": mate.reading.agent.credits,
            "credits_end": reading.agent.credits,
            "ships": len(reading.ships),
            "requests": sum(row.count for row in outcomes),
            "audit_difference": report.difference,
            "cargo_differences": len(report.cargo),
        }
