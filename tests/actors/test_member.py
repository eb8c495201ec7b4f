"""A ship whose tasks all end at once is found out, whatever it says in between."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.member import MOST_QUICK, Member
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import Park

TASK = Park(reason="a test")


@pytest.fixture
def ship(snapshot: Any) -> Any:
    return snapshot.ships[0]


def after(ship: Any, seconds: float, tasks: int) -> Member:
    """Give tasks one after the other; each is taken up, and ends after so many seconds."""
    member, now = Member(ship), 1_000.0
    for _ in range(tasks):
        member.given = now
        member = member.works(ship, TASK)
        now += seconds
        member = member.ended(ship, "done", GameTime(now))
    return member


def test_tasks_that_end_at_once_are_counted_though_each_was_taken_up(ship: Any) -> None:
    assert not after(ship, 0.0, MOST_QUICK - 1).stuck
    assert after(ship, 0.0, MOST_QUICK).stuck


def test_tasks_that_took_a_while_are_not_counted(ship: Any) -> None:
    assert not after(ship, 60.0, 2 * MOST_QUICK).stuck
