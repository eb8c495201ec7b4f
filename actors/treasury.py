"""Holds the purse: who may spend how much, so that two ships never count on the same credits."""

from __future__ import annotations

from typing import Any

from fleet.actors.experiment_budget import Budgets
from fleet.actors.experiment_messages import BudgetQuery, EndBudget, SetBudget
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    WRITER,
    CreditsSeen,
    Denied,
    Funds,
    Granted,
    Release,
    Reserve,
    TreasuryQuery,
)
from fleet.protocol.rows import Upsert
from fleet.protocol.wire.market import Agent
from fleet.runtime import Actor, Context, Envelope, Held, LaneMailbox, Props

# Questions that are answered in one turn.
AT_ONCE = 100


class Treasury(Actor[Any]):
    """Grants are leased Reserve messages, noted with what is left of them: they outlive it.

    The credits are those of the newest reply; a replaced treasury starts from the last ones
    it knew, which its props keep.
    """

    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._granted: dict[str, set[int]] = {}
        """By owner, the envelope ids of its grants."""

    def on_start(self, ctx: Context[Any]) -> None:
        """See which grants there are."""
        for number, lease in ctx.lanes.leases.items():
            if lease.note is not None:
                self._granted.setdefault(lease.envelope.message.owner, set()).add(number)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Grant, release, and follow the credits."""
        match message:
            case Held():
                for envelope in ctx.lanes.lease(0, AT_ONCE):
                    self._reserve(ctx, envelope)
                # Whoever was left is told of by nobody else.
                if ctx.lanes.held:
                    ctx.tell(ctx.self, Held())
            case CreditsSeen(credits=credits_now, owner=owner, spent=spent):
                self._seen(ctx, credits_now, owner, spent)
            case Release(owner=owner):
                self._release(ctx, owner)
            case TreasuryQuery():
                ctx.reply(Funds(self._purse.credits, self._reserved(ctx)))
            case SetBudget() | EndBudget() | BudgetQuery():
                self._budget(ctx, message)
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _reserved(self, ctx: Context[Any]) -> int:
        return sum(lease.note or 0 for lease in ctx.lanes.leases.values())

    def _budget(self, ctx: Context[Any], message: SetBudget | EndBudget | BudgetQuery) -> None:
        """Bound what an experiment may spend, or tell what it has spent."""
        budgets = self._purse.budgets
        match message:
            case SetBudget():
                budgets.set(message)
                ctx.reply(True)
            case EndBudget():
                for owner in sorted(budgets.end(message)):
                    self._release(ctx, owner)
            case BudgetQuery():
                ctx.reply(budgets.uses(self._grants(ctx)))

    def _grants(self, ctx: Context[Any]) -> dict[str, int]:
        """Tell what is left of each owner's grant."""
        leases = ctx.lanes.leases.values()
        return {lease.envelope.message.owner: lease.note or 0 for lease in leases}

    def _reserve(self, ctx: Context[Any], envelope: Envelope) -> None:
        request: Reserve = envelope.message
        self._release(ctx, request.owner)
        free = self._purse.credits - self._reserved(ctx)
        if self._purse.budgets:
            free = self._purse.budgets.room(request.owner, free, self._grants(ctx))
        if free - request.amount < request.floor:
            ctx.lanes.settle(envelope.id)
            ctx.reply(Denied(free), to=envelope)
            return
        ctx.lanes.note(envelope.id, request.amount)
        self._granted.setdefault(request.owner, set()).add(envelope.id)
        self._row(ctx, request.owner, request.amount)
        ctx.reply(Granted(request.amount), to=envelope)

    def _seen(self, ctx: Context[Any], credits_now: int, owner: str, spent: int) -> None:
        self._purse.credits = credits_now
        agent = self._purse.agent
        values = {
            "headquarters": agent.headquarters,
            "faction": agent.starting_faction,
            "credits": credits_now,
            "ship_count": agent.ship_count,
            "seen_at": ctx.now(),
        }
        ctx.tell(ctx.address(WRITER), Upsert("agents", (agent.symbol,), values))
        if not spent:
            return
        self._purse.budgets.spend(owner, spent)
        granted = self._granted.get(owner)
        if granted:
            leases = ctx.lanes.leases
            for envelope_id in granted:
                ctx.lanes.note(envelope_id, max(0, leases[envelope_id].note - spent))

    def _release(self, ctx: Context[Any], owner: str) -> None:
        # A question of the same batch that has no answer yet is not a grant.
        for envelope_id in self._granted.pop(owner, ()):
            lease = ctx.lanes.settle(envelope_id)
            if lease is not None:
                self._row(ctx, owner, lease.note, released=ctx.now())

    def _row(
        self, ctx: Context[Any], owner: str, amount: int, released: GameTime | None = None
    ) -> None:
        values = {
            "kind": "credits",
            "owner": owner,
            "subject": "credits",
            "amount": amount,
            "detail": None,
            "created_at": ctx.now(),
            "expires_at": None,
            "released_at": released,
        }
        ctx.tell(ctx.address(WRITER), Upsert("reservations", (f"credits {owner}",), values))


class Purse:
    """The credits as last told by the server; shared by the treasury's incarnations only."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.credits = agent.credits
        self.budgets = Budgets()


def treasury_props(agent: Agent) -> Props:
    """Say how to run the treasury."""
    purse = Purse(agent)

    def lane_of(message: Any) -> int | None:
        return 0 if isinstance(message, Reserve) else None

    return Props(factory=lambda: Treasury(purse), mailbox=lambda: LaneMailbox(lane_of))
