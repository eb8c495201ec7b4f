from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.runtime import (
    Actor,
    Context,
    Held,
    LaneMailbox,
    Props,
)
from fleet.runtime import recording as recording_module
from fleet.runtime.recording_file import RecordingFile
from fleet.runtime.recording_rows import Rows
from fleet.runtime.replay_comparison import Divergence

from .recorded import PATIENCE, Alarm, Boom, Go, Guess, Stage, Stick, Told, play

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpZGVudGlmaWVyIjoiTUUifQ.c2lnbmF0dXJl"
SECRET = "hunter2-hunter2"


class Asker(Actor[Any]):
    """Leaves to chance what it asks, and goes on by timers."""

    odd = 0

    def receive(self, ctx: Context[Any], message: Any) -> None:
        match message:
            case Go(rounds=left) | Alarm(left=left):
                guess = Guess(ctx.random.randrange(1000) + round(ctx.now()) % 7)
                ctx.ask(
                    ctx.address("/answerer"), guess, timeout=9.0, on_reply=lambda a: Told(a, left)
                )
            case Told(answer=answer, left=left):
                self.odd += int(answer) % 2
                if left:
                    ctx.timer("next", Alarm(left - 1), after=0.0)
                else:
                    ctx.tell(ctx.address("/end"), Boom(f"{self.odd}"))
            case Boom():
                raise ValueError(message.text)
            case Stick():
                # It goes off while this life hangs, and the next one takes it.
                ctx.timer("vain", Alarm(0), after=0.0)
                stand_still(ctx)


class Answerer(Actor[Any]):
    def receive(self, ctx: Context[Any], message: Any) -> None:
        ctx.reply(message.number * 3 + self.extra())

    def extra(self) -> int:
        return 0


class Otherwise(Answerer):
    def extra(self) -> int:
        return 1


def stand_still(ctx: Context[Any]) -> None:
    """Ask for the time, then wait for something that never comes; twice as long as any test."""
    ctx.monotonic()
    threading.Event().wait(2 * PATIENCE)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path / "run.rec", secrets=[SECRET.encode()])
    yield made
    made.close()


ASKERS = {"/answerer": Props(factory=Answerer), "/asker": Props(factory=Asker)}


def recorded(stage: Stage, rounds: int = 40) -> Path:
    for path, props in ASKERS.items():
        stage.system.spawn(path, props)
    stage.system.address("/asker").tell(Go(rounds))
    assert stage.reached.wait(PATIENCE)
    stage.close()
    return stage.path


def test_what_ran_on_threads_is_played_again_to_the_same_digest(stage: Stage) -> None:
    played = play(recorded(stage), ASKERS)
    assert played.turns >= 41 * 3
    assert played.digest == played.recorded
    assert not played.stopped


def test_an_actor_that_does_something_else_is_named_with_the_message(stage: Stage) -> None:
    path = recorded(stage)
    with pytest.raises(Divergence) as raised:
        play(path, ASKERS | {"/answerer": Props(factory=Otherwise)})
    assert raised.value.path == "/answerer"
    assert raised.value.kind == "Guess"
    assert f"#{raised.value.message_id} (Guess)" in str(raised.value)


def test_a_recording_that_was_cut_off_anywhere_is_played_up_to_there(stage: Stage) -> None:
    path = recorded(stage, rounds=5)
    whole = path.read_bytes()
    turns = []
    for length in range(40, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:length])
        played = play(path, ASKERS)
        assert played.digest == played.recorded
        turns.append(played.turns)
    assert turns == sorted(turns)
    assert turns[-1] > turns[0]


def test_it_stops_before_the_turn_that_was_asked_for(stage: Stage) -> None:
    path = recorded(stage, rounds=3)
    until: Callable[[Any], str] = lambda turn: "here" if turn.kind == "Alarm" else ""  # noqa: E731
    played = play(path, ASKERS, until=until)
    assert played.stopped == "here"
    assert 0 < played.turns < 8


def test_a_hang_is_played_again_and_tells_where_it_stands(stage: Stage) -> None:
    props = Props(factory=Asker, budget=0.05)
    stage.system.spawn("/asker", props)
    stage.system.spawn("/answerer", Props(factory=Answerer))
    asker = stage.system.address("/asker")
    asker.tell(Stick())
    cell = stage.system.cell("/asker")
    assert cell is not None
    waited = threading.Event()
    while cell.number == 1:
        stage.system.fence_overdue()
        waited.wait(0.01)
    # The next life goes on with what comes.
    asker.tell(Go(1))
    assert stage.reached.wait(PATIENCE)
    stage.recorder.flush()
    stage.close()
    played = play(stage.path, {"/asker": props, "/answerer": ASKERS["/answerer"]}, patience=0.2)
    ((turn, stack),) = played.hung
    assert (turn.life.path, turn.life.number, turn.kind) == ("/asker", 1, "Stick")
    assert "stand_still" in stack
    assert played.digest == played.recorded
    assert not played.stopped


