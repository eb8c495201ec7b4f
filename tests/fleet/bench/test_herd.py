"""Bots over sockets: who gets which answer, and what they say of wrong ones."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fleet.bench.crowd_play import Step
from fleet.bench.herd import Herd
from fleet.bench.wires import HttpWire, WebSocketWire, cut

OPENED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
PLAYS = [[Step("GET", f"/{name}"), Step("GET", f"/{name}/next")] for name in "ab"]


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[tuple[str, int]]:
    """Serve two connections at most, each in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[peer], daemon=True).start()

    def serve(peer: socket.socket) -> None:
        with peer:
            talk(peer)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listening.getsockname()
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(30)


def answered(peer: socket.socket, answer: bytes = FINE) -> None:
    while peer.recv(1 << 16):
        peer.sendall(answer)


def calls(data: bytes) -> list[dict[str, object]]:
    """Read the short messages of bots; their masks are zeros."""
    found, at = [], 0
    while at < len(data):
        end = at + 6 + (data[at + 1] & 0x7F)
        found.append(json.loads(data[at + 6 : end]))
        at = end
    return found


def test_each_bot_goes_its_round_and_every_answer_is_counted() -> None:
    with serving(answered) as address:
        herd = Herd(address, PLAYS, HttpWire)
        counts = [herd.run(3), herd.run(2)]
        herd.close()
    assert [(row.requests, len(row.latencies), row.wrong) for row in counts] == [
        (6, 6, []),
        (4, 4, []),
    ]
    assert all(row.rate > 0 for row in counts)


def test_answers_on_a_shared_socket_go_to_the_bots_of_their_ids_in_whatever_order() -> None:
    heard: list[tuple[object, object]] = []

    def talk(peer: socket.socket) -> None:
        peer.recv(1 << 16)
        peer.sendall(OPENED)
        asked: list[dict[str, object]] = []
        while data := peer.recv(1 << 16):
            asked += calls(data)
            if len(asked) == 2:
                heard.extend((row["id"], row["path"]) for row in asked)
                peer.sendall(b"".join(frame(row["id"]) for row in reversed(asked)))
                asked = []

    with serving(talk) as address:
        herd = Herd(address, PLAYS, WebSocketWire, shared=True)
        count = herd.run(2)
        herd.close()
    assert (count.requests, count.wrong) == (4, [])
    assert sorted(heard) == [(0, "/a"), (0, "/a/next"), (1, "/b"), (1, "/b/next")]


def frame(number: object, status: int = 200) -> bytes:
    payload = json.dumps({"id": number, "status": status, "headers": {}, "body": {}}).encode()
    return bytes([0x82, len(payload)]) + payload


def test_a_status_that_was_not_expected_is_told_with_its_request() -> None:
    text = b"HTTP/1.1 500 Oh\r\ncontent-length: 5\r\n\r\nsorry"
    with serving(lambda peer: answered(peer, text)) as address:
        herd = Herd(address, PLAYS[:1], HttpWire)
        count = herd.run(1)
        herd.close()
    assert count.wrong == ["GET /a: 500 sorry"]


def test_a_simulator_that_hangs_up_is_said() -> None:
    with serving(lambda peer: peer.recv(1) and None) as address:
        herd = Herd(address, PLAYS[:1], HttpWire)
        with pytest.raises(ConnectionError):
            herd.run(1)
        herd.close()


def test_a_frame_is_whole_with_its_last_byte() -> None:
    whole = frame(7)
    assert cut(whole, 0) == (2, len(whole))
    assert all(cut(whole[:short], 0) is None for short in range(len(whole)))
