"""Runs a script's behaviour for the ships that were lent to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.actors.experiment_messages import Finished, NextStep, Stepped
from fleet.actors.moves import Stuck
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps
from fleet.runtime import Actor, Context


@dataclass(slots=True)
class Play:
    """One ship's run of the behaviour."""

    ship: ShipState
    steps: Steps


class Performer(Actor[Any]):
    """Resumes a generator per ship; what one raises ends them all, as a script's failure does."""

    def __init__(self, start: Callable[[Any, Any], Steps]) -> None:
        self._start = start
        self._plays: dict[str, Play] = {}

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Tell a ship what to do next."""
        match message:
            case NextStep():
                ctx.reply(self._next(ctx, message))
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _next(self, ctx: Context[Any], asked: NextStep) -> Stepped | Finished:
        symbol = asked.ship.symbol
        if asked.step == 0 or symbol not in self._plays:
            ship = ShipState(asked.ship, ctx.now)
            self._plays[symbol] = Play(ship, self._start(ship, asked.task))
            answer = None
        else:
            self._plays[symbol].ship.wire = asked.ship
            answer = asked.answer
        try:
            return Stepped(self._plays[symbol].steps.send(answer))
        except StopIteration as end:
            return self._over(symbol, "done" if end.value is None else str(end.value))
        except Stuck as stuck:
            return self._over(symbol, str(stuck))

    def _over(self, symbol: str, outcome: str) -> Finished:
        del self._plays[symbol]
        return Finished(outcome)
