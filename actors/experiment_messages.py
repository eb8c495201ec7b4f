"""What experiments, ships, conductor, bucket and treasury say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from fleet.actors.steps import Step
from fleet.protocol.tasks import AnyTask, Lent
from fleet.protocol.wire.ship import Ship

EXPERIMENTS = "/fleet/experiments"
"""Below it each experiment stands under its name."""


# -- ships


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """From a lent ship: what is it to do next? Answered with Stepped or Finished."""

    ship: Ship
    task: Lent
    step: int
    """0 begins the behaviour anew; otherwise `answer` is what the last step brought."""

    answer: Any = None


@dataclass(frozen=True, slots=True)
class Stepped:
    """Do this, and ask again with the answer."""

    step: Step


@dataclass(frozen=True, slots=True)
class Finished:
    """The behaviour has ended, in a word or two."""

    outcome: str


# -- conductor


@dataclass(frozen=True, slots=True)
class Lend:
    """Lend a ship to an experiment; answered with the Ship, or Refused."""

    task: Lent
    ship: str
    look: bool = False
    """Only tell whether it can be had."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It can't be had, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The experiment's ships are the conductor's again; each is read back first."""

    redeliver: ClassVar[str] = "once"

    experiment: str


@dataclass(frozen=True, slots=True)
class Arrange:
    """From now on these ships, and no others, do something for an experiment.

    A ship that it had and that is not named any more is given back; one that is lent to another
    experiment is left alone.
    """

    redeliver: ClassVar[str] = "once"

    experiment: str
    tasks: tuple[tuple[str, AnyTask], ...]
    """Ship, and what it does: again and again, until another arrangement."""


@dataclass(frozen=True, slots=True)
class CrewQuery:
    """Answered with a tuple of Hand: all ships, as the conductor knows them."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One ship that an experiment might be given."""

    ship: Ship
    behaviour: str
    experiment: str
    """To which it is lent; empty for none."""


# -- bucket


@dataclass(frozen=True, slots=True)
class SetQuota:
    """Let an experiment send so many requests per game minute; answered with True."""

    redeliver: ClassVar[str] = "once"

    experiment: str
    per_minute: float


@dataclass(frozen=True, slots=True)
class EndQuota:
    """The experiment is over: what it has itself left waiting is not sent."""

    redeliver: ClassVar[str] = "once"

    experiment: str


@dataclass(frozen=True, slots=True)
class QuotaQuery:
    """Answered with a tuple of QuotaUse."""


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What an experiment has had of the allowance."""

    experiment: str
    per_minute: float
    sent: int
    waiting: int
    """Requests that wait for the quota."""


# -- treasury


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget:
    """Let an experiment's owners spend so many credits in all; answered with True."""

    redeliver: ClassVar[str] = "once"

    experiment: str
    credits: int
    owners: tuple[str, ...]
    """Under these names reservations count: its ships, and itself."""


@dataclass(frozen=True, slots=True)
class EndBudget:
    """The experiment is over; its grants are free again."""

    redeliver: ClassVar[str] = "once"

    experiment: str


@dataclass(frozen=True, slots=True)
class BudgetQuery:
    """Answered with a tuple of BudgetUse."""


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """What an experiment has had of its budget, in credits."""

    experiment: str
    credits: int
    spent: int
    reserved: int
