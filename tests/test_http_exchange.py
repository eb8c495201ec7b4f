"""What is written to a server, and what is made of all that one may answer."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.http_exchange import BadAnswer, Reading, write_request
from fleet.protocol.transport import HttpRequest, HttpResponse


@dataclass
class Wire:
    """A socket that gives out what it was given, in parts of a size."""

    data: bytes
    size: int = 1 << 16

    def recv(self, most: int) -> bytes:
        size = min(most, self.size)
        part, self.data = self.data[:size], self.data[size:]
        return part


def read(data: bytes, *, size: int = 1 << 16) -> tuple[HttpResponse, bool]:
    wire: socket.socket = Wire(data, size)  # type: ignore[assignment]
    reading = Reading(wire, lambda: None)
    return reading.answer(), reading.stays


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


@given(st.binary(max_size=300), st.integers(1, 50), st.booleans())
def test_a_body_is_read_however_it_is_cut_up(body: bytes, size: int, chunked: bool):
    if chunked:
        cut = [body[at : at + 7] for at in range(0, len(body), 7)]
        sent = b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in cut)
        data = head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + sent + b"0\r\nX: y\r\n\r\n"
    else:
        data = head("HTTP/1.1 200 OK", f"Content-Length: {len(body)}") + body
    answer, stays = read(data, size=size)
    assert answer.body == body
    assert stays


def test_an_answer_without_a_length_ends_with_the_connection():
    answer, stays = read(head("HTTP/1.1 200 OK") + b"all there is", size=5)
    assert answer.body == b"all there is"
    assert not stays


@pytest.mark.parametrize(
    ("first", "header", "stays"),
    [
        ("HTTP/1.1 200 OK", "X: y", True),
        ("HTTP/1.1 200 OK", "Connection: close", False),
        ("HTTP/1.0 200 OK", "X: y", False),
        ("HTTP/1.0 200 OK", "Connection: Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_as_the_server_says(first: str, header: str, stays: bool):
    assert read(head(first, header, "Content-Length: 0"))[1] is stays


def test_what_comes_after_an_answer_makes_the_connection_useless():
    assert read(head("HTTP/1.1 204 No Content") + b"rest")[1] is False


def test_an_announcement_is_passed_over():
    data = head("HTTP/1.1 103 Early Hints", "Link: x") + head("HTTP/1.1 204 None", "A: b")
    answer, _ = read(data)
    assert (answer.status, answer.headers) == (204, {"a": "b"})


@pytest.mark.parametrize(
    "rubbish",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        head("HTTP/1.1 200 OK", "no colon"),
        head("HTTP/1.1 200 OK", "Content-Length: -1"),
        head("HTTP/1.1 200 OK", "Content-Length: 99999999999"),
        head("HTTP/1.1 200 OK", "Content-Length: 5") + b"abc",
        head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + b"xyz\r\n",
        b"A" * 100_000,
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000,
        b"",
    ],
)
def test_rubbish_is_no_answer(rubbish: bytes):
    with pytest.raises(BadAnswer):
        read(rubbish)


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\0b"])
def test_a_header_cannot_smuggle_another_one_in(value: str):
    request = HttpRequest(method="GET", path="/v2/x", headers={"authorization": value})
    with pytest.raises(ValueError, match="line break"):
        write_request(request, "/v2/x", "host")


@pytest.mark.parametrize("target", ["/a b", "/a\r\nx: y", "/ä"])
def test_a_path_must_be_quoted(target: str):
    with pytest.raises(ValueError, match="not quoted"):
        write_request(HttpRequest(method="GET", path=target), target, "host")
