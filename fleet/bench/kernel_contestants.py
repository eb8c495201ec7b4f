"""The same small actors twice: supervised by fleet, and on stock pykka."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import pykka

from fleet.bench.kernel_stage import KernelStage
from fleet.runtime import Actor, Context

STOCK = "stock pykka"
SUPERVISED = "supervised"
BARE = "two bare threads"
"""What an ask costs where nothing is done but to wake another thread and to be woken by it."""


@dataclass(frozen=True, slots=True)
class Ping:
    """A message of an ordinary size."""

    number: int


class Counter:
    """Wakes the producer when the last message of an actor has been handled."""

    def __init__(self) -> None:
        self.left = 0
        self.done = threading.Event()

    def expect(self, messages: int) -> None:
        """Begin to count down."""
        self.left = messages
        self.done.clear()

    def count(self) -> None:
        """Take one message off; called by the one actor that has this counter."""
        self.left -= 1
        if not self.left:
            self.done.set()


class Supervised(Actor[Any]):
    """Counts, and answers."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Handle one ping."""
        if message is None:
            ctx.reply(message)
        else:
            self._counter.count()


class Stock(pykka.ThreadingActor):
    """Does the same on pykka alone."""

    use_daemon_thread = True

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def on_receive(self, message: Any) -> Any:
        """Handle one ping; what is returned is the answer."""
        if message is not None:
            self._counter.count()


@dataclass(slots=True)
class Team:
    """Some actors: how to tell each, how to ask the first, and their counters."""

    tells: list[Callable[[Any], Any]]
    ask: Callable[[], Any]
    counters: list[Counter]

    def rate(self, messages: int) -> float:
        """Tell messages to all in turns, from this thread; messages per second until the last."""
        each = messages // len(self.tells)
        for counter in self.counters:
            counter.expect(each)
        ping, tells = Ping(1), self.tells
        begun = perf_counter()
        for _ in range(each):
            for tell in tells:
                tell(ping)
        for counter in self.counters:
            counter.done.wait()
        return each * len(tells) / (perf_counter() - begun)

    def round_trips(self, count: int) -> list[float]:
        """Ask the first one again and again; microseconds of each round trip."""
        took, ask = [], self.ask
        for _ in range(count):
            begun = perf_counter()
            ask()
            took.append((perf_counter() - begun) * 1e6)
        return took


def supervised(stage: KernelStage, count: int, name: str) -> Team:
    """Start actors under the stage's supervisor."""
    counters = [Counter() for _ in range(count)]
    addresses = [
        stage.child(f"{name}-{number}", partial(Supervised, counter))
        for number, counter in enumerate(counters)
    ]
    first = addresses[0]
    return Team(
        [address.tell for address in addresses], lambda: first.ask(None, timeout=5.0), counters
    )


def stock(count: int) -> Team:
    """Start actors of pykka's own."""
    counters = [Counter() for _ in range(count)]
    refs = [Stock.start(counter) for counter in counters]
    first = refs[0]
    return Team([ref.tell for ref in refs], lambda: first.ask(None, timeout=5.0), counters)


def bare() -> Team:
    """Start a thread that gives back whatever is put before it."""
    there: SimpleQueue[object] = SimpleQueue()
    back: SimpleQueue[object] = SimpleQueue()

    def give_back() -> None:
        while True:
            back.put(there.get())

    def ask() -> object:
        there.put(None)
        return back.get(timeout=5.0)

    threading.Thread(target=give_back, name="bare", daemon=True).start()
    return Team([], ask, [])


def stop_stock() -> None:
    """End all of pykka's actors."""
    pykka.ActorRegistry.stop_all(timeout=10)
