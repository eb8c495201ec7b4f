"""What a ship's actor says to itself, and what its incarnations share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fleet.actors.behaviour_run import Run
from fleet.actors.behaviours import Behaviours
from fleet.actors.patience import Patience
from fleet.protocol.api import ApiReply
from fleet.protocol.fleet import ShipView
from fleet.protocol.tasks import AnyTask, load, name_of
from fleet.protocol.wire.replies import ContractSigned, Refuelled, Traded
from fleet.protocol.wire.ship import Ship


@dataclass(frozen=True, slots=True)
class Wake:
    """The wait of a step is over."""

    step: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Another actor answered the ask of a step."""

    step: int
    value: Any


@dataclass(frozen=True, slots=True)
class Recalled:
    """The writer told the saved task, or None."""

    values: Any


@dataclass(slots=True)
class Shared:
    """What the incarnations of one ship hand on."""

    behaviours: Behaviours

    income: Counter[str] = field(default_factory=Counter)
    """Credits that it brought in since its actor runs, by behaviour."""

    requests: int = 0
    """Requests that it asked for since its actor runs."""

    deaths: int = 0
    """Incarnations that ended since a task ended well: a task that kills is given up."""

    patience: Patience = field(default_factory=Patience)

    stored: Ship | None = None
    """The ship as the writer was last told, so that what has left the hold is struck out."""

    def view(self, ship: Ship, run: Run | None) -> ShipView:
        """Show what the ship is and does."""
        return ShipView(
            ship=ship,
            behaviour=name_of(run.task) if run else "",
            doing=run.doing if run else "waits for a task",
            income=tuple(self.income.items()),
            requests=self.requests,
        )


def task_of(values: Any) -> AnyTask | None:
    """Read the task out of a stored assignment; None for none, or one of another version."""
    if not values:
        return None
    try:
        return load(values["task"])
    except msgspec.DecodeError:
        return None


def credits_moved(reply: ApiReply) -> int:
    """Tell what a reply brought in, or cost, in credits."""
    match reply.data:
        case ContractSigned(contract=contract):
            payment = contract.terms.payment
            return payment.on_fulfilled if contract.fulfilled else payment.on_accepted
        case Traded(transaction=done) | Refuelled(transaction=done):
            return done.total_price if reply.operation == "sell-cargo" else -done.total_price
        case _:
            return 0