def test_a_crash_and_the_life_after_it_are_played_again(stage: Stage) -> None:
    for path, props in ASKERS.items():
        stage.system.spawn(path, props)
    asker = stage.system.address("/asker")
    asker.tell(Boom("once"))
    asker.tell(Go(2))
    assert stage.reached.wait(PATIENCE)
    stage.close()
    seen: list[Any] = []
    played = play(stage.path, ASKERS, watch=seen.append)
    assert played.digest == played.recorded
    ends = [(s.recorded.life.number, s.ending.end, s.ending.detail) for s in seen]
    assert (1, "crashed", "ValueError") in ends
    assert any(number > 1 and end == "done" for number, end, _ in ends)


class Sorter(Actor[Any]):
    """Leases whatever waits; how much that is depends on the threads."""

    def __init__(self, reached: int) -> None:
        self._left = reached

    def receive(self, ctx: Context[Any], message: Any) -> None:
        assert isinstance(message, Held)
        batch = ctx.lanes.lease(0, 1000)
        ctx.tell(ctx.address("/tally"), Told(tuple(e.message.number for e in batch), 0))
        for envelope in batch:
            ctx.lanes.settle(envelope.id)
        self._left -= len(batch)
        if not self._left:
            ctx.tell(ctx.address("/end"), Boom("all"))


class Sender(Actor[Any]):
    def receive(self, ctx: Context[Any], message: Any) -> None:
        for number in range(message.rounds):
            ctx.tell(ctx.address("/sorter"), Guess(number))


class Tally(Actor[Any]):
    pass


def test_what_came_into_lanes_meanwhile_is_seen_again_as_it_was(stage: Stage) -> None:
    lanes: Callable[[], LaneMailbox] = lambda: LaneMailbox(lambda _: 0)  # noqa: E731
    props = {
        "/tally": Props(factory=Tally),
        "/sorter": Props(factory=lambda: Sorter(3 * 200), mailbox=lanes),
        **{f"/sender-{number}": Props(factory=Sender) for number in range(3)},
    }
    for path, made in props.items():
        stage.system.spawn(path, made)
    for number in range(3):
        stage.system.address(f"/sender-{number}").tell(Go(200))
    assert stage.reached.wait(PATIENCE)
    view = stage.system.view("/sorter")
    assert view is not None
    assert view.books.settled == 600
    stage.close()
    played = play(stage.path, props)
    assert played.digest == played.recorded
    assert not played.stopped


def test_no_token_is_kept(stage: Stage) -> None:
    for path, props in ASKERS.items():
        stage.system.spawn(path, props)
    stage.system.address("/asker").tell(Boom(f"Bearer {TOKEN} {SECRET}"))
    stage.system.address("/asker").tell(Go(1))
    assert stage.reached.wait(PATIENCE)
    stage.close()
    kept = stage.path.read_bytes()
    assert b"Bearer ****" in kept
    assert TOKEN.encode() not in kept
    assert SECRET.encode() not in kept
    assert stage.path.stat().st_mode & 0o077 == 0
    assert play(stage.path, ASKERS).turns > 3


def test_a_recording_that_cannot_keep_up_ends_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "MOST", 3)
    monkeypatch.setattr(recording_module, "PERIOD", PATIENCE)
    stage = Stage(tmp_path / "run.rec")
    recorded(stage)
    assert stage.recorder.failure
    assert "recording.failed" in stage.events.told


def test_answers_are_forgotten_while_actors_add_theirs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "MOST_ANSWERED", 100)
    recorder, over, interval = stage.recorder, threading.Event(), sys.getswitchinterval()

    def add() -> None:
        for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
            recorder.answered[number] = number

    adding = threading.Thread(target=add)
    # Threads change as often as they can: one does so at the worst moment.
    sys.setswitchinterval(1e-6)
    try:
        adding.start()
        for _ in range(1_000):
            recorder.flush()
    finally:
        over.set()
        adding.join()
        sys.setswitchinterval(interval)
    recorder.flush()
    assert not recorder.failure
    assert len(recorder.answered) <= 100


def test_a_fault_of_the_recording_itself_is_told_and_costs_no_memory(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    struck = threading.Event()

    def fail(*_: Any) -> None:
        struck.set()
        raise ValueError("no way")

    monkeypatch.setattr(RecordingFile, "write", fail)
    assert struck.wait(PATIENCE)
    recorded(stage)
    assert "ValueError: no way" in stage.recorder.failure
    assert "recording.failed" in stage.events.told
    assert not stage.recorder.answered


def test_a_turn_that_cannot_be_written_down_ends_the_recording_and_no_actor(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> bytes:
        raise ValueError("no way")

    monkeypatch.setattr(Rows, "row", fail)
    stage.recorder.flush()
    recorded(stage)
    assert "ValueError: no way" in stage.recorder.failure
    assert "recording.failed" in stage.events.told
    view = stage.system.view("/asker")
    assert view is not None
    assert view.restarts == 0
