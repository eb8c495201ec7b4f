"""Keeps the books honest: after any doubt, asks the server for the credits while all is quiet."""

from __future__ import annotations

from typing import Any

from fleet.protocol.api import ApiReply, ApiRequest, Lane, Withdraw, Withdrawn
from fleet.protocol.fleet import BUCKET, AuditNow, Doubt, Tick
from fleet.runtime import Actor, Context, Envelope, Props

# Doubts come in swarms (a server that dies leaves several); one audit ends them all. Wall seconds.
SWARM = 1.0
# An audit that takes longer, in wall seconds, is worth a word.
SLOW = 30.0


class Auditor(Actor[Any]):
    """Sends one exclusive read; the worker that gets the answer has the writer compare."""

    def __init__(self) -> None:
        self._number = 0
        self._under_way = False
        self._again = False
        self._askers: list[Envelope] = []
        self._began = 0.0

    def on_restart(self, ctx: Context[Any], reason: str) -> None:
        """Audit anew: what the incarnation before doubted is not known any more."""
        ctx.tell(ctx.address(BUCKET), Withdraw())
        ctx.timer("audit", Tick(), after=SWARM)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Take doubts in, and end an audit."""
        match message:
            case Doubt() | AuditNow():
                if isinstance(message, AuditNow):
                    self._askers.append(ctx.envelope)
                if self._under_way:
                    self._again = True
                else:
                    ctx.timer("audit", Tick(), after=SWARM if isinstance(message, Doubt) else 0.0)
            case Tick():
                self._begin(ctx)
            case Withdrawn():
                pass
            case _:
                self._ended(ctx, message)

    def _begin(self, ctx: Context[Any]) -> None:
        if self._under_way:
            return
        self._under_way, self._again, self._began = True, False, ctx.monotonic()
        self._number = max(self._number, ctx.incarnation * 1_000_000) + 1
        request = ApiRequest(
            number=self._number,
            operation="get-my-agent",
            lane=Lane.MARKET,
            exclusive=True,
            behaviour="auditor",
        )
        ctx.tell(ctx.address(BUCKET), request)

    def _ended(self, ctx: Context[Any], outcome: Any) -> None:
        if getattr(outcome, "number", None) != self._number:
            return
        self._under_way = False
        if self._again or not isinstance(outcome, ApiReply):
            ctx.timer("audit", Tick(), after=SWARM)
            return
        took = ctx.monotonic() - self._began
        if took > SLOW:
            ctx.log("audit.delayed", level="warning", text=f"Slow metagraph sync: {took:.2f}s")
        askers, self._askers = self._askers, []
        for envelope in askers:
            ctx.reply(outcome.data, to=envelope)


def auditor_props() -> Props:
    """Say how to run the auditor."""
    return Props(factory=Auditor)
