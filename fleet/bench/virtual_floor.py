"""What no fleet can leave out: the same requests to the world alone, and empty messages."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fleet.bench.virtual_run import SHIPS
from fleet.host.tree import Plan as TreePlan
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import ENDPOINTS
from fleet.protocol.errors import SetupError
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport
from fleet.protocol.wire.decoding import decode_body
from fleet.quiet_heap import quiet_heap
from fleet.runtime import (
    Actor,
    ActorSystem,
    Context,
    NullEvents,
    Props,
    VirtualClock,
    VirtualDispatcher,
)
from fleet.simulator import SimSettings
from fleet.simulator.router import Router
from fleet.virtual_fleet import VirtualFleet, universe

SCENARIO = "late"
SECONDS = 600.0
STRANGE = 0.02
"""Share of requests that may be answered otherwise: without limits the world moves a bit."""

MESSAGES = 50_000


@dataclass(frozen=True, slots=True)
class Note:
    """A request that was answered well, and when it was sent."""

    at: float
    request: HttpRequest
    status: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A transport that keeps what it carries."""

    inner: Transport
    now: Callable[[], GameTime]
    notes: list[Note]

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send, and keep it."""
        answer = self.inner.send(request)
        self.notes.append(Note(self.now(), request, answer.status))
        return answer

    def cancel(self) -> None:
        """Do nothing: nobody ever waits in `send`."""


def simulator_floor() -> float:
    """Tell the microseconds of a request: its answer made and read, nobody around it."""
    notes = _requests()
    place = universe(SimSettings(seed=1, scenario=SCENARIO, limits="off"))
    place.register("SEED-1")
    transport, names = place.transport(), [_operation(note.request) for note in notes]
    strange = 0
    with quiet_heap():
        began = time.process_time()
        for note, name in zip(notes, names, strict=True):
            place.clock.now = note.at
            answer = transport.send(note.request)
            strange += answer.status != note.status
            if 200 <= answer.status < 300 and answer.body:
                decode_body(name, answer.body)
        took = time.process_time() - began
    if strange > STRANGE * len(notes):
        raise SetupError(f"{strange} of {len(notes)} requests were answered otherwise")
    return took / len(notes) * 1e6


def _requests() -> list[Note]:
    notes: list[Note] = []

    def keep(plan: TreePlan) -> TreePlan:
        transport, now = plan.transport, plan.now
        return replace(plan, transport=lambda: Noted(transport(), now, notes))

    with tempfile.TemporaryDirectory(prefix="fleet-virtual-") as folder:
        ships = SHIPS[SCENARIO]
        fleet = VirtualFleet(1, Path(folder), scenario=SCENARIO, ships=ships, change=keep)
        try:
            fleet.run_for(SECONDS)
        finally:
            fleet.close()
    return [note for note in notes if note.status != 429 and note.request.path.startswith("/v2/")]


def _operation(request: HttpRequest) -> str:
    found = Router(ENDPOINTS).find(request.method, request.path.removeprefix("/v2"))
    assert found is not None, request.path
    return found[0].operation


class Echo(Actor[int]):
    """Sends a number on, less one, to the other."""

    def __init__(self, other: str) -> None:
        """Send to this path."""
        self._other = other

    def receive(self, ctx: Context[int], message: Any) -> None:
        """Send it on until it is 0."""
        if message:
            ctx.tell(ctx.address(self._other), message - 1)


def kernel_floor() -> float:
    """Tell the microseconds of a message between two actors that do nothing else."""
    dispatcher, system = virtual_stage()
    first = system.spawn("/first", Props(factory=lambda: Echo("/second")))
    system.spawn("/second", Props(factory=lambda: Echo("/first")))
    dispatcher.run_for(0.0)
    with quiet_heap():
        first.tell(MESSAGES)
        began = time.process_time()
        dispatcher.run_for(0.0)
        took = time.process_time() - began
    return took / MESSAGES * 1e6


def virtual_stage() -> tuple[VirtualDispatcher, ActorSystem]:
    """Make an actor system in virtual time, and what runs it."""
    clock = VirtualClock()
    dispatcher = VirtualDispatcher(clock)
    system = ActorSystem(dispatcher=dispatcher, clock=clock, events=NullEvents())
    dispatcher.bind(system)
    return dispatcher, system
