"""A ship, the bucket and two workers against a simulator whose faults are armed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from fleet.actors.api_worker import WorkerSettings, worker_props
from fleet.actors.behaviours import Behaviours
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.request_bucket import bucket_props
from fleet.actors.ship import ship_props
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps
from fleet.first_reading import FirstReader
from fleet.http_transport import HttpSettings, HttpTransport
from fleet.novelties import Novelties
from fleet.protocol.endpoints import Auth
from fleet.protocol.fleet import BOOK, BUCKET, CONDUCTOR, TREASURY, WRITER, Assign, Ready
from fleet.protocol.rows import Recall
from fleet.protocol.tasks import Park
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.runtime import ClockSample
from fleet.runtime.clocks import SystemClock
from fleet.supervision.breaker import BreakerSettings

WORKERS = ("/worker-1", "/worker-2")
PATIENCE = 30.0


class Front:
    """A server of our own before the simulator's; its answers to chosen requests are scripted."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self.script: list[tuple[str, int, Any]] = []
        """Ends of paths, with the status and JSON that the next request of each gets."""

        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                front.answer(self)

            def do_POST(self) -> None:
                front.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        """Answer by the script, or as the simulator does."""
        body = asked.rfile.read(int(asked.headers.get("content-length", 0))) or None
        for row in self.script:
            if asked.path.endswith(row[0]):
                self.script.remove(row)
                self._send(asked, row[1], msgspec.json.encode(row[2]))
                return
        kept = ("authorization", "content-type")
        headers = {name: asked.headers[name] for name in kept if name in asked.headers}
        request = HttpRequest(method=asked.command, path=asked.path, headers=headers, body=body)
        transport = HttpTransport(self._behind, SystemClock().monotonic)
        reply = transport.send(request)
        transport.cancel()
        self._send(asked, reply.status, reply.body)

    def _send(self, asked: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        asked.send_response(status)
        asked.send_header("content-length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


class Line:
    """What went over the line, in order."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.told: list[Any] = []
        self._changed = threading.Condition()

    def send(self, transport: HttpTransport, request: HttpRequest) -> HttpResponse:
        with self._changed:
            self.sent.append(f"{request.method} {request.path.rpartition('/')[2]}")
        return transport.send(request)

    def tell(self, what: Any) -> None:
        with self._changed:
            self.told.append(what)
            self._changed.notify_all()

    def until(self, wanted: Any) -> None:
        with self._changed:
            found = self._changed.wait_for(lambda: wanted in self.told, PATIENCE)
            assert found, (wanted, self.told, self.sent)


class Tapped:
    """A transport whose requests are noted."""

    def __init__(self, line: Line, inner: HttpTransport) -> None:
        self._line, self._inner = line, inner

    def send(self, request: HttpRequest) -> HttpResponse:
        return self._line.send(self._inner, request)

    def cancel(self) -> None:
        self._inner.cancel()


class Port:
    """A new agent whose command ship runs a script of the test's."""

    def __init__(self, stage: Any, url: str, name: str) -> None:
        self.stage, self.url, self.line = stage, url, Line()
        self.read = 10.0
        """Wall seconds that a worker waits for an answer; a busy machine takes its time."""

        self._side = self._transport()
        self.token = self.ask("/v2/register", {"symbol": name, "faction": "COSMIC"})["data"][
            "token"
        ]
        self.ship = FirstReader(self._side, self.token).read().ships[0]
        self._fit()

    def _transport(self) -> HttpTransport:
        return HttpTransport(self.url, self.stage.clock.monotonic, HttpSettings(read=self.read))

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        """Ask the simulator beside the bucket."""
        headers = {"authorization": "Bearer account", "content-type": "application/json"}
        request = HttpRequest(
            method=method or ("GET" if body is None else "POST"),
            path=path,
            headers=headers,
            body=None if body is None else msgspec.json.encode(body),
        )
        return msgspec.json.decode(self._side.send(request).body)

    def _fit(self) -> None:
        asked = self.stage.clock.monotonic()
        told = self.ask("/sim/clock")
        sample = ClockSample(
            asked, self.stage.clock.monotonic(), told["game"], told["speed"], told["paused"]
        )
        self.stage.clock.fit(sample)

    def arm(self, fault: str) -> None:
        """Arm a fault for this agent alone."""
        if fault.startswith("half-open"):
            self.read = 1.0
        text = f"{fault}{',' if ':' in fault else ':'}agent={self.ship.symbol.rpartition('-')[0]}"
        assert "error" not in self.ask("/sim/faults", {"fault": text})

    def run(self, script: Callable[[ShipState, Any], Steps]) -> None:
        """Start everything, and the script as the ship's only task."""
        system, clock, line = self.stage.system, self.stage.clock, self.line
        task = Park(reason="test")

        def receive(ctx: Any, message: Any) -> None:
            match message:
                case Recall():
                    ctx.reply(None)
                case Ready(outcome=""):
                    ctx.tell(ctx.sender, Assign(task))
                case Ready(outcome=outcome):
                    line.tell(outcome)

        for path in (WRITER, CONDUCTOR, TREASURY, BOOK):
            self.stage.spawn(path, receive=receive)
        breaker = BreakerSettings(failures=50, reset=0.1, most=0.5)
        bucket = BucketSettings(workers=WORKERS, breaker=breaker)
        system.spawn(BUCKET, bucket_props(bucket, clock.game))
        tokens = {Auth.AGENT: self.token}
        worker = WorkerSettings(
            bucket=BUCKET,
            writer=WRITER,
            epoch=1,
            token=tokens.get,
            novelties=Novelties().look,
            refused=lambda refusal: line.tell(("refused", refusal.code)),
        )
        for path in WORKERS:
            system.spawn(path, worker_props(lambda: Tapped(line, self._transport()), worker))
        behaviours = Behaviours({"park": script})
        path = f"/fleet/ships/{self.ship.symbol}"
        system.spawn(path, ship_props(self.ship.symbol, self.ship, behaviours=behaviours))
