"""What the control socket can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fleet.host import letters
from fleet.host.api_desk import ApiDesk
from fleet.host.attendants import Attendants
from fleet.host.boot import Booted
from fleet.host.branches import branches
from fleet.host.faults import Faults
from fleet.host.status_page import StatusPage
from fleet.host.tally import Tally
from fleet.protocol.fleet import AUDITOR, AuditNow
from fleet.protocol.members import path_for
from fleet.runtime import ActorSystem, Envelope, Future

Handler = Callable[[Mapping[str, Any]], Any]
AUDIT_TIMEOUT = 20.0


class Handlers:
    """Called from the control socket's threads."""

    def __init__(
        self, booted: Booted, system: ActorSystem, events: Tally, attendants: Attendants
    ) -> None:
        self._system = system
        self._events = events
        self._attendants = attendants
        first, *others = booted.symbols
        self._members = {first: ""} | {symbol: symbol for symbol in others}
        self._page = StatusPage(booted, system, events, attendants)
        self._faults = Faults(booted, system)
        self._desk = ApiDesk(system, booted.session.base_url, booted.clock, agents=booted.symbols)

    def table(self) -> Mapping[str, Handler]:
        """List the commands by name."""
        return {
            "status": self._status,
            "chaos": self._faults.begin,
            "actors": self._actors,
            "audit": self._audit,
            "api": self._desk.answer,
            "dead-letters": self._letters,
            "replay": self._replay,
        }

    def close(self) -> None:
        """End what was begun and would outlive the fleet."""
        self._faults.close()

    def _status(self, _arguments: Mapping[str, Any]) -> Any:
        return msgspec.to_builtins(self._page.status())

    def _actors(self, _arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
        return branches(self._system, self._events, self._attendants.usage)

    def _audit(self, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Compare each agent's books with the server while nothing is in flight."""
        before = self._events.reconciled.copy()
        # All at once: each has to wait until the requests under way have ended.
        asked = {symbol: self._ask_auditor(member) for symbol, member in self._members.items()}
        told = {symbol: future.get(AUDIT_TIMEOUT) for symbol, future in asked.items()}
        agents = [
            {
                "agent": symbol,
                "credits": agent.credits,
                "difference": self._events.reconciled[member] - before[member],
            }
            for (symbol, agent), member in zip(told.items(), self._members.values(), strict=True)
        ]
        return {"agents": agents, "difference": sum(abs(row["difference"]) for row in agents)}

    def _ask_auditor(self, member: str) -> Future[Any]:
        future: Future[Any] = Future()
        envelope = Envelope(AuditNow(), self._system.next_id(), future=future)
        self._system.post(path_for(member, AUDITOR), envelope)
        return future

    def _letters(self, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        counts = self._system.dead_letters.counts
        return {"letters": letters.listed(self._system), "counts": dict(counts)}

    def _replay(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        force = arguments.get("force") is True
        return letters.replay(self._system, arguments.get("letter"), force=force)
