"""A question that came to nothing in a recording comes to nothing when it is played again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.runtime import Actor, Context, Props

from .recorded import PATIENCE, Boom, Go, Guess, Stage, Stick, Told, play


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path / "run.rec")
    yield made
    made.close()


class Hasty(Actor[Any]):
    """Asks somebody who is busy for longer than it waits."""

    def receive(self, ctx: Context[Any], message: Any) -> None:
        match message:
            case Go():
                ctx.tell(ctx.address("/busy"), Stick())
                ctx.ask(ctx.address("/busy"), Guess(1), timeout=0.01, on_reply=lambda _: Told(0, 0))
            case Told():
                ctx.tell(ctx.address("/end"), Boom("no answer"))


class Busy(Actor[Any]):
    def __init__(self, gate: threading.Event) -> None:
        self._gate = gate

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if isinstance(message, Stick):
            self._gate.wait(PATIENCE)
        ctx.reply(0)


def test_a_question_that_was_taken_up_too_late_is_left_out_again(stage: Stage) -> None:
    gate = threading.Event()
    props = {"/busy": Props(factory=lambda: Busy(gate), budget=60), "/hasty": Props(factory=Hasty)}
    for path, made in props.items():
        stage.system.spawn(path, made)
    stage.system.address("/hasty").tell(Go(1))
    assert stage.reached.wait(PATIENCE)
    gate.set()
    assert stage.system.address("/busy").ask(Boom("in time"), timeout=PATIENCE) == 0
    assert stage.system.dead_letters.counts == {"expired": 1}
    stage.close()
    seen: list[Any] = []
    played = play(stage.path, props, watch=seen.append)
    assert played.digest == played.recorded
    assert [s.recorded.kind for s in seen if s.recorded.life.path == "/busy"][-1] == "Boom"
