"""One experiment as `fleet experiments` shows it."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.actors.experiment_messages import BudgetUse, QuotaUse
from fleet.inject.register import Entry


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What it is, what it was granted, and what it has used; credits and requests."""

    name: str
    state: str
    """starting, running or ended."""

    what: str
    """actor or behaviour, and its name in the script."""

    file: str
    ships: tuple[str, ...]
    quota: float
    """Requests per game minute."""

    requests: int
    """Sent, as the bucket counts them; asked for, once it has ended."""

    waiting: int
    """Requests that wait for the quota."""

    budget: int
    spent: int
    earned: int
    reserved: int
    seconds: float
    """Game seconds since it started, or for which it ran."""

    outcome: str
    """Why it ended; while it runs, what it was refused last."""

    design: str = ""
    """Of an A/B: switchback or parallel; empty for an experiment that compares nothing."""

    why: str = ""
    """Why that design."""

    turns: int = 0
    """Of an A/B: turns played to their end."""

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def row_of(entry: Entry, quota: QuotaUse | None, budget: BudgetUse | None, now: float) -> Row:
    """Make the row of an experiment."""
    order, wallet, trial = entry.order, entry.wallet, entry.trial
    state = "ended" if entry.ended else "running" if entry.started else "starting"
    since = entry.started or entry.asked
    return Row(
        name=entry.name,
        state=state,
        what=entry.kind,
        file=order.file,
        ships=trial.plan.ships if trial else order.ships,
        quota=order.quota,
        requests=quota.sent if quota else wallet.requests,
        waiting=quota.waiting if quota else 0,
        budget=order.budget,
        spent=max(wallet.spent, budget.spent if budget else 0),
        earned=wallet.earned,
        reserved=budget.reserved if budget else 0,
        seconds=round((entry.ended or now) - since, 1),
        outcome=entry.outcome or (f"refused: {entry.refused}" if entry.refused else ""),
        design=trial.plan.design if trial else "",
        why=trial.plan.why if trial else "",
        turns=len(trial.turns) if trial else 0,
    )
