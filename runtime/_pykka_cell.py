"""The only file that touches pykka's internals; tests/runtime/test_pykka_cell.py pins them.

pykka gives us the thread-per-actor loop with its three phases and the registry's idea of an
actor. What it lacks stands in docs/runtime.md; what is replaced here: the inbox (ours belongs
to the address), the loop (a BaseException must not stop all actors), the registration (pykka's
`stop_all` would wait for ever on a hung actor).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import Any

import pykka

from fleet.runtime.envelope import Envelope
from fleet.runtime.incarnation import Incarnation
from fleet.runtime.interrupts import Interrupt
from fleet.runtime.manners import give_way
from fleet.runtime.warm_threads import WarmThreads


class _FirstWins(pykka.ThreadingFuture[Any]):
    """pykka raises queue.Full at a second result, which would kill the late actor's thread."""

    def set(self, value: Any | None = None) -> None:
        with contextlib.suppress(queue.Full):
            super().set(value)

    def set_exception(self, exc_info: Any = None) -> None:
        with contextlib.suppress(queue.Full):
            super().set_exception(exc_info)


class _Latch:
    """What pykka asks of `actor_stopped`, in a tenth of the memory that an Event takes."""

    __slots__ = ("_is_set", "_open")

    def __init__(self) -> None:
        self._is_set = False
        self._open = threading.Lock()
        self._open.acquire()

    def is_set(self) -> bool:
        """Say whether the actor has ended."""
        return self._is_set

    def set(self) -> None:
        """Tell all who wait; called once, in the actor's thread."""
        self._is_set = True
        self._open.release()

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` wall seconds; say whether the actor has ended."""
        if not self._open.acquire(timeout=timeout):
            return False
        self._open.release()
        return True


class _Inbox:
    """What pykka sees of the address's mailbox."""

    __slots__ = ("_incarnation",)

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation = incarnation

    def put(self, envelope: Any) -> None:
        """Take a message that was sent by way of pykka's own reference."""
        cell = self._incarnation.cell
        cell.mailbox.put(Envelope(envelope.message, 0))

    def get(self) -> Any:
        """Take the next envelope; waits. Our loop takes its messages elsewhere."""
        return self._incarnation.cell.mailbox.get()

    def empty(self) -> bool:
        """Claim to be empty: pykka's teardown would drain a mailbox that lives on."""
        return True


class PykkaCell(pykka.ThreadingActor):
    """One incarnation on a pykka thread."""

    use_daemon_thread = True

    def __init__(self, incarnation: Incarnation, threads: WarmThreads) -> None:
        super().__init__()
        self.incarnation = incarnation
        self.actor_inbox = _Inbox(incarnation)
        self.actor_stopped = _Latch()  # type: ignore[assignment]
        self._actor_ref = pykka.ActorRef(self)
        self._threads = threads
        self.thread: threading.Thread | None = None

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return _FirstWins()

    @staticmethod
    def _create_actor_inbox() -> Any:
        # pykka's own would be a queue with four locks, thrown away at once.
        return None

    def launch(self) -> None:
        """Start the loop without pykka's registry."""
        self._start_actor_loop()

    def _start_actor_loop(self) -> None:
        incarnation = self.incarnation
        name = f"{incarnation.cell.address.path}#{incarnation.number}"
        self._threads.run(self._live, name, warm=incarnation.replaces)

    def _live(self) -> None:
        self.thread = threading.current_thread()
        if not self.incarnation.cell.props.punctual:
            give_way()
        # It was on its way out when the interrupt reached it.
        try:
            with contextlib.suppress(Interrupt):
                self._actor_loop()
        # However it ends: a thread that is no more is no zombie.
        finally:
            self.incarnation.gone()

    def _actor_loop_running(self) -> None:
        self.incarnation.run()
        self.actor_stopped.set()
