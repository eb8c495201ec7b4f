"""What a request costs the runtime's process at least: its parts, each measured by itself."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from fleet.bench.bucket_http import CPU_PER_REQUEST
from fleet.bench.bucket_worker import PATIENCE, TOKEN, real_answers
from fleet.bench.canned_server import canned_server
from fleet.bench.crowd_play import Step
from fleet.bench.figure import Figure
from fleet.bench.kernel_stage import kernel_stage
from fleet.bench.one_thread import Spent, metered, spent_in
from fleet.bench.paced import SPEED, STEP, paced
from fleet.bench.plan import Plan
from fleet.bench.replayer import Connection
from fleet.bench.virtual_floor import Echo, virtual_stage
from fleet.bench.virtual_run import SHIPS
from fleet.protocol.endpoints import BY_OPERATION
from fleet.quiet_heap import quiet_heap
from fleet.runtime import ActorSystem, Address, Props
from fleet.virtual_fleet import VirtualFleet

ROUNDS = 2_000
RING = 7
"""Actors that tell each other one after another: about the messages of a request."""


def floor(plan: Plan) -> Iterator[Figure]:
    """Add up what nobody can leave out of the runtime's CPU time in `late`."""
    seconds, rounds = (300.0, 200) if plan.quick else (1_800.0, ROUNDS)
    plan.say(f"{seconds / 60:g} game minutes of late in virtual time, then at speed {SPEED:g}")
    hot, cold = in_one_thread(seconds)
    switch = max(0.0, thread_message(rounds) - virtual_message(rounds))
    wire = bare_request(rounds)
    name = "per request, late, live limits"
    pace = f"at the pace of speed {SPEED:g}"
    yield Figure(f"actors and kernel in one thread, without a pause, {name}", hot.each, "us")
    yield Figure(f"actors and kernel in one thread, {pace}, {name}", cold.each, "us")
    yield Figure(f"messages to actors, {name}", cold.messages, "")
    yield Figure(f"a message to another thread, {pace}: more than in one", switch, "us")
    yield Figure(f"a request over a bare socket, {pace}, nothing decoded", wire, "us")
    least = (cold.each + cold.messages * switch + wire) / 1e3
    reach = f"sum of these parts; wanted of the whole: {CPU_PER_REQUEST} ms"
    yield Figure(f"CPU of the runtime process {name}: {reach}", least, "ms", bound=True)


def in_one_thread(seconds: float) -> tuple[Spent, Spent]:
    """Play game seconds without a pause, and as many as slowly as the threads do."""
    spent: list[float] = []
    change = metered(spent)
    with tempfile.TemporaryDirectory(prefix="fleet-floor-") as folder, quiet_heap():
        fleet = VirtualFleet(1, Path(folder), scenario="late", ships=SHIPS["late"], change=change)
        steps = round(seconds / STEP)
        try:
            fleet.run_for(seconds)
            return (
                spent_in(fleet, spent, lambda: fleet.run_for(seconds)),
                spent_in(fleet, spent, lambda: paced(steps, lambda: fleet.run_for(STEP))),
            )
        finally:
            fleet.close()


def thread_message(rounds: int) -> float:
    """Tell the microseconds of CPU of a message between actors in threads of their own."""
    with kernel_stage() as stage:
        first = ring(stage.system)
        return 1e6 * paced(rounds, lambda: first.tell(RING - 1)) / (rounds * RING)


def virtual_message(rounds: int) -> float:
    """Tell the same for actors in one thread."""
    dispatcher, system = virtual_stage()
    first = ring(system)

    def play() -> None:
        first.tell(RING - 1)
        dispatcher.run_for(0.0)

    return 1e6 * paced(rounds, play) / (rounds * RING)


def ring(system: ActorSystem) -> Address[int]:
    """Start actors that each tell the next; gives the first."""
    paths = [f"/ring-{number}" for number in range(RING)]
    actors = [
        system.spawn(path, Props(factory=partial(Echo, other)))
        for path, other in zip(paths, paths[1:] + paths[:1], strict=True)
    ]
    return actors[0]


def bare_request(rounds: int) -> float:
    """Tell the microseconds of CPU of sending a request and taking its answer."""
    requests, answers = real_answers()
    paths = [BY_OPERATION[each.operation].fill(each.params) for each in requests]
    with canned_server(answers) as url:
        place = urlsplit(url)
        with socket.create_connection((place.hostname, place.port), PATIENCE) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            steps = [Step("GET", f"/v2{path}", token=TOKEN) for path in paths]
            ready = cycle([Connection(peer, [step], rounds) for step in steps])
            return 1e6 * paced(rounds, lambda: next(ready).exchange()) / rounds
