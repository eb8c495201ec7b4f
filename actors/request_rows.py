"""The rows that one answered request leaves in the database; made before anybody hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet.actors.answers import Answer
from fleet.actors.hold_rows import hold_rows
from fleet.actors.known_rows import known_rows
from fleet.protocol.api import Send
from fleet.protocol.clock import GameTime
from fleet.protocol.rows import Append, Row
from fleet.storage.ledger import CreditEffect, effects, ledger_rows

TOLD: Mapping[str, str] = {"reply": "", "refusal": " refused"}
"""Ends of a request that are events of its ship, and how they are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sending of a request; game times."""

    id: str
    """`EPOCH-NUMBER`, unique among all attempts of all processes."""

    send: Send
    sent_at: GameTime
    answered_at: GameTime


def request_rows(attempt: Attempt, answer: Answer) -> tuple[Row, ...]:
    """Make the rows of an attempt: the request, and ledger and transaction of each effect."""
    request = attempt.send.request
    done: tuple[CreditEffect, ...] = ()
    if answer.disposition == "reply" and isinstance(answer.data, dict):
        done = effects(request.operation, request.ship, answer.data)
    delta = sum(effect.delta for effect in done) if done else None
    rows: list[Row] = [Append("requests", attempt.id, _request(attempt, answer, delta))]
    for part, effect in enumerate(done):
        rows += ledger_rows(
            effect,
            row_id=f"{attempt.id}-{part}" if part else attempt.id,
            request_id=attempt.id,
            behaviour=request.behaviour or None,
            at=attempt.answered_at,
        )
    rows += hold_rows(request, answer.outcome, attempt.id, attempt.answered_at)
    rows += known_rows(answer.outcome, attempt.answered_at)
    if request.ship is not None and answer.disposition in TOLD:
        rows.append(_event(attempt, answer, delta))
    return tuple(rows)


def credits_of(rows: tuple[Row, ...]) -> int:
    """Tell what an attempt brought in, less what it cost, by its rows."""
    first = rows[0]
    delta = first.values["delta"] if isinstance(first, Append) else None
    return int(delta or 0)


def _event(attempt: Attempt, answer: Answer, delta: int | None) -> Row:
    """Make the event of a ship's history: what it did, or was refused."""
    request = attempt.send.request
    kind = f"{request.operation}{TOLD[answer.disposition]}"
    values = {"ship": request.ship, "kind": kind, "credits": delta, "at": attempt.answered_at}
    return Append("events", attempt.id, values)


def attempt_id(epoch: int, order: int) -> str:
    """Name an attempt by the process and the envelope of the worker's order."""
    return f"{epoch}-{order}"


def lost_row(attempt: Attempt) -> Row:
    """Make the row of an attempt whose worker died; one that the worker made itself stays."""
    answer = Answer(disposition="unknown")
    return Append("requests", attempt.id, _request(attempt, answer, None))


def _request(attempt: Attempt, answer: Answer, delta: int | None) -> Mapping[str, Any]:
    request, queued = attempt.send.request, attempt.send.queued_at
    return {
        "ship": request.ship,
        "operation": request.operation,
        "lane": int(request.lane),
        "queued_at": queued,
        "sent_at": attempt.sent_at,
        "answered_at": attempt.answered_at,
        "wait": attempt.sent_at - queued,
        "duration": attempt.answered_at - attempt.sent_at,
        "status": answer.status or None,
        "error_code": answer.code or None,
        "outcome": answer.disposition,
        "delta": delta,
        "behaviour": request.behaviour or None,
    }
