"""Runs a script's actor inside the runtime, with its requests in the experiment's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from fleet.actors.experiment_messages import EXPERIMENTS, Stepped
from fleet.inject.child import props_of
from fleet.inject.gate import Gate
from fleet.inject.laboratory import Running
from fleet.inject.register import Entry
from fleet.inject.script import Script
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, UnknownOutcome
from fleet.runtime import Actor, Address, Context, Envelope, Hang, Props


class Trusted(Actor[Any]):
    """Hands everything on, with a context that books requests under the experiment's name."""

    def __init__(self, inner: Actor[Any], entry: Entry) -> None:
        self._inner = inner
        self._entry = entry

    def on_start(self, ctx: Context[Any]) -> Hang | None:
        """Start the actor, and say so."""
        hang = self._inner.on_start(self._scoped(ctx))
        ctx.tell(ctx.address(EXPERIMENTS), Running(self._entry.name))
        return hang

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        """Have it handle a message."""
        if isinstance(message, ApiReply | ApiRefusal | UnknownOutcome):
            self._entry.wallet.ended(message, self._entry.name)
        return self._inner.receive(self._scoped(ctx), message)

    def on_stop(self, ctx: Context[Any], reason: str) -> None:
        """Let it end."""
        self._inner.on_stop(self._scoped(ctx), reason)

    def _scoped(self, ctx: Context[Any]) -> Context[Any]:
        return cast("Context[Any]", BookedContext(ctx, self._entry))


class BookedContext:
    """A context whose requests are the experiment's; the rest is the context's own."""

    __slots__ = ("_ctx", "_entry")

    def __init__(self, ctx: Context[Any], entry: Entry) -> None:
        self._ctx = ctx
        self._entry = entry

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    def tell(self, to: Address[Any], message: Any, **options: Any) -> int:
        """Send; a request is booked under the experiment's name, which its quota goes by."""
        if isinstance(message, ApiRequest):
            message = replace(message, behaviour=self._entry.name)
        return self._ctx.tell(to, message, **options)

    def reply(self, value: Any, to: Envelope | None = None) -> None:
        """Answer; a step for a ship is looked at first. Raises Forbidden."""
        if isinstance(value, Stepped):
            order = self._entry.order
            value = Gate(order.name, frozenset(order.ships)).check(value.step)
        self._ctx.reply(value, to)


def trusted_props(script: Script, entry: Entry, budget: float) -> Props:
    """Say how to run a trusted script's actor."""
    inner = props_of(script, budget)
    make = inner.factory
    return replace(inner, factory=lambda: Trusted(make(), entry))
