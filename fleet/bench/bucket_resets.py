"""Connections that are reset in the middle of ten thousand requests that change something."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fleet.bench.figure import Figure, at_least, at_most
from fleet.bench.plan import Plan
from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.transport import HttpRequest
from fleet.storage.location import FILE_NAME
from fleet.virtual_fleet import VirtualFleet

STEP = 1800.0
LONGEST = 60 * 3600.0
"""Game seconds after which it is given up."""

FAULTS = tuple(
    f"connection-reset:p=0.005,when={when},method={method}"
    for when in ("before", "after")
    for method in ("POST", "PATCH")
)
"""One in a hundred, half of them before the server acts and half after."""

READS_BACK = "get-my-ship"
LATENCY = 0.15
QUERY = """
select ship, operation, queued_at, outcome from requests
where namespace_id = ? order by sent_at, length(id), id
"""


@dataclass
class Findings:
    """What the rows of all requests tell."""

    mutating: int = 0
    unknown: int = 0
    duplicated: int = 0
    """Requests that were sent again although they may have been acted on."""

    unread: int = 0
    """Unknown outcomes after which the ship acted without having been read back."""

    _outcomes: dict[tuple[str | None, str, float], str] = field(default_factory=dict)
    _doubtful: set[str] = field(default_factory=set)
    """Ships with an unknown outcome that nobody has looked at yet."""

    def add(self, ship: str | None, operation: str, queued_at: float, outcome: str) -> None:
        """Take in one attempt; they come in the order of sending."""
        if not BY_OPERATION[operation].mutating:
            if operation == READS_BACK and outcome == "reply" and ship is not None:
                self._doubtful.discard(ship)
            return
        self.mutating += 1
        key = ship, operation, queued_at
        before = self._outcomes.get(key, "unsent")
        self.duplicated += before in ("reply", "refusal", "unknown")
        self._outcomes[key] = outcome
        if ship is not None:
            self.unread += ship in self._doubtful
            self._doubtful.discard(ship)
            if outcome == "unknown":
                self._doubtful.add(ship)
        self.unknown += outcome == "unknown"


def resets(plan: Plan) -> Iterator[Figure]:
    """A late fleet in virtual time plays on while one in a hundred connections breaks."""
    wanted = 1_000 if plan.quick else 10_000
    folder = plan.folder / "resets"
    folder.mkdir()
    fleet = VirtualFleet(1, folder, scenario="late", ships=100, latency=LATENCY)
    door = fleet.universe.transport()
    for fault in FAULTS:
        body = msgspec.json.encode({"fault": fault})
        answer = door.send(HttpRequest(method="POST", path="/sim/faults", body=body))
        assert answer.status < 300, answer.body
    found, passed = Findings(), 0.0
    while found.mutating < wanted and passed < LONGEST:
        fleet.run_for(STEP)
        passed += STEP
        found = look(fleet, folder)
        plan.say(f"{found.mutating} mutating requests, {found.unknown} without an answer")
    # Quiet, so that nothing is under way when the books are compared.
    door.send(HttpRequest(method="DELETE", path="/sim/faults"))
    fleet.run_for(300.0)
    difference = abs(fleet.credits - fleet.ledger_balance())
    found = look(fleet, folder)
    fleet.close()
    name = f"1 % connection resets, {wanted:,} mutating requests, late, virtual time"
    yield Figure(f"mutating requests, {name}", float(found.mutating), "", at_least(wanted))
    lost = found.unknown / max(1, found.mutating)
    yield Figure(f"without an answer, {name}", 100 * lost, "%", at_least(0.5))
    yield Figure(f"duplicated, {name}", float(found.duplicated), "", at_most(0))
    yield Figure(f"unknown outcomes left unread, {name}", float(found.unread), "", at_most(0))
    yield Figure(f"audit difference, {name}", float(difference), "credits", at_most(0))


def look(fleet: VirtualFleet, folder: Path) -> Findings:
    """Go through the rows of all requests so far."""
    fleet.ledger_balance()
    found = Findings()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        for row in connection.execute(QUERY, (fleet.namespace,)):
            found.add(*row)
    return found
