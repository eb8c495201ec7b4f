"""The same operations over a websocket, told apart by their ids."""

import asyncio
import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from websockets.sync.client import connect

from fleet.simulator.asgi import SimulatorApp
from fleet.simulator.clock import RunningClock, VirtualClock
from fleet.simulator.opening import in_memory
from fleet.simulator.settings import SimSettings

SCOPE = {"type": "websocket", "path": "/sim/socket", "client": ("10.0.0.1", 5), "headers": []}


class Talk:
    """A websocket straight into the application; messages out of the app in `sent`."""

    def __init__(self, sim):
        self.sim = sim
        self.faults = []

    def exchange(self, *messages, scope=SCOPE, answers=None):
        """Send messages and leave when so many answers have come."""
        return asyncio.run(self._exchange(messages, scope, answers))

    async def _exchange(self, messages, scope, answers):
        inbox, sent, enough = asyncio.Queue(), [], asyncio.Event()
        wanted = len(messages) if answers is None else answers
        for event in ({"type": "websocket.connect"}, *map(received, messages)):
            inbox.put_nowait(event)

        async def send(event):
            sent.append(event)
            if sum(row["type"] in ("websocket.send", "websocket.close") for row in sent) >= wanted:
                enough.set()

        app = asyncio.ensure_future(
            SimulatorApp(self.sim, self.faults.append)(scope, inbox.get, send)
        )
        await asyncio.wait_for(enough.wait(), 10)
        inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await app
        return sent

    def call(self, *messages, answers=None):
        sent = self.exchange(*messages, answers=answers)
        return [json.loads(row.get("text") or row["bytes"]) for row in sent[1:]]


def received(message):
    if isinstance(message, bytes):
        return {"type": "websocket.receive", "bytes": message}
    text = message if isinstance(message, str) else json.dumps(message)
    return {"type": "websocket.receive", "text": text}


@pytest.fixture
def talk():
    return Talk(in_memory(SimSettings(limits="off", scenario="crowd"), RunningClock(1.77e9, 60.0)))


def tokens(talk):
    return talk.call({"id": 0, "method": "GET", "path": "/sim/tokens"})[0]["body"]["tokens"]


def test_answers_bear_the_ids_of_their_requests(talk):
    mine = tokens(talk)
    asked = [
        {"id": f"call {symbol}", "method": "GET", "path": "/v2/my/agent", "token": token}
        for symbol, token in mine.items()
    ]
    told = {row["id"]: row["body"]["data"]["symbol"] for row in talk.call(*asked)}
    assert told == {f"call {symbol}": symbol for symbol in mine}


def test_bodies_queries_and_refusals_travel_too(talk):
    token = tokens(talk)["CROWD-1"]
    ship = "/v2/my/ships/CROWD-1-1"
    calls = [
        {"id": 1, "method": "GET", "path": "/v2/my/ships?limit=1&page=2", "token": token},
        {
            "id": 2,
            "method": "PATCH",
            "path": f"{ship}/nav",
            "token": token,
            "body": {"flightMode": "BURN"},
        },
        {"id": 3, "method": "POST", "path": f"{ship}/survey", "token": token},
        {"id": 4, "method": "GET", "path": f"{ship}/cooldown", "token": token},
    ]
    page, mode, refusal, none = talk.call(*calls)
    assert [row["symbol"] for row in page["body"]["data"]] == ["CROWD-1-2"]
    assert mode["body"]["data"]["nav"]["flightMode"] == "BURN"
    assert (refusal["status"], refusal["body"]["error"]["code"]) == (400, 4223)
    assert (none["status"], none["body"]) == (204, None)
    assert float(page["headers"]["x-sim-time"]) >= 1.77e9


def test_headers_that_tell_what_a_body_does_not_come_along_and_no_others():
    limited = Talk(in_memory(SimSettings(), VirtualClock(1.77e9)))
    asked = [{"id": number, "method": "GET", "path": "/v2/factions"} for number in range(40)]
    answers = limited.call(*asked)
    passed = next(row["headers"] for row in answers if row["status"] == 200)
    limits = {"type", "limit-burst", "limit-per-second", "remaining", "reset"}
    told = {f"x-ratelimit-{name}" for name in limits} | {"date", "x-sim-time"}
    assert set(passed) == told
    refused = next(row["headers"] for row in answers if row["status"] == 429)
    assert set(refused) == told | {"retry-after"}


def test_a_message_that_is_no_request_is_answered_and_the_next_one_too(talk):
    good = {"id": 9, "method": "GET", "path": "/v2/"}
    bad = ["nonsense", b"\xff\xfe", "[]", '{"id": 1}', '{"id": {}, "method": "GET", "path": "/"}']
    *refused, last = talk.call(*bad, good)
    assert [row["status"] for row in refused] == [400] * len(bad)
    assert "Send an object" in refused[0]["body"]["error"]["message"]
    assert (last["id"], last["status"]) == (9, 200)


def test_answers_come_in_the_kind_of_their_requests(talk):
    ask = json.dumps({"id": 1, "method": "GET", "path": "/v2/"})
    sent = talk.exchange(ask, ask.encode())
    assert ["text" in row for row in sent[1:]] == [True, False]


def test_one_that_a_fault_delays_is_overtaken(talk):
    slow = {"id": 1, "method": "GET", "path": "/v2/"}
    arm = {
        "id": 0,
        "method": "POST",
        "path": "/sim/faults",
        "body": {"fault": "latency:request=20000,reply=0,op=get-status"},
    }
    armed = talk.call(arm)[0]
    assert armed["status"] == 200, armed
    told = talk.call(slow, {"id": 2, "method": "GET", "path": "/v2/factions"})
    assert [row["id"] for row in told] == [2, 1]


def test_the_token_of_the_handshake_holds_where_a_message_has_none(talk):
    one, other = list(tokens(talk).values())[:2]
    ask = {"id": 1, "method": "GET", "path": "/v2/my/agent"}
    scope = SCOPE | {"headers": [(b"authorization", f"Bearer {one}".encode())]}
    told = talk.exchange(ask, ask | {"token": other}, scope=scope)[1:]
    names = [json.loads(row["text"])["body"]["data"]["symbol"] for row in told]
    assert names == ["CROWD-1", "CROWD-2"]


def test_other_paths_have_no_websocket(talk):
    sent = talk.exchange("", scope=SCOPE | {"path": "/v2/nothing"}, answers=1)
    assert sent == [{"type": "websocket.close", "code": 4404}]


@contextmanager
def serving(folder):
    command = [sys.executable, "-m", "fleet", "sim", "--port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(
        [*command, "--scenario", "crowd", "--limits", "off"], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().strip().removesuffix("/v2").replace("http", "ws")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def test_a_hundred_bots_may_share_one_real_socket(tmp_path):
    with serving(tmp_path / "world") as url, connect(f"{url}/sim/socket") as peer:
        peer.send(json.dumps({"id": 0, "method": "GET", "path": "/sim/tokens"}))
        held = json.loads(peer.recv(10))["body"]["tokens"]
        for number, token in enumerate(held.values()):
            ask = {"id": number, "method": "GET", "path": "/v2/my/agent", "token": token}
            peer.send(json.dumps(ask).encode())
        told = [json.loads(peer.recv(10)) for _ in held]
    names = list(held)
    assert {row["id"]: row["body"]["data"]["symbol"] for row in told} == dict(enumerate(names))
