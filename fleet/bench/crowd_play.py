"""Mixed play of the agents of scenario `crowd`: reads, trades, flights and surveys in turn.

Each agent's ships go the same round for ever, so that whatever is sent can be written down before
the run, and the status of each answer is known. A flight or cooldown is over before its ship is
asked to act again, if the simulator runs at `SPEED` or time is moved on at each step that rests:
what needs them to be over comes as late in the round as it can, because at 40 microseconds a
request a bot that is served several times in a row comes back soon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

SPEED = 100_000
PAUSE_SECONDS = 100.0
"""Game seconds in which flights and cooldowns of a round are over."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of an agent, and the status of its answer."""

    method: str
    path: str
    status: int = 200
    body: bytes = b""
    token: str = ""
    rest: bool = False
    """Whether some time must have passed since the step before."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the agents play."""

    system: str
    headquarters: str
    rock: str
    yard: str


def find_places(waypoints: Sequence[Mapping[str, object]], headquarters: str, yard: str) -> Places:
    """Find the engineered asteroid of a system, which has a market, too."""
    rock = next(str(row["symbol"]) for row in waypoints if row["type"] == "ENGINEERED_ASTEROID")
    return Places(headquarters.rpartition("-")[0], headquarters, rock, yard)


def play(agent: str, token: str, places: Places) -> list[Step]:
    """List one round of an agent: to the rock, a survey there, and home."""
    frigate = f"/v2/my/ships/{agent}-1"
    rest = [
        Step("POST", f"{frigate}/orbit", rest=True),
        Step("GET", f"{frigate}/cooldown", 204),
        Step("POST", f"{frigate}/survey", 201),
    ]
    there = leg(agent, places, places.rock)
    back = leg(agent, places, places.headquarters)
    return [
        Step(row.method, row.path, row.status, row.body, token, row.rest)
        for row in (*there, *rest, *back)
    ]


def leg(agent: str, places: Places, goal: str) -> Iterator[Step]:
    """Fly somewhere, look around on the way, and trade there."""
    frigate, probe = f"/v2/my/ships/{agent}-1", f"/v2/my/ships/{agent}-2"
    system = f"/v2/systems/{places.system}"
    fuel = msgspec.json.encode({"symbol": "FUEL", "units": 1})
    yield Step("POST", f"{frigate}/orbit")
    yield Step("POST", f"{frigate}/navigate", 200, msgspec.json.encode({"waypointSymbol": goal}))
    yield Step("GET", "/v2/my/agent")
    yield Step("GET", "/v2/my/ships?limit=20")
    yield Step("GET", f"{system}/waypoints/{places.yard}/shipyard")
    yield Step("GET", "/v2/my/contracts")
    yield Step("GET", f"{system}/waypoints?traits=MARKETPLACE&limit=20")
    yield Step("GET", f"{probe}/nav")
    yield Step("POST", f"{probe}/orbit")
    yield Step("POST", f"{probe}/dock")
    yield Step("GET", f"{frigate}/cargo")
    yield Step("GET", frigate)
    yield Step("POST", f"{frigate}/dock", rest=True)
    yield Step("GET", f"{system}/waypoints/{goal}/market")
    yield Step("POST", f"{frigate}/purchase", 201, fuel)
    yield Step("POST", f"{frigate}/refuel")
    yield Step("POST", f"{frigate}/sell", 201, fuel)
    yield Step("PATCH", f"{frigate}/nav", 200, b'{"flightMode":"CRUISE"}')
