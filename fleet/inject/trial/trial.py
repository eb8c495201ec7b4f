"""A comparison that runs: which turn it is, and what each ship does in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from fleet.inject.trial.plan import Plan
from fleet.protocol.tasks import AnyTask, Lent


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of game time in which every ship stays in its arm."""

    number: int
    since: float
    counted: float
    """From here on it counts: before, ships still end what they did for another arm."""

    until: float


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What the database keeps of a trial: all that its figures are read from the books by."""

    plan: Plan
    turns: tuple[Turn, ...]
    """Turns that were played to their end, in order."""


@dataclass(slots=True)
class Trial:
    """Written by the laboratory alone, in its thread; outlives its incarnations."""

    name: str
    plan: Plan
    turn: Turn | None = None
    """The one that is being played."""

    turns: list[Turn] = field(default_factory=list)

    def next(self, now: float) -> Turn:
        """End the turn in hand, if it was played to its end, and begin the next."""
        number = 0
        if self.turn is not None:
            self.end(now)
            number = self.turn.number + 1
        terms = self.plan.terms
        changes = number == 0 or self.plan.design == "switchback"
        counted = now + (terms.washed if changes else 0.0)
        self.turn = Turn(number=number, since=now, counted=counted, until=now + terms.block)
        return self.turn

    def end(self, now: float) -> None:
        """Keep the turn in hand if its time is over; one that was cut short tells nothing."""
        if self.turn is not None and self.turn.until <= now and self.turn not in self.turns:
            self.turns.append(self.turn)

    def tasks(self) -> tuple[tuple[str, AnyTask], ...]:
        """Say what ships do in this turn for the experiment; the others do as they would."""
        if self.turn is None:
            return ()
        arms = {one.ship: self.plan.arm(one, self.turn.number) for one in self.plan.members}
        before = self.plan.terms.task()
        does = {"A": before, "B": Lent(experiment=self.name)}
        return tuple((ship, task) for ship, arm in arms.items() if (task := does[arm]) is not None)

    def as_json(self) -> dict[str, Any]:
        """Give what is kept, as plain JSON."""
        record = Record(plan=self.plan, turns=tuple(self.turns))
        plain: dict[str, Any] = msgspec.to_builtins(record)
        return plain
