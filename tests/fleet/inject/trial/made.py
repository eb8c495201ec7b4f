"""Ships, plans and turns to compare."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.inject.trial.candidate import Candidate
from fleet.inject.trial.plan import Plan, drawn_up
from fleet.inject.trial.takings import Taking
from fleet.inject.trial.terms import Terms
from fleet.inject.trial.trial import Turn

HAULER = "hauler, light_freighter frame, hold of 80"
HOUR = 3600.0


def ships(count: int, system: str = "X1-A", craft: str = HAULER) -> list[Candidate]:
    return [
        Candidate(ship=f"{system}-{number}", craft=craft, system=system) for number in range(count)
    ]


def plan(count: int = 4, **terms: object) -> Plan:
    return drawn_up(ships(count), Terms(**terms))  # type: ignore[arg-type]


def turns(count: int, block: float = HOUR, wash_out: float = 900.0) -> Iterator[Turn]:
    for number in range(count):
        since = number * block
        yield Turn(number=number, since=since, counted=since + wash_out, until=since + block)


def taking(made: Plan, ship: int, turn: Turn, money: float, requests: int = 100) -> Taking:
    one = made.members[ship]
    arm = made.arm(one, turn.number)
    return Taking(one.ship, one.unit, one.stratum, arm, turn, money, requests)
