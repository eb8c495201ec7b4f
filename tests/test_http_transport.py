"""The transport against servers that misbehave in every way that a network knows."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from fleet.http_transport import HttpSettings, HttpTransport
from fleet.protocol.clock import Monotonic
from fleet.protocol.errors import TransportError, UsageError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.runtime import SystemClock

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: Yes\r\n\r\n{}"
GET = HttpRequest(method="GET", path="/v2/my/agent")

Conversation = Callable[[socket.socket], None]


class Server:
    """A raw TCP server; each connection is handled by the conversation of the moment."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.talk: Conversation = answer(OK)
        self.connections = 0
        self.seen: list[bytes] = []
        self.got = threading.Event()
        """Set when a request has come in."""

        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while request := read_request(connection):
                self.seen.append(request)
                self.got.set()
                self.talk(connection)

    def close(self) -> None:
        end(self._listener)
        # Whoever was let in last is known only when nobody is let in any more.
        self._thread.join(30)
        for connection in self._open:
            end(connection)


def end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(raw: bytes) -> Conversation:
    return lambda connection: connection.sendall(raw)


def reset(connection: socket.socket) -> None:
    """Close so that the peer gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port."""
    running = Server()
    yield running
    running.close()


QUICK = HttpSettings(read=0.3, whole=0.6)


@pytest.fixture
def transport(server: Server) -> Iterator[HttpTransport]:
    """A transport with the usual timeouts."""
    made = HttpTransport(server.url, SystemClock().monotonic)
    yield made
    made.cancel()


