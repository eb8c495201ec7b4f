"""Cutting streams into answers, however the network cuts them into pieces."""

import json

import pytest

from fleet.bench.crowd_play import Step
from fleet.bench.wires import Answer, HttpWire, WebSocketWire

STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: y\r\n\r\nhello"
    b"HTTP/1.1 204 No Content\r\nx: y\r\n\r\n"
    b"HTTP/1.1 404 Not Found\r\nx: y\r\ncontent-length: 2\r\n\r\n{}"
)


def framed(number, status, body):
    payload = json.dumps({"id": number, "status": status, "body": body}).encode()
    size = len(payload)
    if size < 126:
        return bytes([0x82, size]) + payload
    if size < 1 << 16:
        return bytes([0x82, 126]) + size.to_bytes(2) + payload
    return bytes([0x82, 127]) + size.to_bytes(8) + payload


def fed(wire, stream, piece):
    cut = (stream[at : at + piece] for at in range(0, len(stream), piece))
    return [answer for data in cut for answer in wire.feed(data)]


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_http_answers_are_cut_by_their_length(piece):
    assert fed(HttpWire(), STREAM, piece) == [
        Answer(0, 200, "hello"),
        Answer(0, 204, None),
        Answer(0, 404, {}),
    ]


@pytest.mark.parametrize("piece", [1, 3, 5000])
def test_websocket_answers_of_every_size_are_cut_by_their_frames(piece):
    bodies = ["a", "b" * 500, "c" * 70_000]
    stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + b"".join(
        framed(number, 200 + number, body) for number, body in enumerate(bodies)
    )
    found = fed(WebSocketWire(), stream, piece)
    assert [(row.id, row.status) for row in found] == [(0, 200), (1, 201), (2, 202)]
    assert [row.body for row in found] == bodies


def test_a_ping_between_answers_is_owed_a_pong_and_a_close_is_said():
    wire = WebSocketWire()
    ping, close = b"\x89\x0212", b"\x88\x00"
    stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + ping + framed(1, 200, "a")
    assert [(row.id, row.status) for row in fed(wire, stream, 3)] == [(1, 200)]
    assert wire.owed == b"\x8a\x82\0\0\0\x0012"
    with pytest.raises(ConnectionError, match="closed"):
        fed(wire, close, 1)


def test_a_refused_websocket_is_said():
    with pytest.raises(ConnectionError, match="did not open"):
        WebSocketWire().feed(b"HTTP/1.1 403 Forbidden\r\n\r\n")


def test_a_token_is_told_once_on_a_socket_of_ones_own_and_each_time_on_a_shared_one():
    step = Step("GET", "/v2/my/agent", token="secret")
    own, shared = WebSocketWire(), WebSocketWire()
    assert b"Bearer secret" in own.greeting("h", "secret")
    assert b"secret" not in own.frame(1, step)
    assert b"Bearer" not in shared.greeting("h", "")
    assert b"secret" in shared.frame(1, step)
    assert b"Bearer secret" in HttpWire().frame(0, step)
