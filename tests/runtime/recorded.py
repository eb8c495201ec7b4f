"""Actors on threads, recorded into a file, and the recording played again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.runtime import Actor, ActorSystem, Context, NullEvents, Props, ThreadDispatcher
from fleet.runtime.clocks import SystemClock
from fleet.runtime.recording import Recorder
from fleet.runtime.replay import Replay, Replayed
from fleet.runtime.replay_turns import RecordedTurns

PATIENCE = 10.0
HERE = (__name__, "fleet.runtime", "fleet.supervision")


class Clock(SystemClock):
    def until(self, moment: float) -> float:
        return max(0.0, moment - self.game())


@dataclass(frozen=True)
class Go:
    rounds: int


@dataclass(frozen=True)
class Guess:
    number: int


@dataclass(frozen=True)
class Told:
    answer: Any
    left: int


@dataclass(frozen=True)
class Alarm:
    left: int


@dataclass(frozen=True)
class Boom:
    text: str


@dataclass(frozen=True)
class Stick:
    pass


class End(Actor[Any]):
    def __init__(self, reached: threading.Event) -> None:
        self._reached = reached

    def receive(self, ctx: Context[Any], message: Any) -> None:
        self._reached.set()


class Stage:
    """Actors on threads, recorded into a file."""

    def __init__(self, path: Path, **how: Any) -> None:
        self.path = path
        self._dispatcher = ThreadDispatcher(Clock(), NullEvents())
        self.events = Events()
        self.system = ActorSystem(
            dispatcher=self._dispatcher, clock=Clock(), events=self.events, seed=7
        )
        how.setdefault("is_outside", lambda path: path == "/end")
        self.recorder = Recorder(self.system, path, sheet=b"", **how)
        self.reached = threading.Event()
        self.system.spawn("/end", Props(factory=lambda: End(self.reached)))

    def close(self) -> None:
        self.system.close()
        self.recorder.close()
        self._dispatcher.close()


class Events:
    def __init__(self) -> None:
        self.told: list[str] = []

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        self.told.append(event)


def play(path: Path, props: dict[str, Props], **how: Any) -> Replayed:
    replay = Replay(RecordedTurns(path), is_outside=lambda p: p == "/end", modules=HERE, **how)
    for name, made in props.items():
        replay.root(name, made)
    return replay.run()
