"""Stopping the game's time, letting it run again, and moving it on by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from fleet.protocol.clock import GameTime
from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import RunningClock
from fleet.simulator.refusals import Refusal

if TYPE_CHECKING:
    from fleet.simulator.simulator import Simulator

LONGEST_STEP = 400 * 86_400.0


class StepOrder(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move on, in game seconds."""

    seconds: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_STEP)]


def pause(simulator: Simulator, _request: HttpRequest, _now: GameTime) -> dict[str, Any]:
    """Stop the game's time; requests are answered all the same. Raises Refusal."""
    running(simulator).pause()
    return clock_view(simulator, simulator.clock.now())


def resume(simulator: Simulator, _request: HttpRequest, _now: GameTime) -> dict[str, Any]:
    """Let the game's time run again. Raises Refusal."""
    running(simulator).resume()
    simulator.time_moved()
    return clock_view(simulator, simulator.clock.now())


def step(simulator: Simulator, request: HttpRequest, _now: GameTime) -> dict[str, Any]:
    """Move the game's time on at once, whether or not it stands. Raises Refusal 422."""
    try:
        order = msgspec.json.decode(request.body or b"{}", type=StepOrder)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = f'Send how far to step in game seconds, such as {{"seconds": 60}} ({error}).'
        raise Refusal(422, text) from error
    running(simulator).step(order.seconds)
    simulator.time_moved()
    return clock_view(simulator, simulator.clock.now())


def running(simulator: Simulator) -> RunningClock:
    """Find the clock that runs. Raises Refusal where somebody else moves the time."""
    if not isinstance(simulator.clock, RunningClock):
        raise Refusal(501, "The time of this simulator is moved by the program that it is part of.")
    return simulator.clock


def clock_view(simulator: Simulator, now: GameTime) -> dict[str, Any]:
    """Tell the game's time and how it runs."""
    clock = simulator.clock
    return {"game": now, "speed": clock.speed, "paused": clock.paused}