@pytest.fixture
def hasty(server: Server) -> Iterator[HttpTransport]:
    """A transport that soon gives an answer up."""
    made = HttpTransport(server.url, SystemClock().monotonic, QUICK)
    yield made
    made.cancel()


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Threads to wait in."""
    with ThreadPoolExecutor() as pool:
        yield pool


def test_a_request_arrives_as_it_is(server: Server, transport: HttpTransport):
    transport.send(
        HttpRequest(
            method="POST",
            path="/v2/my/ships/A%2F1/sell",
            query=(("page", "1"), ("q", "a b")),
            headers={"authorization": "Bearer x", "content-type": "application/json"},
            body=b'{"units":3}',
        )
    )
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /v2/my/ships/A%2F1/sell?page=1&q=a+b HTTP/1.1"
    assert b"authorization: Bearer x" in lines
    assert body == b'{"units":3}'


def test_a_post_without_a_body_has_no_content_type(server: Server, transport: HttpTransport):
    transport.send(HttpRequest(method="POST", path="/v2/x"))
    head = server.seen[0].lower()
    assert b"content-type" not in head
    assert b"content-length: 0" in head


def test_an_answer_has_lower_case_headers(transport: HttpTransport):
    found = transport.send(GET)
    assert (found.status, found.body, found.headers["x-one"]) == (200, b"{}", "Yes")


@pytest.mark.parametrize("status", [204, 301, 404, 429, 502])
def test_every_status_is_an_answer(server: Server, transport: HttpTransport, status: int):
    body = b"" if status == 204 else b"<html>sorry</html>"
    head = f"HTTP/1.1 {status} Any\r\nLocation: /elsewhere\r\nContent-Length: {len(body)}\r\n\r\n"
    server.talk = answer(head.encode() + body)
    found = transport.send(GET)
    assert (found.status, found.body) == (status, body)
    assert len(server.seen) == 1


def test_one_connection_serves_many_requests(server: Server, transport: HttpTransport):
    for _ in range(5):
        transport.send(GET)
    assert server.connections == 1


def test_an_idle_connection_is_not_trusted(server: Server):
    now = [100.0]
    transport = HttpTransport(server.url, lambda: Monotonic(now[0]))
    transport.send(GET)
    now[0] += HttpSettings().idle + 0.1
    transport.send(GET)
    assert server.connections == 2
    transport.cancel()


def test_a_connection_that_the_server_closed_is_opened_anew(
    server: Server, transport: HttpTransport
):
    def last(connection: socket.socket) -> None:
        connection.sendall(OK.replace(b"X-One: Yes", b"Connection: close"))
        connection.close()

    server.talk = last
    for _ in range(3):
        assert transport.send(GET).status == 200
    assert server.connections == 3


def test_nobody_listening_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(TransportError) as caught:
        HttpTransport(url, SystemClock().monotonic).send(GET)
    assert caught.value.sent is False


def test_a_failed_handshake_means_that_nothing_was_sent(server: Server):
    secure = server.url.replace("http:", "https:")
    server.talk = reset
    with pytest.raises(TransportError) as caught:
        HttpTransport(secure, SystemClock().monotonic).send(GET)
    assert caught.value.sent is False


def test_a_server_that_is_silent_may_have_acted(server: Server, hasty: HttpTransport):
    server.talk = lambda _: None
    with pytest.raises(TransportError) as caught:
        hasty.send(GET)
    assert caught.value.sent is True
    assert server.got.wait(30)
    assert len(server.seen) == 1


def test_a_request_may_bear_less_silence_than_others(server: Server):
    server.talk = lambda _: None
    patient = HttpTransport(server.url, SystemClock().monotonic, HttpSettings(read=60.0))
    # With the usual patience this would outlast the test's own time.
    with pytest.raises(TransportError, match="timed out"):
        patient.send(HttpRequest(method="GET", path="/v2/my/agent", silence=0.1))
    server.talk = answer(OK)
    assert patient.send(GET).status == 200


@pytest.mark.parametrize(
    "part",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\nConte"],
)
def test_a_connection_that_ends_or_is_reset_may_have_acted(
    server: Server, transport: HttpTransport, part: bytes
):
    def break_off(connection: socket.socket) -> None:
        connection.sendall(part)
        reset(connection)

    server.talk = break_off
    with pytest.raises(TransportError) as caught:
        transport.send(GET)
    assert caught.value.sent is True


@pytest.mark.parametrize(
    "rubbish", [b"what?\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 50 + b"\r\n\r\n"]
)
def test_what_is_not_http_may_have_acted(server: Server, transport: HttpTransport, rubbish: bytes):
    def talk(connection: socket.socket) -> None:
        connection.sendall(rubbish)
        connection.close()

    server.talk = talk
    with pytest.raises(TransportError) as caught:
        transport.send(GET)
    assert caught.value.sent is True


def test_after_a_failure_the_next_request_works(server: Server, transport: HttpTransport):
    server.talk = reset
    with pytest.raises(TransportError):
        transport.send(GET)
    server.talk = answer(OK)
    assert transport.send(GET).status == 200


def test_an_answer_that_trickles_is_given_up_after_its_whole_time(
    server: Server, hasty: HttpTransport
):
    stop = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not stop.wait(0.05):
            connection.sendall(b"1\r\nx\r\n")

    server.talk = trickle
    try:
        with pytest.raises(TransportError) as caught:
            hasty.send(GET)
    finally:
        stop.set()
    assert caught.value.sent is True
    assert "whole answer" in caught.value.reason


def test_cancel_frees_whoever_waits(server: Server, elsewhere: ThreadPoolExecutor):
    server.talk = lambda _: None
    patient = HttpTransport(server.url, SystemClock().monotonic, HttpSettings(read=60.0))
    waiting: Future[HttpResponse] = elsewhere.submit(patient.send, GET)
    assert server.got.wait(30)
    patient.cancel()
    with pytest.raises(TransportError) as caught:
        waiting.result(timeout=30)
    assert caught.value.sent is True


def test_cancel_frees_whoever_reads_half_an_answer(server: Server, elsewhere: ThreadPoolExecutor):
    server.talk = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    patient = HttpTransport(server.url, SystemClock().monotonic, HttpSettings(read=60.0))
    waiting: Future[HttpResponse] = elsewhere.submit(patient.send, GET)
    assert server.got.wait(30)
    patient.cancel()
    with pytest.raises(TransportError):
        waiting.result(timeout=30)


def test_a_cancelled_transport_sends_nothing_any_more(server: Server, transport: HttpTransport):
    transport.send(GET)
    transport.cancel()
    with pytest.raises(TransportError) as caught:
        transport.send(GET)
    assert caught.value.sent is False
    assert len(server.seen) == 1


def test_the_connection_looks_for_dead_peers(server: Server, transport: HttpTransport):
    transport.send(GET)
    held = transport._line._socket
    assert held is not None
    assert held.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
    assert held.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.mark.parametrize("url", ["", "localhost", "ftp://host", "http://"])
def test_an_address_that_is_none_is_refused_with_a_sentence(url: str):
    with pytest.raises(UsageError, match="http://host:port"):
        HttpTransport(url, SystemClock().monotonic)


def test_when_all_is_ready_the_sender_is_told_before_anything_leaves(server: Server):
    seen: list[tuple[int, int]] = []

    def ready() -> None:
        seen.append((len(server.seen), server.got.is_set()))

    transport = HttpTransport(server.url, SystemClock().monotonic)
    asked = HttpRequest(method="GET", path="/v2/my/agent", ready=ready)
    assert transport.send(asked).status == 200
    assert seen == [(0, False)]


def test_a_transport_that_is_cut_while_it_waits_to_send_sends_nothing(server: Server):
    transport = HttpTransport(server.url, SystemClock().monotonic)
    asked = HttpRequest(method="POST", path="/v2/register", ready=transport.cancel)
    with pytest.raises(TransportError) as failure:
        transport.send(asked)
    assert not failure.value.sent
    assert server.seen == []
