"""Ships are lent, arranged anew and given back; nobody's ship is taken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from fleet.actors.experiment_lending import Arrange, CrewQuery, GiveBack, Lend, Lending
from fleet.actors.experiment_messages import Hand, Refused
from fleet.actors.member import Member
from fleet.protocol.fleet import SHIPS, Working
from fleet.protocol.tasks import Lent, Park, ReadBack, TradeBestRoute


class Desk:
    """A conductor's lending, with what it tells the ships."""

    def __init__(self, snapshot: Any) -> None:
        first = snapshot.ships[0]
        ships = [msgspec.structs.replace(first, symbol=f"S-{number}") for number in range(3)]
        self.members = {ship.symbol: Member(ship, Park()) for ship in ships}
        self.lending = Lending()
        self.told: list[tuple[str, Any]] = []
        self.answers: list[Any] = []

    def hear(self, message: Any) -> list[tuple[str, Any]]:
        """Handle a message; gives who was told to do what."""
        self.told = []
        ctx: Any = SimpleNamespace(
            now=lambda: 10.0,
            reply=self.answers.append,
            address=lambda path: path.removeprefix(f"{SHIPS}/"),
            tell=lambda ship, said: self.told.append((ship, said.task)),
        )
        if isinstance(message, Working):
            self.lending.working(ctx, message, self.members)
        else:
            self.lending.receive(ctx, message, self.members)
        return self.told


@pytest.fixture
def desk(snapshot: Any) -> Desk:
    return Desk(snapshot)


LENT = Lent(experiment="idea")


def test_only_what_changes_is_told(desk: Desk) -> None:
    both = Arrange("idea", (("S-0", LENT), ("S-1", LENT)))
    assert desk.hear(both) == [("S-0", LENT), ("S-1", LENT)]
    assert desk.hear(both) == []
    other = Arrange("idea", (("S-1", TradeBestRoute()), ("S-2", LENT)))
    expected = [("S-0", ReadBack()), ("S-1", TradeBestRoute()), ("S-2", LENT)]
    assert desk.hear(other) == expected
    assert desk.hear(GiveBack("idea")) == [("S-1", ReadBack()), ("S-2", ReadBack())]
    assert desk.hear(GiveBack("idea")) == []


def test_a_ship_of_another_experiment_stays_there(desk: Desk) -> None:
    desk.hear(Lend(Lent(experiment="other"), "S-0"))
    assert desk.hear(Arrange("idea", (("S-0", LENT),))) == []
    assert desk.hear(GiveBack("idea")) == []
    desk.hear(Lend(LENT, "S-0"))
    assert desk.answers[-1] == Refused("S-0 is lent to other")
    desk.hear(CrewQuery())
    hands: tuple[Hand, ...] = desk.answers[-1]
    assert [hand.experiment for hand in hands] == ["other", "", ""]
    assert [hand.behaviour for hand in hands] == ["other", "park", "park"]


def test_who_still_flies_for_an_arm_that_is_over_is_told_what_it_does_now(desk: Desk) -> None:
    late = desk.members["S-0"].ship
    assert desk.hear(Working(late, LENT)) == [("S-0", ReadBack())]
    desk.hear(Arrange("idea", (("S-0", TradeBestRoute()),)))
    assert desk.hear(Working(late, LENT)) == [("S-0", TradeBestRoute())]
    desk.hear(Arrange("idea", (("S-0", LENT),)))
    assert desk.hear(Working(late, LENT)) == []


def test_a_task_of_the_fleets_own_that_ends_at_once_is_not_given_again_at_once(desk: Desk) -> None:
    desk.hear(Arrange("idea", (("S-0", TradeBestRoute()), ("S-1", LENT))))
    for name in ("S-0", "S-1"):
        desk.members[name] = desk.members[name].ended(desk.members[name].ship, "no trade", 10.5)
    tasks = [desk.lending.task_for(member) for member in desk.members.values()]
    assert tasks == [None, LENT, None]
    desk.members["S-0"] = desk.members["S-0"].ended(desk.members["S-0"].ship, "done", 99.0)
    assert desk.lending.task_for(desk.members["S-0"]) == TradeBestRoute()
