"""Bots in one thread, each with a request in flight, over sockets of their own or a shared one."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fleet.bench.crowd_play import Step
from fleet.bench.wires import Answer, Wire

PATIENCE = 30.0
CHUNK = 1 << 16
MOST_WRONG_SHOWN = 3
LOOKS = 300
"""How often the bots look for an answer, at a microsecond each, before they go to sleep."""


@dataclass(slots=True)
class Count:
    """What a herd has done."""

    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    """CPU seconds of the process of the bots."""

    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests per second, counted."""
        return self.requests / self.seconds

    def note(self, step: Step, answer: Answer) -> None:
        """Note an answer that was not expected."""
        if len(self.wrong) < MOST_WRONG_SHOWN:
            text = str(answer.body)[:200]
            self.wrong.append(f"{step.method} {step.path}: {answer.status} {text}")


@dataclass(slots=True)
class Bot:
    """One bot: what it will send, and when it has sent last."""

    steps: Sequence[Step]
    frames: Sequence[bytes]
    peer: socket.socket
    left: int = 0
    at: int = 0
    sent: float = 0.0

    def send(self) -> None:
        """Send the next request."""
        self.sent = time.perf_counter()
        self.peer.sendall(self.frames[self.at])


@dataclass(slots=True)
class Line:
    """A connection and the bots that talk over it, in the order of their numbers."""

    peer: socket.socket
    wire: Wire
    bots: list[Bot] = field(default_factory=list)

    def add(self, steps: Sequence[Step]) -> Bot:
        """Let one more bot talk over this connection."""
        number = len(self.bots)
        frames = [self.wire.frame(number, step) for step in steps]
        self.bots.append(Bot(steps, frames, self.peer))
        return self.bots[-1]

    def take(self, count: Count) -> int:
        """Read what has come, and let those go on who were answered.

        Tells how many bots have made all their requests. Raises ConnectionError where the
        simulator has hung up.
        """
        data = self.peer.recv(CHUNK)
        if not data:
            raise ConnectionError("the simulator has hung up")
        came, done = time.perf_counter(), 0
        for answer in self.wire.feed(data):
            bot = self.bots[answer.id]
            count.latencies.append(came - bot.sent)
            step = bot.steps[bot.at]
            if answer.status != step.status:
                count.note(step, answer)
            bot.at = (bot.at + 1) % len(bot.steps)
            bot.left -= 1
            if bot.left:
                bot.send()
            else:
                done += 1
        if self.wire.owed:
            self.peer.sendall(self.wire.owed)
            self.wire.owed = b""
        return done


class Herd:
    """Drives bots through their rounds; each goes on where it stopped."""

    def __init__(
        self,
        address: tuple[str, int],
        plays: Sequence[Sequence[Step]],
        wire: Callable[[], Wire],
        *,
        shared: bool = False,
    ) -> None:
        self._poll = select.epoll()
        # The bots must not keep the only processor from the simulator.
        self._looks = LOOKS if len(os.sched_getaffinity(0)) > 1 else 0
        tokens = [""] if shared else [steps[0].token for steps in plays]
        lines = [self._connect(address, wire(), token) for token in tokens]
        self._lines = {line.peer.fileno(): line for line in lines}
        self._bots = [lines[0 if shared else at].add(steps) for at, steps in enumerate(plays)]

    def _connect(self, address: tuple[str, int], wire: Wire, token: str) -> Line:
        peer = socket.create_connection(address, PATIENCE)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        greeting = wire.greeting("127.0.0.1", token)
        if greeting:
            peer.sendall(greeting)
            if wire.feed(peer.recv(CHUNK)):
                raise ConnectionError("an answer came before the first request")
        # A socket with a timeout is polled once more before each call.
        peer.settimeout(None)
        self._poll.register(peer, select.EPOLLIN)
        return Line(peer, wire)

    def run(self, each: int) -> Count:
        """Let every bot make so many requests.

        Raises TimeoutError where nothing comes for 30 s.
        """
        count = Count()
        began, cpu = time.perf_counter(), time.process_time()
        for bot in self._bots:
            bot.left = each
            bot.send()
        going = len(self._bots)
        while going:
            for number, _ in self._wait():
                going -= self._lines[number].take(count)
        count.seconds = time.perf_counter() - began
        count.cpu = time.process_time() - cpu
        count.requests = len(count.latencies)
        return count

    def _wait(self) -> list[tuple[int, int]]:
        """Wait for answers, awake for the first moment; tell on which connections.

        To wake a sleeping processor costs the simulator, which is what is measured, a tenth of
        its time, and takes longer than its answer.
        """
        for _ in range(self._looks):
            if ready := self._poll.poll(0):
                return ready
        if ready := self._poll.poll(PATIENCE):
            return ready
        raise TimeoutError("the simulator has stopped answering")

    def close(self) -> None:
        """Hang up."""
        self._poll.close()
        for line in self._lines.values():
            line.peer.close()
