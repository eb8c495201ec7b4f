"""Silence on sockets, noticed by the system or by the interpreter."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from fleet.socket_silence import bear, told_by


@pytest.fixture(params=[True, False], ids=["system", "interpreter"])
def pair(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a line; silence is noticed in either way."""
    from fleet import socket_silence

    monkeypatch.setattr(socket_silence, "IN_SYSTEM", request.param and socket_silence.IN_SYSTEM)
    near, far = socket.socketpair()
    yield near, far
    near.close()
    far.close()


@pytest.mark.parametrize("seconds", [0.05, 1e-9])
def test_a_silent_reading_fails_as_timed_out(pair: tuple[socket.socket, ...], seconds: float):
    near, _ = pair
    bear(near, seconds)
    with pytest.raises(OSError) as caught:
        near.recv(1)
    assert isinstance(told_by(caught.value), TimeoutError)


def test_a_sending_that_nobody_takes_fails_as_timed_out(pair: tuple[socket.socket, ...]):
    near, _ = pair
    bear(near, 0.05)
    with pytest.raises(OSError) as caught:
        near.sendall(bytes(1 << 24))
    assert isinstance(told_by(caught.value), TimeoutError)


def test_what_comes_is_read_and_other_failures_keep_their_names(pair: tuple[socket.socket, ...]):
    near, far = pair
    bear(near, 30.0)
    far.sendall(b"news")
    assert near.recv(10) == b"news"
    reset = ConnectionResetError("reset")
    assert told_by(reset) is reset
