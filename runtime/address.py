"""The stable name of an actor, whichever incarnation stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from fleet.runtime.envelope import Envelope
from fleet.runtime.future import Future

if TYPE_CHECKING:
    from fleet.protocol.clock import GameTime
    from fleet.runtime.system import ActorSystem

M = TypeVar("M", contravariant=True)


class Address(Generic[M]):
    """A path such as `/fleet/ships/AGENT-1` in one actor system. Hashable; lives for ever."""

    __slots__ = ("_system", "path")

    def __init__(self, path: str, system: ActorSystem) -> None:
        self.path = path
        self._system = system

    def tell(self, message: M, *, expires: GameTime | None = None) -> None:
        """Send from outside actors, from any thread; never blocks."""
        system = self._system
        system.post(
            self.path,
            Envelope(message, system.next_id(), None, 0, expires, 1, 0, system.clock.monotonic()),
        )

    def ask(self, message: M, *, timeout: float) -> Any:
        """Send from outside actors and wait, at most `timeout` wall seconds.

        A message that is not in hand by then is never handled. Raises AskTimeout, or AskFailed
        when the actor hung, crashed or is gone.
        """
        system = self._system
        future: Future[Any] = Future()
        sent = system.clock.monotonic()
        envelope = Envelope(
            message, system.next_id(), sent=sent, future=future, deadline=sent + timeout
        )
        system.post(self.path, envelope)
        # A failure that is raised here holds this frame, and this would hold the failure.
        del envelope
        return future.get(timeout, system.spin)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return f"Address({self.path!r})"
