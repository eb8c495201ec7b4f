"""What one websocket connection does with frames: whole, halved, fragmented, wrong."""

import asyncio
import json
import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from fleet.simulator.asgi import SimulatorApp
from fleet.simulator.clock import RunningClock
from fleet.simulator.faults.fault import parse_fault
from fleet.simulator.opening import in_memory
from fleet.simulator.service import configuration
from fleet.simulator.settings import SimSettings
from fleet.simulator.socket_connection import SocketConnection, cut, head
from tests.simulator.test_connection import Wire

HELLO = (
    b"GET /sim/socket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
MASK = b"\x01\x02\x03\x04"


def frame(payload, first=0x82, mask=MASK):
    """Write a frame as a client does."""
    size = len(payload)
    if size < 126:
        lead = struct.pack("!BB", first, 0x80 | size)
    elif size < 1 << 16:
        lead = struct.pack("!BBH", first, 0xFE, size)
    else:
        lead = struct.pack("!BBQ", first, 0xFF, size)
    return lead + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def call(number, path="/sim/clock"):
    return json.dumps({"id": number, "method": "GET", "path": path}).encode()


@pytest.fixture(scope="module")
def app():
    sim = in_memory(SimSettings(limits="off", systems=1), RunningClock(1_770_000_000.0))
    return SimulatorApp(sim, pytest.fail)


def talk(app, *pieces, answers):
    """Send pieces of a stream after the handshake until so many frames have come back."""

    async def run():
        wire = Wire()
        line = SocketConnection(configuration(app), ServerState(), {})
        line.connection_made(wire)
        line.data_received(HELLO)
        await wire.wrote.wait()
        wire.sent = b""
        for piece in pieces:
            line.data_received(piece)
        async with asyncio.timeout(5):
            while len(frames(wire.sent)) < answers:
                wire.wrote.clear()
                await wire.wrote.wait()
        line.connection_lost(None)
        return wire

    return frames(asyncio.run(run()).sent)


def frames(sent):
    """Cut a server's frames apart: (opcode, payload)."""
    found = []
    while len(sent) >= 2:
        size, start = sent[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(sent[2:start])
        found.append((sent[0] & 15, sent[start : start + size]))
        sent = sent[start + size :]
    return found


def ids(found):
    return [json.loads(payload)["id"] for _opcode, payload in found]


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 400), max_size=6))
def test_messages_are_answered_in_order_however_the_stream_is_cut(app, cuts):
    stream = b"".join(frame(call(number)) for number in range(4))
    at = [0, *sorted(row for row in cuts if row < len(stream)), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(at)]
    assert ids(talk(app, *pieces, answers=4)) == [0, 1, 2, 3]


def test_text_is_answered_by_text_and_binary_by_binary(app):
    found = talk(app, frame(call(1), first=0x81), frame(call(2)), answers=2)
    assert [row[0] for row in found] == [1, 2]


def test_fragments_and_pings_between_messages_keep_their_order(app):
    message = call(2)
    stream = frame(call(1)) + frame(message[:9], first=0x02) + frame(b"ping", first=0x89)
    stream += frame(message[9:], first=0x80) + frame(call(3))
    found = talk(app, stream, answers=4)
    assert [row[0] for row in found] == [2, 10, 2, 2]
    assert ids(row for row in found if row[0] == 2) == [1, 2, 3]


def test_a_long_message_and_a_long_answer_come_whole(app):
    padded = call(1, "/v2/systems") + b" " * 70_000
    found = talk(app, frame(padded), answers=1)
    assert json.loads(found[0][1])["status"] == 200
    assert len(found[0][1]) > 126


def test_a_message_beyond_the_limit_of_the_server_closes_the_socket(app):
    found = talk(app, frame(call(1)), struct.pack("!BBQ", 0x82, 0xFF, 17 << 20), answers=2)
    assert ids(found[:1]) == [1]
    assert (found[1][0], int.from_bytes(found[1][1][:2])) == (8, 1009)


def test_a_frame_without_a_mask_closes_the_socket(app):
    found = talk(app, frame(call(1)), b"\x82\x02{}", answers=2)
    assert (found[1][0], int.from_bytes(found[1][1][:2])) == (8, 1002)


def test_nonsense_is_answered_with_what_a_message_should_look_like(app):
    found = talk(app, frame(b"[]"), frame(call(7)), answers=2)
    assert json.loads(found[0][1])["status"] == 400
    assert ids(found[1:]) == [7]


def test_faults_take_the_long_way(app):
    sim = app._simulator
    sim.faults.arm(*parse_fault("status-503:count=1"), sim.clock.now())
    found = talk(app, frame(call(1, "/v2/agents")), frame(call(2)), answers=2)
    assert {json.loads(row[1])["id"]: json.loads(row[1])["status"] for row in found} == {
        1: 503,
        2: 200,
    }


@given(size=st.integers(0, 200_000))
@settings(max_examples=30)
def test_heads_are_found_again(size):
    lead = head(2, size)
    masked = bytes([lead[0], lead[1] | 0x80]) + lead[2:]
    piece = cut(masked, 0)
    assert piece == (len(masked), len(masked) + 4 + size)
    assert all(cut(masked[:short], 0) is None for short in range(len(masked)))
