"""One run of a behaviour, and a call in it that is made again."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.behaviour_run import Run
from fleet.actors.steps import Call, Steps, Until
from fleet.protocol.api import Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import Park

FIRST = Call(operation="orbit-ship", lane=Lane.ACTION)
SECOND = Call(operation="dock-ship", lane=Lane.TRADE)


def script(heard: list[Any]) -> Steps:
    heard.append((yield FIRST))
    heard.append((yield SECOND))
    return "done"


def test_a_call_is_made_again_after_a_wait_and_the_script_goes_on_with_its_answer() -> None:
    heard: list[Any] = []
    run = Run(Park(), script(heard))
    run.waits_for = run.steps.send(None)  # type: ignore[assignment]
    run.call_again(GameTime(50.0))
    assert run.waits_for is None
    steps = run.steps
    assert steps.send(None) == Until(GameTime(50.0), "waits until it may")
    assert steps.send(None) == FIRST
    assert heard == []
    assert steps.send("first answer") == SECOND
    assert heard == ["first answer"]
    with pytest.raises(StopIteration) as end:
        steps.send("second answer")
    assert end.value.value == "done"
    assert heard == ["first answer", "second answer"]


def test_a_call_may_be_made_again_several_times() -> None:
    heard: list[Any] = []
    run = Run(Park(), script(heard))
    run.waits_for = run.steps.send(None)  # type: ignore[assignment]
    for moment in (1.0, 2.0, 3.0):
        run.call_again(GameTime(moment))
        assert run.steps.send(None) == Until(GameTime(moment), "waits until it may")
        step = run.steps.send(None)
        assert step == FIRST
        run.waits_for = FIRST
    assert run.steps.send("answer") == SECOND
    assert heard == ["answer"]
