"""What a server's answer tells about its clock; pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.errors import FleetError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.runtime import ClockSample

ClockKind = Literal["simulator", "live"]


class NoClock(FleetError):
    """The answer tells no time."""


class Told(msgspec.Struct, frozen=True):
    """Body of the simulator's `GET /sim/clock`."""

    game: float
    speed: float
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One answer with the times around it."""

    asked: Monotonic
    answered: Monotonic
    response: HttpResponse


def question(kind: ClockKind) -> HttpRequest:
    """Make the request that asks a server for its time."""
    path = "/sim/clock" if kind == "simulator" else "/v2/"
    return HttpRequest(method="GET", path=path, headers={"accept": "application/json"})


def sample(kind: ClockKind, look: Look) -> ClockSample:
    """Read the server's time from an answer. Raises NoClock."""
    return _simulator(look) if kind == "simulator" else _live(look)


def best(samples: list[ClockSample]) -> ClockSample:
    """Choose the sample with the least round trip; there is at least one."""
    return min(samples, key=lambda one: one.answered - one.asked)


def _simulator(look: Look) -> ClockSample:
    if look.response.status != 200:
        raise NoClock(f"HTTP {look.response.status}")
    try:
        told = msgspec.json.decode(look.response.body, type=Told)
    except msgspec.DecodeError as error:
        raise NoClock(str(error)) from error
    return ClockSample(look.asked, look.answered, GameTime(told.game), told.speed, told.paused)


def _live(look: Look) -> ClockSample:
    """The `Date` header cuts off the fraction of its second: the middle is the best guess."""
    try:
        second = parsedate_to_datetime(look.response.headers["date"]).timestamp()
    except (KeyError, ValueError) as error:
        raise NoClock(f"no Date header: {error}") from error
    return ClockSample(look.asked, look.answered, GameTime(second + 0.5), 1.0)
