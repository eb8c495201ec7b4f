"""Which ships experiments have been lent; the conductor's incarnations share it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actors.experiment_messages import (
    Arrange,
    CrewQuery,
    GiveBack,
    Hand,
    Lend,
    Refused,
)
from fleet.actors.member import Member
from fleet.protocol.fleet import SHIPS, Assign, Working
from fleet.protocol.tasks import AnyTask, Lent, ReadBack
from fleet.runtime import Context

__all__ = ["Arrange", "CrewQuery", "GiveBack", "Lend", "Lending"]


@dataclass(frozen=True, slots=True)
class Loan:
    """What a ship does, and for whom."""

    experiment: str
    task: AnyTask


@dataclass(slots=True)
class Lending:
    """A small part of the conductor; used in its thread only."""

    loans: dict[str, Loan] = field(default_factory=dict)
    """By ship, what it is lent for."""

    def receive(
        self,
        ctx: Context[Any],
        message: Lend | GiveBack | Arrange | CrewQuery,
        members: MutableMapping[str, Member],
    ) -> None:
        """Lend ships, take an experiment's ships back, or tell of all."""
        match message:
            case Lend():
                ctx.reply(self._lend(ctx, message, members))
            case GiveBack(experiment=name):
                self._arrange(ctx, Arrange(name, ()), members)
            case Arrange():
                self._arrange(ctx, message, members)
            case CrewQuery():
                ctx.reply(tuple(self._hand(member) for member in members.values()))

    def task_for(self, member: Member) -> AnyTask | None:
        """Tell what a ship is lent for; None for one that is the conductor's own."""
        loan = self.loans.get(member.ship.symbol)
        if loan is None or (member.quick and not isinstance(loan.task, Lent)):
            # One of fleet's own that ended at once has nothing to do now: first something else.
            return None
        return loan.task

    def working(
        self, ctx: Context[Any], working: Working, members: MutableMapping[str, Member]
    ) -> None:
        """Take note that a ship goes on with a task.

        One whose experiment is not there any more, as after a restart, is read back instead.
        """
        ship, task = working.ship, working.task
        known = members.get(ship.symbol, Member(ship))
        members[ship.symbol] = known.works(ship, task)
        loan = self.loans.get(ship.symbol)
        if isinstance(task, Lent) and (loan is None or not isinstance(loan.task, Lent)):
            # It was told late, or its runtime is another one: that arm is over.
            self._assign(ctx, ship.symbol, loan.task if loan else ReadBack(), members)

    def _arrange(
        self, ctx: Context[Any], wanted: Arrange, members: MutableMapping[str, Member]
    ) -> None:
        name, tasks = wanted.experiment, dict(wanted.tasks)
        had = [ship for ship, loan in self.loans.items() if loan.experiment == name]
        for ship in had:
            if ship not in tasks:
                del self.loans[ship]
                self._assign(ctx, ship, ReadBack(), members)
        for ship, task in tasks.items():
            loan = self.loans.get(ship)
            # A replaced conductor may not have heard of the ship again yet.
            if loan is None or (loan.experiment == name and loan.task != task):
                self.loans[ship] = Loan(name, task)
                self._assign(ctx, ship, task, members)

    def _hand(self, member: Member) -> Hand:
        loan = self.loans.get(member.ship.symbol)
        return Hand(member.ship, member.behaviour, loan.experiment if loan else "")

    def _lend(self, ctx: Context[Any], wanted: Lend, members: MutableMapping[str, Member]) -> Any:
        task, ship = wanted.task, wanted.ship
        member = members.get(ship)
        if member is None:
            return Refused(f"there is no ship {ship}{_hint(members)}")
        before = self.loans.get(ship)
        if before is not None:
            return Refused(f"{ship} is lent to {before.experiment}")
        if not wanted.look:
            self.loans[ship] = Loan(task.experiment, task)
            self._assign(ctx, ship, task, members)
        return member.ship

    @staticmethod
    def _assign(
        ctx: Context[Any], ship: str, task: AnyTask, members: MutableMapping[str, Member]
    ) -> None:
        member = members.get(ship)
        if member is not None:
            # What ended quickly before says nothing about what it does from now on.
            members[ship] = Member(member.ship, task, given=ctx.now())
        ctx.tell(ctx.address(f"{SHIPS}/{ship}"), Assign(task))


def _hint(members: Mapping[str, Member]) -> str:
    names = sorted(members)
    return f"; there are {', '.join(names[:3])}{', …' if len(names) > 3 else ''}" if names else ""
