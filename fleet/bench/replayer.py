"""Replays written-down requests over many sockets with as little work of its own as can be."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Sequence

from fleet.bench.crowd_play import Step
from fleet.bench.herd import CHUNK, MOST_WRONG_SHOWN, PATIENCE, Count
from fleet.bench.wires import HEAD_END, LENGTH, HttpWire

STATUS = slice(9, 12)
"""Where the status stands in the first line of an answer."""


class Connection:
    """One socket with one request in flight."""

    def __init__(self, peer: socket.socket, steps: Sequence[Step], left: int) -> None:
        """Write all requests down; `left` of them will be sent, over and over in order."""
        wire = HttpWire()
        self.peer = peer
        self._frames = [wire.frame(0, step) for step in steps]
        self._wanted = [str(step.status).encode() for step in steps]
        self._steps = steps
        self._at = 0
        self._left = left
        self._rest = b""

    def send(self) -> None:
        """Send the next request."""
        self.peer.sendall(self._frames[self._at])

    def exchange(self) -> None:
        """Send a request and wait for its answer; ConnectionError where the server hangs up."""
        self.send()
        data = b""
        while not whole(data):
            more = self.peer.recv(CHUNK)
            if not more:
                raise ConnectionError("the server has hung up")
            data += more

    def take(self, wrong: list[str]) -> bool:
        """Take what has come, and go on after a whole answer; True when all is answered.

        Raises ConnectionError where the server has hung up.
        """
        data = self.peer.recv(CHUNK)
        if not data:
            raise ConnectionError("the server has hung up")
        if self._rest:
            data = self._rest + data
        if not whole(data):
            self._rest = data
            return False
        self._rest = b""
        if data[STATUS] != self._wanted[self._at] and len(wrong) < MOST_WRONG_SHOWN:
            step, text = self._steps[self._at], data[:400].decode(errors="replace")
            wrong.append(f"{step.method} {step.path}: {text}")
        self._at = (self._at + 1) % len(self._frames)
        self._left -= 1
        if self._left:
            self.send()
        return not self._left


def whole(data: bytes) -> bool:
    """Tell whether an answer is there to its last byte."""
    end = data.find(HEAD_END)
    if end < 0:
        return False
    at = data.find(LENGTH, 0, end)
    size = 0 if at < 0 else int(data[at + len(LENGTH) : data.index(b"\r", at)])
    return len(data) >= end + len(HEAD_END) + size


def replay(address: tuple[str, int], plays: Sequence[Sequence[Step]], each: int) -> Count:
    """Send so many requests over a socket for each play; the statuses are checked.

    Raises TimeoutError where nothing comes for 30 s.
    """
    with contextlib.ExitStack() as peers:
        by_number = {}
        for steps in plays:
            peer = peers.enter_context(socket.create_connection(address, PATIENCE))
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A socket with a timeout is polled once more before each call.
            peer.settimeout(None)
            by_number[peer.fileno()] = Connection(peer, steps, each)
        count = Count(requests=each * len(plays))
        began, cpu = time.perf_counter(), time.process_time()
        _play(by_number, count)
        count.seconds = time.perf_counter() - began
        count.cpu = time.process_time() - cpu
    return count


def _play(connections: dict[int, Connection], count: Count) -> None:
    poll = select.poll()
    for number, connection in connections.items():
        poll.register(number, select.POLLIN)
        connection.send()
    going = len(connections)
    while going:
        ready = poll.poll(PATIENCE * 1000)
        if not ready:
            raise TimeoutError("the server has stopped answering")
        for number, _ in ready:
            going -= connections[number].take(count.wrong)
