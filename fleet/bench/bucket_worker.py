"""What a worker costs beside the barest loop that gets and decodes the same answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import urllib3

from fleet.actors.api_worker import ApiWorker, WorkerSettings
from fleet.actors.worker_messages import Order
from fleet.bench.bucket_stage import Stage
from fleet.bench.canned_server import canned_server
from fleet.bench.figure import Figure, at_most
from fleet.bench.interleaved import interleaved, ratio
from fleet.bench.kernel_stage import kernel_stage
from fleet.bench.plan import Plan
from fleet.http_transport import HttpTransport
from fleet.protocol.api import ApiReply, ApiRequest, Finished, Lane, Send
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.transport import HttpRequest
from fleet.protocol.wire.decoding import DECODERS
from fleet.runtime import Actor, Context, Hang, Props, SystemClock

TOKEN = "x" * 800
"""As long as a real one."""

OPERATIONS = ("get-my-agent", "get-my-ship", "get-ship-nav", "get-my-ship-cargo")
PATIENCE = 60.0


def real_answers() -> tuple[tuple[ApiRequest, ...], Mapping[str, bytes]]:
    """Ask the simulator once each; tell requests, and by path the answers as they go over wires."""
    stage = Stage()
    transport, answers, requests = stage.world.transport(), dict[str, bytes](), []
    for number, operation in enumerate(OPERATIONS):
        params = {"shipSymbol": stage.ships[0]}
        stage.clock.now += 1.0
        path = f"/v2{BY_OPERATION[operation].fill(params)}"
        headers = {"authorization": f"Bearer {stage.token}"}
        answer = transport.send(HttpRequest(method="GET", path=path, headers=headers))
        told = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        head = f"HTTP/1.1 200 OK\r\n{told}content-length: {len(answer.body)}\r\n\r\n"
        answers[path] = head.encode() + answer.body
        requests.append(
            ApiRequest(number=number, operation=operation, lane=Lane.ACTION, params=params)
        )
    stage.close()
    return tuple(requests), answers


@dataclass(slots=True)
class Spent:
    """CPU seconds of a thread."""

    seconds: float = 0.0


class MeteredWorker(ApiWorker):
    """An API worker whose thread's CPU time is counted from an order to what it hands on."""

    def __init__(self, url: str, settings: WorkerSettings, spent: Spent) -> None:
        super().__init__(HttpTransport(url, SystemClock().monotonic), settings)
        self._spent = spent

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        """Carry out one order and count what that took."""
        if not isinstance(message, Order):
            return super().receive(ctx, message)
        before = time.thread_time()
        super().receive(ctx, message)
        self._spent.seconds += time.thread_time() - before
        return None


class Giver(Actor[Any]):
    """Stands in for the bucket: gives the next order as soon as the last one is done."""

    def __init__(self, requests: Sequence[ApiRequest]) -> None:
        self._requests = requests
        self._left = 0
        self._done: threading.Event | None = None

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Begin with a count and an event to set, or go on."""
        match message:
            case (int(count), threading.Event() as done):
                self._left, self._done = count, done
            case Finished(outcome=ApiReply()):
                self._left -= 1
            case _:
                return
        if self._left:
            request = self._requests[self._left % len(self._requests)]
            send = Send(self._left, request, GameTime(0.0))
            ctx.tell(ctx.address("/worker"), Order(send, 1))
        elif self._done is not None:
            self._done.set()


class Sink(Actor[Any]):
    """Stands in for the database writer."""

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Take rows and do nothing."""


def bare_loop(url: str, requests: Sequence[ApiRequest], count: int) -> float:
    """Tell the CPU seconds per request of urllib3 and msgspec alone, in a thread of their own."""
    spent = Spent()
    headers = {"accept": "application/json", "authorization": f"Bearer {TOKEN}"}
    pool = urllib3.connection_from_url(url, maxsize=1, retries=False)
    asked = [
        (f"/v2{BY_OPERATION[each.operation].fill(each.params)}", DECODERS[each.operation])
        for each in requests
    ]

    def run() -> None:
        pool.urlopen("GET", asked[0][0], headers=headers)
        before = time.thread_time()
        for turn in range(count):
            path, decoder = asked[turn % len(asked)]
            decoder.decode(pool.urlopen("GET", path, headers=headers).data)
        spent.seconds = time.thread_time() - before

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    pool.close()
    return spent.seconds / count


def worker(plan: Plan) -> Iterator[Figure]:
    """CPU time of the worker's thread per request, against the bare loop, in turns."""
    count, rounds = (300, 3) if plan.quick else (1_500, 7)
    requests, answers = real_answers()
    spent = Spent()
    settings = WorkerSettings(bucket="/bucket", writer="/writer", epoch=1, token=lambda _: TOKEN)
    with canned_server(answers) as url, kernel_stage() as stage:
        system = stage.system
        giver = system.spawn("/bucket", Props(factory=lambda: Giver(requests)))
        system.spawn("/writer", Props(factory=Sink))
        system.spawn("/worker", Props(factory=lambda: MeteredWorker(url, settings, spent)))

        def ours() -> float:
            done = threading.Event()
            spent.seconds = 0.0
            giver.tell((count, done))
            if not done.wait(PATIENCE):
                raise TimeoutError("the worker did not come to its end")
            return spent.seconds / count

        ours()
        found = interleaved(
            {"worker": ours, "bare": lambda: bare_loop(url, requests, count)}, rounds
        )
    mine, bare = found["worker"], found["bare"]
    yield Figure(
        "worker's CPU per request, from order to typed reply handed on, loopback",
        1e6 * mine.median,
        "us",
        at_most(1.5, of="ratio"),
        (1e6 * mine.spread[0], 1e6 * mine.spread[1]),
        rounds,
        f"bare urllib3 loop with msgspec decode: {1e6 * bare.median:.0f} us",
        ratio(mine, bare),
    )
