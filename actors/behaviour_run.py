"""One run of a behaviour: its generator, the step in hand, and how a call is made again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.actors.steps import Call, Steps, Until
from fleet.protocol.api import ApiRefusal, ApiRequest
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import AnyTask


@dataclass(slots=True)
class Run:
    """Lives until the behaviour ends, or until the ship must be read back."""

    task: AnyTask
    steps: Steps
    number: int = 0
    """Of the step in hand; an answer to an earlier one is late."""

    waits_for: Call | None = None
    """The call whose outcome is not known yet."""

    doing: str = ""
    """The step in hand, for people."""

    def call_again(self, moment: GameTime) -> None:
        """Make the call in hand once more at a game time, before the script goes on."""
        call, self.waits_for = self.waits_for, None
        assert call is not None
        self.steps = _again(call, moment, self.steps)

    def hear_later(self, answer: ApiRefusal, moment: GameTime) -> None:
        """Let the script hear of an answer at a game time, not before."""
        self.steps = _late(answer, moment, self.steps)


def request_of(call: Call, number: int, ship: str, behaviour: str) -> ApiRequest:
    """Make the request that a call stands for."""
    return ApiRequest(
        number=number,
        operation=call.operation,
        lane=call.lane,
        params=call.params,
        query=call.query,
        body=call.body,
        ship=ship,
        behaviour=behaviour,
    )


def _late(answer: ApiRefusal, moment: GameTime, rest: Steps) -> Steps:
    """Wait, then go on with the rest of the script."""
    yield Until(moment, "waits after refusals")
    return (yield from _resume(rest, answer))


def _again(call: Call, moment: GameTime, rest: Steps) -> Steps:
    """Wait, make the call again, and go on with the rest of the script."""
    yield Until(moment, "waits until it may")
    return (yield from _resume(rest, (yield call)))


def _resume(rest: Steps, answer: Any) -> Steps:
    """Go on with a script that has begun already."""
    while True:
        try:
            step = rest.send(answer)
        except StopIteration as end:
            return str(end.value)
        answer = yield step
