"""All there is to tell of a trial, made anew from the books at each look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from fleet.inject.order import Order
from fleet.inject.trial.books import deeds, sent
from fleet.inject.trial.doubts import doubts
from fleet.inject.trial.estimate import Estimate
from fleet.inject.trial.outcome import ArmSum, arm_sum, finding, per_hour, per_request
from fleet.inject.trial.sentence import sentence
from fleet.inject.trial.takings import Taking, takings
from fleet.inject.trial.trial import Record
from fleet.storage.queries import Span
from fleet.storage.reader import Source

LOOK_BACK: Final = 6 * 3600.0
"""Game seconds before the first turn in which goods were bought that it begins with; what was
bought earlier counts as a gift."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the table of experiments holds of an A/B."""

    name: str
    status: str
    plan: Order
    """What was asked for."""

    trial: Record
    started_at: float
    ended_at: float | None = None
    outcome: str = ""
    spent: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a trial; credits, game seconds and game hours."""

    name: str
    status: str
    outcome: str
    """Why it ended; empty while it runs."""

    design: str
    why: str
    script: str
    against: str
    """What arm A does; empty for what the ships did anyway."""

    ships: tuple[str, ...]
    seed: int
    block: float
    wash_out: float
    started_at: float
    until: float
    """Game time at which the last turn ended that counts."""

    turns: int
    """Turns played to their end."""

    arms: tuple[ArmSum, ArmSum]
    per_hour: Estimate | None
    """Credits per ship and game hour."""

    per_request: Estimate | None
    """Credits per request."""

    decided: bool
    decided_at: float | None
    """Game time at which it will be decided if all goes on like this; None if it is, or never."""

    sentence: str
    doubts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def stored(name: str, row: Mapping[str, Any]) -> Stored | None:
    """Read a row of the table of experiments; None where it is no A/B.

    Raises msgspec.ValidationError for one of a version that told it differently.
    """
    result = row["result"] or {}
    if "trial" not in result:
        return None
    return Stored(
        name=name,
        status=row["status"],
        plan=msgspec.convert({"source": "", **row["plan"]}, Order),
        trial=msgspec.convert(result["trial"], Record),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        outcome=result.get("outcome", ""),
        spent=result.get("spent", 0),
    )


def report(source: Source, namespace: int, kept: Stored) -> Report:
    """Compare the arms by the books. Raises StoreUnavailable."""
    plan, terms = kept.trial.plan, kept.trial.plan.terms
    rows = _takings(source, namespace, kept)
    credits_, requests = finding(plan, rows, per_hour), finding(plan, rows, per_request)
    turns = kept.trial.turns
    estimate = credits_.estimate
    decided = estimate is not None and estimate.decided
    decided_at = None
    if not decided and credits_.needed is not None:
        decided_at = kept.started_at + credits_.needed * terms.block
    budget, quota = kept.plan.budget, kept.plan.quota
    told = Report(
        name=kept.name,
        status=kept.status,
        outcome=kept.outcome,
        design=plan.design,
        why=plan.why,
        script=kept.plan.file,
        against=terms.against,
        ships=plan.ships,
        seed=terms.seed,
        block=terms.block,
        wash_out=terms.washed,
        started_at=kept.started_at,
        until=turns[-1].until if turns else kept.started_at,
        turns=len(turns),
        arms=(arm_sum("A", rows), arm_sum("B", rows)),
        per_hour=estimate,
        per_request=requests.estimate,
        decided=decided,
        decided_at=decided_at,
        sentence="",
        doubts=doubts(plan, rows, quota=quota, budget=budget, spent=kept.spent) if rows else (),
    )
    return worded(told)


def worded(told: Report) -> Report:
    """Put a report into words."""
    left = None
    if told.decided_at is not None:
        left = told.decided_at - told.until
    text = sentence(told.name, told.design, told.per_hour, left=left, over=told.status == "ended")
    return msgspec.structs.replace(told, sentence=text)


def _takings(source: Source, namespace: int, kept: Stored) -> list[Taking]:
    turns, plan = kept.trial.turns, kept.trial.plan
    if not turns:
        return []
    ships = plan.ships
    span = Span(since=turns[0].since - LOOK_BACK, until=turns[-1].until)
    done = deeds(source, namespace, ships, span)
    spans = [Span(since=turn.counted, until=turn.until) for turn in turns]
    return takings(plan, turns, done, sent(source, namespace, ships, spans), kept.name)
