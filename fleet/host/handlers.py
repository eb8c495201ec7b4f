"""What the control socket can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from fleet.host.boot import Booted
from fleet.host.status_page import StatusPage
from fleet.host.tally import Tally
from fleet.protocol.errors import UsageError
from fleet.protocol.fleet import AUDITOR, AuditNow
from fleet.runtime import ActorSystem
from fleet.runtime.chaos import Misbehave

Handler = Callable[[Mapping[str, Any]], Any]
CHAOS_KINDS = ("hang", "crash")
# A hang longer than this is asked for by mistake; wall seconds.
LONGEST_HANG = 3600.0
AUDIT_TIMEOUT = 20.0


class Handlers:
    """Called from the control socket's threads."""

    def __init__(self, booted: Booted, system: ActorSystem, events: Tally) -> None:
        self._system = system
        self._events = events
        self._page = StatusPage(booted, system, events)

    def table(self) -> Mapping[str, Handler]:
        """List the commands by name."""
        return {
            "status": self._status,
            "chaos": self._chaos,
            "actors": self._actors,
            "audit": self._audit,
        }

    def _status(self, _arguments: Mapping[str, Any]) -> Any:
        return msgspec.to_builtins(self._page.status())

    def _actors(self, _arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "path": cell.address.path,
                "state": cell.state.value,
                "incarnation": cell.number,
                "restarts": cell.restarts,
                "mailbox": len(cell.mailbox),
            }
            for cell in self._system.cells()
        ]

    def _audit(self, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Compare the books with the server while nothing is in flight."""
        before = self._events.reconciled
        agent = self._system.address(AUDITOR).ask(AuditNow(), timeout=AUDIT_TIMEOUT)
        return {"credits": agent.credits, "difference": self._events.reconciled - before}

    def _chaos(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make the actors that an address or pattern names hang or crash."""
        kind, pattern = arguments.get("kind"), str(arguments.get("address", ""))
        seconds = float(arguments.get("seconds", 60.0))
        if kind not in CHAOS_KINDS:
            raise UsageError(f"Chaos can {' or '.join(CHAOS_KINDS)}, not {kind}.")
        if not 0 < seconds <= LONGEST_HANG:
            raise UsageError(f"A hang lasts up to {LONGEST_HANG:g} seconds, not {seconds:g}.")
        paths = [cell.address.path for cell in self._system.cells()]
        hit = [path for path in paths if path == pattern or fnmatchcase(path, pattern)]
        if not hit:
            near = ", ".join(get_close_matches(pattern, paths, 3, 0.3)) or ", ".join(paths[:3])
            raise UsageError(f"There is no actor {pattern}; there is {near}.")
        for path in hit:
            self._system.address(path).tell(Misbehave(kind, seconds))
        return {"actors": hit}
