"""Has an actor of a further agent speak to that agent's own actors, and send in its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from fleet.protocol.api import ApiRequest
from fleet.protocol.clock import GameTime
from fleet.protocol.members import agent_of, path_for
from fleet.runtime import Actor, Address, Context, Hang, Props


def as_member(path: str, props: Props) -> Props:
    """Wrap an actor that is about to be spawned, if it belongs to a further agent.

    So no actor has to know that there may be several agents.
    """
    agent = agent_of(path)
    if not agent:
        return props
    make: Callable[[], Actor[Any]] = props.factory
    return replace(props, factory=lambda: Member(make(), agent))


class Member(Actor[Any]):
    """Hands everything on, with a context that knows whose actor this is."""

    def __init__(self, inner: Actor[Any], agent: str) -> None:
        self._inner = inner
        self._agent = agent

    def on_start(self, ctx: Context[Any]) -> Hang | None:
        """Start the actor."""
        return self._inner.on_start(self._scoped(ctx))

    def on_restart(self, ctx: Context[Any], reason: str) -> Hang | None:
        """Start it again."""
        return self._inner.on_restart(self._scoped(ctx), reason)

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        """Have it handle a message."""
        return self._inner.receive(self._scoped(ctx), message)

    def on_stop(self, ctx: Context[Any], reason: str) -> None:
        """Let it end."""
        self._inner.on_stop(self._scoped(ctx), reason)

    def _scoped(self, ctx: Context[Any]) -> Context[Any]:
        return cast("Context[Any]", ScopedContext(ctx, self._agent))


class ScopedContext:
    """A context whose plain paths lead to the agent's own actors; the rest is the context's."""

    __slots__ = ("_agent", "_ctx")

    def __init__(self, ctx: Context[Any], agent: str) -> None:
        self._ctx = ctx
        self._agent = agent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    def address(self, path: str) -> Address[Any]:
        """Name the actor that serves this agent."""
        return self._ctx.address(path_for(self._agent, path))

    def tell(self, to: Address[Any], message: Any, *, expires: GameTime | None = None) -> int:
        """Send; a request goes out in the agent's name."""
        if isinstance(message, ApiRequest):
            message = replace(message, agent=self._agent)
        return self._ctx.tell(to, message, expires=expires)
