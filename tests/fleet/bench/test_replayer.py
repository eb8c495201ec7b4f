"""What replays written-down requests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fleet.bench.crowd_play import Step
from fleet.bench.replayer import replay, whole

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n\r\n\r\nabc"
STEPS = [Step("GET", "/a"), Step("POST", "/b", 201, b"{}")]


@contextmanager
def answering(answers: Callable[[bytes], list[bytes]]) -> Iterator[tuple[str, int]]:
    """Serve one connection; each request is answered in pieces."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listening.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with peer:
            while request := peer.recv(1 << 16):
                pieces = answers(request)
                for piece in pieces:
                    peer.sendall(piece)
                if not pieces:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listening:
        yield listening.getsockname()
    thread.join(30)


def test_all_requests_are_sent_in_order_and_answers_in_pieces_are_put_together() -> None:
    asked = []

    def answers(request: bytes) -> list[bytes]:
        asked.append(request.split(b" HTTP")[0])
        status = b"201" if request.startswith(b"POST") else b"200"
        text = ANSWER.replace(b"200", status)
        return [text[:5], text[5:40], text[40:]]

    with answering(answers) as address:
        count = replay(address, [STEPS], 5)
    assert asked == [b"GET /a", b"POST /b", b"GET /a", b"POST /b", b"GET /a"]
    assert (count.requests, count.wrong) == (5, [])
    assert count.cpu > 0


def test_a_status_that_was_not_expected_is_told_with_its_request() -> None:
    with answering(lambda _: [ANSWER]) as address:
        count = replay(address, [STEPS], 2)
    (wrong,) = count.wrong
    assert wrong.startswith("POST /b: HTTP/1.1 200 OK")


def test_a_server_that_hangs_up_is_said() -> None:
    with answering(lambda _: []) as address, pytest.raises(ConnectionError, match="hung up"):
        replay(address, [STEPS], 2)


@pytest.mark.parametrize("cut", [0, 9, 20, len(ANSWER) - 1])
def test_an_answer_is_whole_with_its_last_byte(cut: int) -> None:
    assert not whole(ANSWER[:cut])
    assert whole(ANSWER)
