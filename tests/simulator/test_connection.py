"""What one HTTP connection does with the bytes that come: at once, in order, by the protocol."""

import asyncio
import json

import pytest
from uvicorn.server import ServerState

from fleet.simulator.asgi import SimulatorApp
from fleet.simulator.clock import RunningClock
from fleet.simulator.connection import Connection
from fleet.simulator.faults.fault import parse_fault
from fleet.simulator.opening import in_memory
from fleet.simulator.service import configuration
from fleet.simulator.settings import SimSettings

CLOCK = b"GET /sim/clock HTTP/1.1\r\nhost: x\r\n\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self):
        super().__init__({"peername": ("10.0.0.1", 5), "sockname": ("10.0.0.2", 80)})
        self.sent = b""
        self.wrote = asyncio.Event()
        self.closed = False

    def write(self, data):
        self.sent += data
        self.wrote.set()

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


@pytest.fixture
def app():
    sim = in_memory(SimSettings(limits="off", systems=1), RunningClock(1_770_000_000.0))
    return SimulatorApp(sim, pytest.fail)


def talk(app, *pieces):
    """Send pieces of a stream, and tell the wire; the loop never turns."""

    async def run():
        wire, line = Wire(), Connection(configuration(app), ServerState(), {})
        line.connection_made(wire)
        for piece in pieces:
            line.data_received(piece)
        line.connection_lost(None)
        return wire

    return asyncio.run(run())


def answers(sent):
    """Cut a stream of answers apart: (status, headers, body)."""
    found = []
    while sent:
        head, _, sent = sent.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        size = int(headers.get("content-length", 0))
        found.append((int(first.split()[1]), headers, sent[:size]))
        sent = sent[size:]
    return found


def test_a_request_is_answered_before_the_loop_turns(app):
    [(status, headers, body)] = answers(talk(app, CLOCK).sent)
    assert status == 200
    assert json.loads(body)["speed"] == 1
    assert headers["content-type"].startswith("application/json")


def test_a_request_in_pieces_is_answered_when_it_is_whole(app):
    body = b'{"symbol": "PIECES", "faction": "COSMIC"}'
    head = b"POST /v2/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    whole = head + b"content-length: %d\r\n\r\n" % len(body) + body
    wire = talk(app, *(whole[at : at + 7] for at in range(0, len(whole), 7)))
    [(status, _headers, content)] = answers(wire.sent)
    assert status == 201
    assert json.loads(content)["data"]["agent"]["symbol"] == "PIECES"


def test_requests_of_one_packet_are_answered_in_order(app):
    agents = CLOCK.replace(b"/sim/clock", b"/v2/agents?limit=3")
    nowhere = CLOCK.replace(b"/sim/clock", b"/nowhere")
    found = answers(talk(app, CLOCK + nowhere + agents).sent)
    assert [row[0] for row in found] == [200, 404, 200]
    assert json.loads(found[2][2])["meta"]["limit"] == 3


def test_a_head_request_gets_the_length_and_no_body(app):
    wire = talk(app, CLOCK.replace(b"GET", b"HEAD"))
    assert wire.sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: " in wire.sent
    assert wire.sent.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "request_bytes",
    [CLOCK.replace(b"1.1", b"1.0"), CLOCK.replace(b"host: x", b"host: x\r\nconnection: close")],
)
def test_a_connection_that_is_not_to_be_kept_is_closed(app, request_bytes):
    wire = talk(app, request_bytes)
    assert wire.closed
    assert answers(wire.sent)[0][1]["connection"] == "close"


def test_a_client_that_asks_whether_to_go_on_is_told_to(app):
    head = (
        b"POST /sim/step HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 14\r\n\r\n"
    )
    wire = talk(app, head)
    assert wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_body_beyond_the_limit_is_refused(app):
    size = 3 << 20
    head = b"POST /v2/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    whole = head + b"content-length: %d\r\n\r\n" % size + b" " * size
    [(status, _headers, body)] = answers(talk(app, whole).sent)
    assert status in (400, 422)
    assert "error" in json.loads(body)


def test_what_is_no_http_gets_a_400(app):
    wire = talk(app, b"\x16\x03\x01 hello\r\n\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 400 ")
    assert wire.closed


def test_requests_behind_one_that_a_fault_delays_wait_for_it(app):
    sim = app._simulator
    sim.faults.arm(*parse_fault("latency:request=1,count=1"), sim.clock.now())
    late = CLOCK.replace(b"/sim/clock", b"/v2/agents?limit=7")

    async def run():
        wire, line = Wire(), Connection(configuration(app), ServerState(), {})
        line.connection_made(wire)
        line.data_received(late)
        sim.faults.clear()
        line.data_received(CLOCK)
        assert wire.sent == b""
        await asyncio.gather(*line.tasks)
        await asyncio.gather(*line.tasks)
        line.connection_lost(None)
        return wire

    found = answers(asyncio.run(run()).sent)
    assert json.loads(found[0][2])["meta"]["limit"] == 7
    assert "speed" in json.loads(found[1][2])


def test_a_bug_is_a_500_and_the_connection_lives_on(app, monkeypatch):
    broken = [True]
    usual = app.answer

    def answer(*what):
        if broken.pop():
            broken.append(False)
            raise ZeroDivisionError
        return usual(*what)

    monkeypatch.setattr(app, "answer", answer)
    assert [row[0] for row in answers(talk(app, CLOCK + CLOCK).sent)] == [500, 200]
