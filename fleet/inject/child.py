"""A script's own process: reads the script, runs its actor, and ends with the runtime."""

from __future__ import annotations

import os
import pickle
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fleet.actors.experiment_messages import EXPERIMENTS
from fleet.inject import frames
from fleet.inject.gate import Gate
from fleet.inject.performer import Performer
from fleet.inject.remote_system import RemoteSystem
from fleet.inject.script import BrokenScript, Script, load, place_in
from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.errors import FleetError
from fleet.runtime import (
    Actor,
    ClockSample,
    Context,
    Down,
    GameClock,
    Props,
    ThreadDispatcher,
    Up,
)
from fleet.supervision.watchdog import Watchdog

LOOK: Final = 0.1
"""Wall seconds between two looks of the watchdog: a hang is found so much late."""

STACK: Final = 3000
"""Characters of a stack that the fleet's log is told: the last ones, where it happened."""

KERNEL: Final = re.compile(r"(actor|letter|zombie|watchdog|cancel|fenced|mailbox)\..*")
"""Events of this process's own kernel; only the end that they lead to is told."""


def serve(end: socket.socket) -> int:
    """Run one script to its end; gives the exit code. Runs in the main thread."""
    line = frames.Line(end, frames.DOWN)
    line.send(frames.Pong())
    order = line.receive()
    if not isinstance(order, frames.Load):
        # The runtime has no use for this spare any more.
        return 0
    script = _load(line, order)
    if script is None:
        return 1
    line.send(frames.Loaded(script.kind, script.label))
    begin = line.receive()
    if isinstance(begin, frames.Begin):
        _Stage(line, order, script, begin).play()
    return 0


def _load(line: frames.Line, order: frames.Load) -> Script | None:
    sys.path.insert(0, str(Path(order.file).parent))
    try:
        return load(order.source, order.file, order.name, order.settings)
    except BrokenScript as broken:
        line.send(frames.Unusable(str(broken)))
        return None


def props_of(script: Script, budget: float) -> Props:
    """Say how to run what a script defines."""
    if script.kind == "actor":
        return Props(factory=script.make, budget=budget, start_budget=budget)
    return Props(factory=lambda: Performer(script.make), budget=budget)


class _Stage:
    """The actor system around one script's actor."""

    def __init__(
        self, line: frames.Line, order: frames.Load, script: Script, begin: frames.Begin
    ) -> None:
        self._line = line
        self._home = f"{EXPERIMENTS}/{order.name}"
        self._file = order.file
        self._clock = GameClock()
        self._fit(begin.clock)
        self._trace = ""
        dispatcher = ThreadDispatcher(self._clock, self, parked=1)
        self._system = RemoteSystem(
            line,
            Gate(order.name, frozenset(order.ships)),
            EXPERIMENTS,
            dispatcher=dispatcher,
            clock=self._clock,
            events=self,
            seed=begin.seed,
        )
        self._props = props_of(script, begin.budget)
        self._name = order.name

    def play(self) -> None:
        """Start the actor and pass on what the fleet says, until the line breaks."""
        Watchdog(self._system, period=LOOK).start()
        warden = Props(factory=lambda: Warden(self._name, self._props, self._line, self._why))
        self._system.spawn(EXPERIMENTS, warden)
        while (frame := self._line.receive()) is not None:
            self._hear(frame)

    def _hear(self, frame: Any) -> None:
        match frame:
            case frames.Ping(clock=clock):
                self._fit(clock)
                self._line.send(frames.Pong())
            case frames.Deliver(message=message, sender=sender, number=number):
                self._system.deliver(self._home, pickle.loads(message), sender, number)
            case frames.Answered(number=number, value=value):
                self._system.answer(self._system.address(self._home), number, pickle.loads(value))
            case _:
                pass

    def _fit(self, told: frames.Clock) -> None:
        at = Monotonic(told.at)
        paused = told.speed <= 0
        sample = ClockSample(at, at, GameTime(told.game), told.speed, paused=paused)
        self._clock.fit(sample)

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Pass an event on to the fleet's log; called from any thread."""
        if KERNEL.fullmatch(event):
            self._trace = str(fields.get("stack", "")) or self._trace
            return
        plain = {
            key: value if isinstance(value, int | float | bool) else str(value)[:500]
            for key, value in fields.items()
        }
        self._line.send(frames.Told(event[:80], level, text[:2000], dict(plain)))

    def _why(self, down: Down) -> tuple[str, str, str]:
        """Tell why the actor ended, with the script's line, and the stack."""
        if down.reason in ("normal", "stopped"):
            return "ended", "", ""
        place = place_in(self._trace, self._file)
        if down.reason == "hung":
            late = f"a message ({down.detail}) took longer than {self._props.budget:g} s"
            return "hung", f"{place}: {late}", self._trace[-STACK:]
        return "crashed", f"{place}: {down.detail}", self._trace[-STACK:]


Why = Callable[[Down], tuple[str, str, str]]


class Warden(Actor[Any]):
    """Parent of the script's actor: tells of its start and its end, and never restarts it."""

    def __init__(self, name: str, props: Props, line: frames.Line, why: Why) -> None:
        self._name = name
        self._props = props
        self._line = line
        self._why = why

    def on_start(self, ctx: Context[Any]) -> None:
        """Start it."""
        address = ctx.spawn(self._name, self._props, in_turn=True)
        ctx.restart(address, None)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Tell the runtime."""
        match message:
            case Up():
                self._line.send(frames.Started())
            case Down():
                # At once, and without the interpreter's own end: a thread that hangs in here
                # would hold it up.
                self._line.send(frames.Ended(*self._why(message)))
                os._exit(0)
            case _:
                pass


def main(order: bytes) -> int:
    """Take the socket that the order names, and serve. Raises FleetError for no order."""
    import msgspec

    try:
        number = msgspec.json.decode(order, type=dict[str, int])["socket"]
    except (msgspec.DecodeError, KeyError):
        raise FleetError("`fleet child` is started by `fleet run` only.") from None
    with socket.socket(fileno=number) as end:
        try:
            return serve(end)
        except OSError:
            # The runtime has hung up.
            return 0
