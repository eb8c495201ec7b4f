"""A worker with a scripted transport, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from fleet.actors.api_worker import WorkerSettings, worker_props
from fleet.actors.worker_messages import Order, Report, WorkerReport
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Finished, Lane, Send, WorkerReady
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import Auth
from fleet.protocol.errors import TransportError
from fleet.protocol.rows import Rows
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.protocol.wire.agent import Account, AccountShown
from fleet.protocol.wire.novelty import Novelty
from fleet.runtime import Envelope, Future

WAYPOINT = "X1-A-B2"
SOLD = {
    "agent": {"symbol": "A", "headquarters": "X1-A-A1", "credits": 1120},
    "cargo": {"capacity": 40, "units": 0, "inventory": []},
    "transaction": {
        "waypointSymbol": WAYPOINT,
        "shipSymbol": "A-1",
        "tradeSymbol": "IRON_ORE",
        "type": "SELL",
        "units": 3,
        "pricePerUnit": 40,
        "totalPrice": 120,
        "timestamp": "2026-07-04T13:00:00.000Z",
    },
}


@dataclass
class Script:
    """A transport that answers what it is told to."""

    answers: list[HttpResponse | TransportError | RuntimeError]
    seen: list[HttpRequest] = field(default_factory=list)
    cancelled: int = 0

    def send(self, request: HttpRequest) -> HttpResponse:
        if request.ready is not None:
            request.ready()
        self.seen.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self) -> None:
        self.cancelled += 1


def ok(data: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, body=msgspec.json.encode({"data": data}))


class Bench:
    """One worker between a bucket and a writer that write down what they are told."""

    def __init__(self, stage: Any, *answers: Any, writer: str = "/writer") -> None:
        self.stage, self.script = stage, Script(list(answers))
        self.bucket = stage.spawn("/bucket")
        stage.spawn(writer)
        self.tokens = {Auth.AGENT: "agent-token", Auth.ACCOUNT: "account-token"}
        self.waited: list[GameTime] = []
        self.waits: Callable[[GameTime], None] = self.waited.append
        settings = WorkerSettings(
            bucket="/bucket",
            writer=writer,
            epoch=7,
            token=lambda kind: self.tokens.get(kind),
            wait_until=self._wait_until,
            tokens={"B": "token-of-b"},
            refused=stage.notes,
            novelties=lambda operation, _: [Novelty(operation, "mood")],
        )
        self.worker = stage.system.spawn("/worker", worker_props(lambda: self.script, settings))
        stage.run()

    def _wait_until(self, moment: GameTime) -> None:
        assert self.script.seen == []
        self.waits(moment)

    def order(
        self,
        operation: str,
        *,
        incarnation: int | None = None,
        at: GameTime | None = None,
        **fields: Any,
    ) -> Any:
        """Give an order as the bucket; tell what the bucket is told."""
        request = ApiRequest(number=1, operation=operation, lane=Lane.TRADE, **fields)
        now = GameTime(self.stage.clock.now - 2.0)
        live = self.stage.cell(self.worker).number if incarnation is None else incarnation
        order = Order(Send(99, request, now), live, at)
        self.post(order, 1)
        self.stage.run()
        return self.notes(Finished)

    def post(self, message: Any, incarnation: int) -> None:
        """Tell the worker something as an incarnation of the bucket."""
        system = self.stage.system
        envelope = Envelope(message, system.next_id(), self.bucket, incarnation)
        system.post(self.worker.path, envelope)

    def notes(self, kind: type) -> list[Any]:
        return [note for note in self.stage.notes.all if isinstance(note, kind)]

    @property
    def rows(self) -> list[Any]:
        return [row for rows in self.notes(Rows) for row in rows.rows]


def test_a_worker_says_that_it_is_ready(virtual: Any):
    assert Bench(virtual).notes(WorkerReady) == [WorkerReady()]


def test_a_request_is_built_from_the_endpoint_table(virtual: Any):
    bench = Bench(virtual, ok(SOLD, 201))
    bench.order(
        "sell-cargo",
        params={"shipSymbol": "A-1"},
        body={"symbol": "IRON_ORE", "units": 3},
        ship="A-1",
    )
    [seen] = bench.script.seen
    assert (seen.method, seen.path) == ("POST", "/v2/my/ships/A-1/sell")
    assert seen.headers["authorization"] == "Bearer agent-token"
    assert seen.headers["content-type"] == "application/json"
    assert msgspec.json.decode(seen.body or b"") == {"symbol": "IRON_ORE", "units": 3}


def test_without_a_body_no_content_type_is_sent(virtual: Any):
    bench = Bench(virtual, HttpResponse(status=500))
    bench.order("dock-ship", params={"shipSymbol": "A-1"})
    [seen] = bench.script.seen
    assert seen.body is None
    assert "content-type" not in seen.headers


def test_registering_uses_the_token_of_the_account(virtual: Any):
    bench = Bench(virtual, HttpResponse(status=500))
    bench.order("register", body={"symbol": "A"})
    assert bench.script.seen[0].headers["authorization"] == "Bearer account-token"


def test_a_further_agents_request_has_its_token_and_its_rows_go_to_its_writer(virtual: Any):
    answers = [ok({"account": {"id": "a"}})] * 2
    bench = Bench(virtual, *answers, writer="/fleet/writer")
    heard: list[Any] = []
    path = "/fleet/agents/B/writer"
    virtual.spawn(path, receive=lambda _, message: heard.append(message))
    bench.order("get-my-account", agent="B")
    assert bench.script.seen[0].headers["authorization"] == "Bearer token-of-b"
    assert [type(message) for message in heard] == [Rows]
    bench.order("get-my-account")
    assert bench.script.seen[1].headers["authorization"] == "Bearer agent-token"
    assert len(heard) == 1


def test_a_token_that_is_refused_for_good_is_told(virtual: Any):
    told = {"error": {"code": 4113, "message": "reset_date"}}
    bench = Bench(virtual, HttpResponse(status=401, body=msgspec.json.encode(told)))
    [finished] = bench.order("get-my-agent")
    assert finished.disposition == "fatal"
    assert bench.notes(ApiRefusal) == [finished.outcome]


def test_what_is_new_in_a_reply_is_logged(virtual: Any):
    bench = Bench(virtual, ok({"account": {"id": "a"}}), HttpResponse(status=500))
    bench.order("get-my-account")
    bench.order("get-my-agent")
    [record] = virtual.events.records("reply.outgrown")
    assert record["text"].startswith("get-my-account answers with the field get-my-account.mood")


def test_without_a_token_none_is_sent(virtual: Any):
    bench = Bench(virtual, HttpResponse(status=500))
    bench.tokens.clear()
    bench.order("get-status")
    assert "authorization" not in bench.script.seen[0].headers


def test_money_reaches_the_writer_before_the_answer_reaches_the_bucket(virtual: Any):
    bench = Bench(virtual, ok(SOLD, 201))
    [finished] = bench.order(
        "sell-cargo", params={"shipSymbol": "A-1"}, ship="A-1", behaviour="trader"
    )
    notes = [note for note in virtual.notes.all if not isinstance(note, WorkerReady)]
    assert isinstance(notes[0], Rows)
    assert notes[1] is finished
    assert finished.disposition == "reply"
    assert finished.outcome.data.agent.credits == 1120
    rows = {row.table: row for row in bench.rows}
    assert rows.keys() == {"requests", "ledger", "transactions", "events"}
    assert len({row.id for row in bench.rows}) == 1
    assert rows["ledger"].id.startswith("7-")
    ledger = rows["ledger"].values
    assert (ledger["delta"], ledger["credits_after"], ledger["units"]) == (120, 1120, 3)
    assert (ledger["good"], ledger["behaviour"]) == ("IRON_ORE", "trader")
    asked = rows["requests"].values
    assert (asked["delta"], asked["outcome"], asked["wait"]) == (120, "reply", 2.0)


def test_each_attempt_has_a_row_of_its_own(virtual: Any):
    bench = Bench(virtual, HttpResponse(status=429), ok({"account": {"id": "a"}}))
    bench.order("get-my-account")
    bench.order("get-my-account")
    assert [row.values["outcome"] for row in bench.rows] == ["limited", "reply"]
    assert len({row.id for row in bench.rows}) == 2


def test_what_never_left_has_no_row(virtual: Any):
    bench = Bench(virtual, TransportError("refused", sent=False))
    [finished] = bench.order("dock-ship", params={"shipSymbol": "A-1"})
    assert finished.disposition == "unsent"
    assert bench.rows == []


def test_what_got_no_answer_has_a_row(virtual: Any):
    bench = Bench(virtual, TransportError("reset", sent=True))
    [finished] = bench.order("dock-ship", params={"shipSymbol": "A-1"})
    assert (finished.disposition, finished.reason) == ("unknown", "reset")
    assert bench.rows[0].values["outcome"] == "unknown"
    assert bench.rows[0].values["status"] is None


def test_a_missing_parameter_is_a_refusal_and_nothing_is_sent(virtual: Any):
    bench = Bench(virtual)
    [finished] = bench.order("dock-ship")
    assert isinstance(finished.outcome, ApiRefusal)
    assert "shipSymbol" in finished.outcome.message
    assert bench.script.seen == []


def test_an_order_for_an_earlier_life_is_left_alone(virtual: Any):
    bench = Bench(virtual, ok({}))
    live = virtual.cell(bench.worker).number
    assert bench.order("get-my-account", incarnation=live - 1) == []
    assert bench.script.seen == []


def test_an_order_of_a_replaced_bucket_is_left_alone(virtual: Any):
    bench = Bench(virtual, ok({}))
    bench.post(Report(), 5)
    virtual.run()
    assert bench.order("get-my-account") == []
    assert bench.script.seen == []


def test_an_order_given_out_ahead_of_its_time_is_waited_for(virtual: Any):
    bench = Bench(virtual, ok({}), ok({}))
    bench.order("get-my-account", at=GameTime(123.0))
    bench.script.seen.clear()
    bench.order("get-my-account")
    assert bench.waited == [123.0]


def test_what_was_waited_for_is_no_part_of_the_requests_duration(virtual: Any):
    bench = Bench(virtual, ok(SOLD, 201))

    def passes(_: GameTime) -> None:
        virtual.clock.now += 7.0

    bench.waits = passes
    began = virtual.clock.now
    bench.order("sell-cargo", params={"shipSymbol": "A-1"}, at=GameTime(began + 7.0))
    [request] = [row for row in bench.rows if row.table == "requests"]
    assert request.values["sent_at"] == began + 7.0
    assert request.values["duration"] == 0.0


def test_a_report_tells_the_last_result(virtual: Any):
    bench = Bench(virtual, ok({"account": {"id": "a"}}))
    [finished] = bench.order("get-my-account")
    answer: Future[WorkerReport] = Future()
    virtual.system.post("/worker", Envelope(Report(), virtual.system.next_id(), future=answer))
    virtual.run()
    assert answer.get(0).last == finished
    shown = AccountShown(account=Account(id="a"))
    assert finished.outcome == ApiReply(1, "get-my-account", shown)


def test_a_crashed_worker_cuts_its_connection_and_reports_again(virtual: Any):
    bench = Bench(virtual, RuntimeError("bug"))
    assert bench.order("get-my-account") == []
    assert bench.script.cancelled == 1
    assert len(bench.notes(WorkerReady)) == 2


@pytest.mark.parametrize("status", [200, 404, 429, 500, 503])
def test_every_answer_is_told_with_its_headers(virtual: Any, status: int):
    headers = {"x-ratelimit-remaining": "1", "x-ratelimit-reset": "2026-07-04T13:00:00.250Z"}
    bench = Bench(virtual, HttpResponse(status=status, headers=headers, body=b'{"data": {}}'))
    [finished] = bench.order("get-my-account")
    assert finished.envelope == 99
    assert finished.limits.remaining == 1
    assert finished.limits.reset == 1783170000.25
