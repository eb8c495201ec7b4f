"""Bots in one thread, each with a request in flight, over sockets of their own or a shared one."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from fleet.bench.crowd_play import Step
from fleet.bench.wires import Answer, Wire

PATIENCE = 10.0
CHUNK = 1 << 18
MOST_WRONG_SHOWN = 3


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


@dataclass(slots=True)
class Bot:
    """One bot: what it will send, and what it has sent last."""

    steps: Sequence[Step]
    frames: Sequence[bytes]
    line: Line
    left: int
    at: int = 0
    sent: float = 0.0


@dataclass(slots=True)
class Line:
    """A connection and the bots that talk over it."""

    peer: socket.socket
    wire: Wire


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
        self._selector = selectors.DefaultSelector()
        tokens = [""] if shared else [steps[0].token for steps in plays]
        self._lines = [self._connect(address, wire(), token) for token in tokens]
        self._bots = [
            Bot(
                steps,
                [line.wire.frame(number, step) for step in steps],
                line,
                0,
            )
            for number, steps in enumerate(plays)
            for line in [self._lines[0 if shared else number]]
        ]
        self._by_line = {id(bot.line): bot for bot in self._bots}
        self._shared = shared

    def _connect(self, address: tuple[str, int], wire: Wire, token: str) -> Line:
        peer = socket.create_connection(address, PATIENCE)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(peer, wire)
        greeting = wire.greeting("127.0.0.1", token)
        if greeting:
            peer.sendall(greeting)
            for _answer in wire.feed(peer.recv(CHUNK)):
                raise ConnectionError("an answer came before the first request")
        self._selector.register(peer, selectors.EVENT_READ, line)
        return line

    def run(self, each: int) -> Count:
        """Let every bot make so many requests."""
        count = Count()
        began, cpu = time.perf_counter(), time.process_time()
        going = len(self._bots)
        for bot in self._bots:
            bot.left = each
            self._send(bot)
        while going:
            ready = self._selector.select(PATIENCE)
            if not ready:
                raise TimeoutError("the simulator has stopped answering")
            for key, _ in ready:
                line: Line = key.data
                for answer in line.wire.feed(line.peer.recv(CHUNK)):
                    going -= self._take(line, answer, count)
                if line.wire.owed:
                    line.peer.sendall(line.wire.owed)
                    line.wire.owed = b""
        count.seconds = time.perf_counter() - began
        count.cpu = time.process_time() - cpu
        return count

    def _take(self, line: Line, answer: Answer, count: Count) -> bool:
        """Give a bot its answer and let it go on; True when it has made all its requests."""
        bot = self._bots[answer.id] if self._shared else self._by_line[id(line)]
        step = bot.steps[bot.at]
        count.latencies.append(time.perf_counter() - bot.sent)
        count.requests += 1
        if answer.status != step.status and len(count.wrong) < MOST_WRONG_SHOWN:
            text = answer.body[:200].decode(errors="replace")
            count.wrong.append(f"{step.method} {step.path}: {answer.status} {text}")
        if answer.body:
            msgspec.json.decode(answer.body)
        bot.at = (bot.at + 1) % len(bot.steps)
        bot.left -= 1
        if bot.left:
            self._send(bot)
        return not bot.left

    def _send(self, bot: Bot) -> None:
        bot.sent = time.perf_counter()
        bot.line.peer.sendall(bot.frames[bot.at])

    def close(self) -> None:
        """Hang up."""
        self._selector.close()
        for line in self._lines:
            line.peer.close()
