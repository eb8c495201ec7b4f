"""What a ship is to do, as it is kept in the database: small, frozen, versioned.

A behaviour never depends on its position in its script: it looks at its task and at what the
ship is, and goes on from there.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all tasks. `version` changes with the meaning of its fields."""

    version: int = 1


LEAST_RATE = 2.0
"""Credits per game second that a trip usually must bring, or it is not worth its requests."""


class ScoutMarkets(Task, frozen=True, kw_only=True, tag="scout_markets"):
    """Visit waypoints in turn and read their markets and shipyards."""

    waypoints: tuple[str, ...]
    rounds: int = 0
    """How many rounds to make; 0: for ever."""

    done: tuple[str, ...] = ()
    """Waypoints read in the current round."""

    interval: float = 45.0
    """Game seconds between two readings of the same market."""


class TradeBestRoute(Task, frozen=True, kw_only=True, tag="trade_best_route"):
    """Buy a good here, sell it there; one trip."""

    good: str = ""
    """Empty until a route is chosen."""

    buy_at: str = ""
    sell_at: str = ""
    units: int = 0
    """Most units to hold; never bought beyond."""

    ask: int = 0
    """Price per unit that was planned with, in credits."""

    stage: str = "choosing"
    """choosing, going, buying, selling: saved before the first act of each."""

    least: float = LEAST_RATE
    """Credits per game second that the trip must bring."""


class MineAndSell(Task, frozen=True, kw_only=True, tag="mine_and_sell"):
    """Extract at an asteroid until the hold is full, sell where it pays best."""

    asteroid: str
    stage: str = "mining"
    """mining or selling."""

    contract: str = ""
    """Contract that what is mined is delivered to before the rest is sold; empty for none."""

    good: str = ""
    destination: str = ""


class SurveySite(Task, frozen=True, kw_only=True, tag="survey_site"):
    """Stay at an asteroid and survey it, for all who mine there."""

    asteroid: str


class FulfilContract(Task, frozen=True, kw_only=True, tag="fulfil_contract"):
    """Procure what a contract asks for, deliver it, and have it paid."""

    contract: str = ""
    """Empty until one is negotiated or found open."""

    good: str = ""
    destination: str = ""
    units: int = 0
    """Units that the contract asks for in all."""

    buy_at: str = ""
    stage: str = "choosing"
    """choosing, going, buying, delivering: saved before the first act of each."""


class Park(Task, frozen=True, kw_only=True, tag="park"):
    """Do nothing until another task comes."""

    reason: str = ""
    seconds: float = 600.0
    """Game seconds after which the ship asks for work again, or looks whether there is a trade."""

    looks: int = 1
    """After so many times it asks for work whether there is one or not."""

    least: float = LEAST_RATE
    """Credits per game second that a trade must bring."""


class Scripted(Task, frozen=True, kw_only=True, tag="scripted"):
    """Run a behaviour that is not one of fleet's own: an experiment's, or an injected script's."""

    behaviour: str
    """The name under which it was given to the ships."""

    data: dict[str, Any] = {}
    """Whatever the behaviour keeps; JSON."""


class Lent(Task, frozen=True, kw_only=True, tag="lent"):
    """Do what an injected experiment says, step by step, until the ship is given back."""

    experiment: str
    data: dict[str, Any] = {}
    """Whatever the experiment's behaviour keeps; JSON."""


class ReadBack(Task, frozen=True, kw_only=True, tag="read_back"):
    """Ask the server what the ship is: somebody else has flown it."""


AnyTask = (
    ScoutMarkets
    | TradeBestRoute
    | MineAndSell
    | SurveySite
    | FulfilContract
    | Park
    | Scripted
    | Lent
    | ReadBack
)


def name_of(task: AnyTask) -> str:
    """Tell the behaviour's name, as tables and logs show it."""
    if isinstance(task, Scripted):
        return task.behaviour
    if isinstance(task, Lent):
        return task.experiment
    return str(type(task).__struct_config__.tag)


def dump(task: AnyTask) -> str:
    """Write a task as JSON."""
    return msgspec.json.encode(task).decode()


def load(text: str) -> AnyTask:
    """Read a task from JSON. Raises msgspec.DecodeError for one of another version."""
    task: AnyTask = msgspec.json.decode(text, type=AnyTask)
    return task
