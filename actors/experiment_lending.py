"""Which ships experiments have been lent; the conductor's incarnations share it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actors.experiment_messages import GiveBack, Lend, Refused
from fleet.actors.member import Member
from fleet.protocol.fleet import SHIPS, Assign, Working
from fleet.protocol.tasks import AnyTask, Lent, ReadBack
from fleet.runtime import Context

__all__ = ["GiveBack", "Lend", "Lending"]


@dataclass(slots=True)
class Lending:
    """A small part of the conductor; used in its thread only."""

    tasks: dict[str, Lent] = field(default_factory=dict)
    """By ship, what it is lent for."""

    def receive(
        self, ctx: Context[Any], message: Lend | GiveBack, members: MutableMapping[str, Member]
    ) -> None:
        """Lend a ship, or take an experiment's ships back."""
        match message:
            case Lend(task=task, ship=ship):
                ctx.reply(self._lend(ctx, task, ship, members))
            case GiveBack(experiment=name):
                lent = [ship for ship, task in self.tasks.items() if task.experiment == name]
                for ship in lent:
                    del self.tasks[ship]
                    self._assign(ctx, ship, ReadBack(), members)

    def task_for(self, member: Member) -> Lent | None:
        """Tell what a ship is lent for; None for one that is the conductor's own."""
        return self.tasks.get(member.ship.symbol)

    def working(
        self, ctx: Context[Any], working: Working, members: MutableMapping[str, Member]
    ) -> None:
        """Take note that a ship goes on with a task.

        One whose experiment is not there any more, as after a restart, is read back instead.
        """
        ship, task = working.ship, working.task
        known = members.get(ship.symbol, Member(ship))
        members[ship.symbol] = known.works(ship, task)
        if isinstance(task, Lent) and ship.symbol not in self.tasks:
            self._assign(ctx, ship.symbol, ReadBack(), members)

    def _lend(
        self, ctx: Context[Any], task: Lent, ship: str, members: MutableMapping[str, Member]
    ) -> Any:
        member = members.get(ship)
        if member is None:
            return Refused(f"there is no ship {ship}{_hint(members)}")
        before = self.tasks.get(ship)
        if before is not None:
            return Refused(f"{ship} is lent to {before.experiment}")
        self.tasks[ship] = task
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
