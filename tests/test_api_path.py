"""A request's whole way, over real HTTP: ships, bucket, workers, simulator, writer, database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from fleet.actors.api_worker import WorkerSettings, worker_props
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings, clock_props
from fleet.actors.database_writer import writer_props
from fleet.actors.request_bucket import bucket_props
from fleet.actors.writer_settings import WriterSettings
from fleet.http_transport import HttpSettings, HttpTransport
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Lane, UnknownOutcome
from fleet.protocol.endpoints import Auth
from fleet.protocol.metrics import BucketQuery
from fleet.protocol.rows import Flush
from fleet.protocol.transport import HttpRequest
from fleet.runtime import Actor, ClockSample, Context, GameClock, Props
from fleet.storage.engine import Store, open_store
from fleet.storage.namespaces import open_namespace
from fleet.storage.tables import LEDGER, REQUESTS
from fleet.supervision.breaker import BreakerSettings

WORKERS = tuple(f"/worker-{number}" for number in range(4))


class Simulator:
    """`fleet sim` on a port of its own; can be killed and started again."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.port = 0
        self.start()

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FLEET_")}
        command = [sys.executable, "-m", "fleet", "sim", "--speed", "60"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--data-dir", str(self._data_dir)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().removesuffix("/v2")
        self.port = int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)

    def end(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


class Asker(Actor[Any]):
    """Does the same acts in turn, each after the outcome of the one before."""

    def __init__(self, way: Way, acts: list[dict[str, Any]], total: int) -> None:
        self._way, self._acts, self._total = way, acts, total
        self._number = 0

    def on_start(self, ctx: Context[Any]) -> None:
        self._next(ctx)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        self._way.told(ctx.self.path, message)
        if self._number < self._total:
            self._next(ctx)

    def _next(self, ctx: Context[Any]) -> None:
        act = self._acts[self._number % len(self._acts)]
        self._number += 1
        ctx.tell(ctx.address("/bucket"), ApiRequest(number=self._number, **act))


class Way:
    """The whole way, on threads."""

    def __init__(self, stage: Any, simulator: Simulator, data_dir: Path) -> None:
        self.stage, self.simulator = stage, simulator
        self.clock: GameClock = stage.clock
        self.outcomes: list[tuple[str, Any]] = []
        self._changed = threading.Condition()
        answer = self.call("POST", "/v2/register", {"symbol": "PATH", "faction": "COSMIC"})
        self.token: str = answer["data"]["token"]
        self.contract: str = answer["data"]["contract"]["id"]
        url = f"sqlite:///{data_dir / 'fleet.sqlite'}"
        self.store: Store = open_store(url)
        namespace = open_namespace(self.store, "PATH", "2026-07-04", now=0.0)
        self._start(url, namespace.id)

    def _start(self, url: str, namespace: int) -> None:
        fitted = threading.Event()

        def fit(sample: ClockSample) -> None:
            self.clock.fit(sample)
            fitted.set()

        system = self.stage.system
        keeper = ClockSettings(fit=fit, looks=2)
        system.spawn("/clock", clock_props(self.transport, keeper))
        assert fitted.wait(30)
        writer = WriterSettings(open_store=lambda: open_store(url), namespace=namespace)
        self.writer = system.spawn("/writer", writer_props(writer))
        breaker = BreakerSettings(failures=3, reset=0.1, most=0.5)
        settings = BucketSettings(workers=WORKERS, breaker=breaker)
        self.bucket = system.spawn("/bucket", bucket_props(settings, self.clock.game))
        tokens = {Auth.AGENT: self.token}
        worker = WorkerSettings(bucket="/bucket", writer="/writer", epoch=1, token=tokens.get)
        for path in WORKERS:
            system.spawn(path, worker_props(self.transport, worker))

    def transport(self) -> HttpTransport:
        return HttpTransport(self.simulator.url, self.clock.monotonic, HttpSettings(read=3.0))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the simulator beside the bucket."""
        request = HttpRequest(
            method=method,
            path=path,
            headers={"authorization": "Bearer account", "content-type": "application/json"},
            body=None if body is None else msgspec.json.encode(body),
        )
        transport = self.transport()
        try:
            return msgspec.json.decode(transport.send(request).body)
        finally:
            transport.cancel()

    def spawn(self, name: str, total: int, *acts: dict[str, Any]) -> None:
        self.stage.system.spawn(name, Props(factory=lambda: Asker(self, list(acts), total)))

    def told(self, path: str, outcome: Any) -> None:
        with self._changed:
            self.outcomes.append((path, outcome))
            self._changed.notify_all()

    def wait_until(self, holds: Callable[[list[tuple[str, Any]]], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: holds(self.outcomes), 60)

    def numbers(self) -> Counter[tuple[str, int]]:
        return Counter((path, outcome.number) for path, outcome in self.outcomes)

    def rows(self, *columns: Any) -> list[Any]:
        assert self.writer.ask(Flush(), timeout=40) is True
        with self.store.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns))]

    @property
    def books(self) -> Any:
        return self.call("GET", "/sim/books?agent=PATH")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A simulator of its own at speed 60."""
    running = Simulator(tmp_path / "sim")
    yield running
    running.end()


@pytest.fixture
def way(threads: Any, simulator: Simulator, tmp_path: Path) -> Iterator[Way]:
    """Everything between a ship and the simulator."""
    made = Way(threads, simulator, tmp_path)
    yield made
    made.store.close()


def act(operation: str, lane: Lane = Lane.ACTION, **fields: Any) -> dict[str, Any]:
    return {"operation": operation, "lane": lane, **fields}


SHIP = {"shipSymbol": "PATH-1"}
ORBIT = act("orbit-ship", params=SHIP, ship="PATH-1", behaviour="pacing")
DOCK = act("dock-ship", params=SHIP, ship="PATH-1", behaviour="pacing")
LOOK = act("get-my-agent", Lane.BACKGROUND)


def test_every_request_is_answered_once_and_has_its_row(way: Way):
    way.spawn("/pacing", 60, ORBIT, DOCK)
    for name in ("/a", "/b", "/c", "/d", "/e"):
        way.spawn(name, 40, LOOK, act("get-my-ship", Lane.MARKET, params=SHIP))
    assert way.wait_until(lambda outcomes: len(outcomes) == 260)
    assert {type(outcome) for _, outcome in way.outcomes} == {ApiReply}
    assert set(way.numbers().values()) == {1}
    status = way.bucket.ask(BucketQuery(), timeout=30)
    assert status.outcomes.get("limited", 0) <= 26
    kept = Counter(row[0] for row in way.rows(REQUESTS.c.outcome))
    assert kept == {name: kept[name] for name in ("reply", "limited") if kept[name]}
    assert kept["reply"] == status.outcomes["reply"]


def test_the_ledger_agrees_with_the_servers_own_books(way: Way):
    before = way.books["credits"]
    accept = act("accept-contract", Lane.TRADE, params={"contractId": way.contract})
    way.spawn("/accepting", 2, accept)
    assert way.wait_until(lambda outcomes: len(outcomes) == 2)
    assert [type(outcome) for _, outcome in way.outcomes] == [ApiReply, ApiRefusal]
    [(delta, after)] = way.rows(LEDGER.c.delta, LEDGER.c.credits_after)
    assert after == way.books["credits"]
    assert delta == after - before > 0


def test_a_killed_simulator_costs_no_request(way: Way, simulator: Simulator):
    way.spawn("/pacing", 80, ORBIT, DOCK)
    for name in ("/a", "/b", "/c"):
        way.spawn(name, 80, LOOK)
    assert way.wait_until(lambda outcomes: len(outcomes) >= 60)
    simulator.kill()
    assert way.stage.events.wait_for("breaker.opened", 30)
    simulator.start()
    assert way.wait_until(lambda outcomes: len(outcomes) == 320)
    assert set(way.numbers().values()) == {1}
    assert way.stage.events.wait_for("breaker.closed", 5)
    kinds = Counter(type(outcome) for _, outcome in way.outcomes)
    # One change that was under way, and one read whose second attempt was lost as well.
    assert kinds[UnknownOutcome] <= 2
    assert kinds[ApiReply] >= 318
    assert way.bucket.ask(BucketQuery(), timeout=30).in_flight == 0
