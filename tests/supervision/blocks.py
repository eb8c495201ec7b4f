"""Ways to hang a real thread, and how to let it go after the test."""

import select
import socket
import threading
from dataclasses import dataclass
from typing import ClassVar

BUDGET = 0.2


@dataclass(frozen=True)
class Block:
    """Makes the actor hang."""


@dataclass(frozen=True)
class Read:
    """Makes the actor hang, and may be tried again."""

    redeliver: ClassVar[str] = "once"


class Blocks:
    """Ways to hang, and how to let the hung threads go after the test."""

    def __init__(self):
        self.release = threading.Event()
        self.back = threading.Semaphore(0)
        self.count = 0
        self._near, self._far = socket.socketpair()

    def asleep(self, ctx):
        # What a sleep does, in C; nothing ends it early.
        select.select([], [], [], 0.8)

    def waiting(self, ctx):
        self.release.wait(30)

    def locked(self, ctx):
        lock = threading.Lock()
        lock.acquire()
        # A deadlock that ends with the test: nobody ever releases this lock.
        while not lock.acquire(timeout=0.1) and not self.release.is_set():
            pass

    def spinning(self, ctx):
        while not self.release.is_set():
            try:
                sum(range(50))
                raise ValueError
            except Exception:
                pass

    def receiving(self, ctx):
        ctx.on_cancel(lambda: self._near.shutdown(socket.SHUT_RDWR))
        self._near.recv(1)

    def close(self):
        self.release.set()
        for _ in range(self.count):
            self.back.acquire(timeout=30)
        self._near.close()
        self._far.close()

    def handler(self, kind, notes):
        def receive(ctx, message):
            if isinstance(message, Block | Read):
                self.count += 1
                try:
                    getattr(self, kind)(ctx)
                finally:
                    self.back.release()
            else:
                notes((ctx.incarnation, message))

        return receive
