"""One incarnation played again: its own code, with what the recording says that it was told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import msgspec

from fleet.protocol.clock import Clock, GameTime
from fleet.runtime.actor import Actor, Hang
from fleet.runtime.address import Address
from fleet.runtime.cell import Cell
from fleet.runtime.chaos import Fault, Scene, misbehave
from fleet.runtime.context import Context, Fenced
from fleet.runtime.envelope import Answer, Envelope, Stop
from fleet.runtime.frames import current_frames
from fleet.runtime.lanes import LaneMailbox
from fleet.runtime.recording_frames import End
from fleet.runtime.replay_port import Astray, ReplayPort, StillOpen
from fleet.runtime.traces import of_frame

if TYPE_CHECKING:
    from fleet.runtime.system import ActorSystem


@dataclass(frozen=True, slots=True)
class Ending:
    """How a replayed turn ended."""

    end: End
    detail: str = ""
    stack: str = ""
    """Where it stood, if it hangs."""


class ReplayContext(Context[Any]):
    """A context that tells what the recording does."""

    __slots__ = ("_port",)

    def __init__(self, port: ReplayPort, cell: Cell, number: int) -> None:
        super().__init__(cast("ActorSystem", port), cell, number)
        self._port = port

    def tell(self, to: Address[Any], message: Any, *, expires: GameTime | None = None) -> int:
        """Send a message as the recorded actor did: at the time of its turn."""
        self._check()
        port = self._port
        number = port.next_id()
        sender, cause = self._cell.address, self.envelope.id
        sent = Envelope(message, number, sender, self.incarnation, expires, 1, cause, port.at)
        port.post(to.path, sent)
        return number

    def _moment(self) -> float:
        return self._port.at

    def _steady(self) -> float:
        return self._port.at

    def credit(self, to: Address[Any], most: int, *, on_credit: Callable[[int], Any]) -> int:
        """Grant what was granted."""
        self._check()
        granted = self._port.granted()
        if granted is not None:
            return granted
        ask_id = self._port.next_id()
        granted = self._port.granted() or 0
        if not granted:
            self._asks[ask_id] = on_credit, _nothing
        return granted


def _nothing() -> None:
    """Stand where an ask has its timeout."""


class ReplayedLife:
    """Runs in the caller's thread, or in one of its own where it is known not to have ended."""

    def __init__(self, port: ReplayPort, cell: Cell, number: int, reason: str | None) -> None:
        self.port = port
        self.cell = cell
        self.context = ReplayContext(port, cell, number)
        self._number = number
        self._reason = reason
        self._actor: Actor[Any] = Actor()

    def start(self) -> Hang | None:
        """Make the actor and run its first hook."""
        cell, props = self.cell, self.cell.props
        cell.number, cell.timers, cell.stashed = self._number, {}, []
        if isinstance(cell.mailbox, LaneMailbox):
            cell.mailbox.restore()
        self._actor = props.factory()
        if self._reason is None:
            return self._actor.on_start(self.context)
        return self._actor.on_restart(self.context, self._reason)

    def handle(self, envelope: Envelope, clock: Clock) -> Hang | None:
        """Handle a message as the kernel would."""
        context, message = self.context, envelope.message
        context.envelope = envelope
        if envelope.timer is not None and not context.rang(envelope):
            raise Astray("has cancelled a timer that went off in the recording")
        match message:
            case Stop(reason=reason):
                self._actor.on_stop(context, reason)
                return None
            case Answer():
                return self._answered(envelope, message)
            case Fault():
                return misbehave(message, Scene(context, clock, self.cell.props.budget))
            case _:
                return self._actor.receive(context, message)

    def _answered(self, envelope: Envelope, answer: Answer) -> Hang | None:
        message = self.context.unwrap(answer.to, answer.value)
        if message is None:
            raise Astray("did not wait for an answer that it took in the recording")
        self.context.envelope = msgspec.structs.replace(envelope, message=message)
        return self._actor.receive(self.context, message)

    def run(self, act: Callable[[], Hang | None]) -> Ending:
        """Do something; tell how it ended. Raises Astray."""
        try:
            returned = act()
        except Astray:
            raise
        except StillOpen:
            return Ending("hung")
        except Fenced:
            return Ending("fenced", "Fenced")
        # Whatever an actor raises is how it ended.
        except BaseException as failure:
            return Ending("crashed", type(failure).__name__)
        return Ending("hung" if isinstance(returned, Hang) else "done")

    def run_aside(self, act: Callable[[], Hang | None], within: float) -> Ending:
        """Do it in a thread that may hang; `hung` after so many wall seconds. Raises Astray."""
        endings: list[Ending | Astray] = []

        def call() -> None:
            try:
                endings.append(self.run(act))
            except Astray as astray:
                endings.append(astray)

        thread = threading.Thread(target=call, name="replay", daemon=True)
        thread.start()
        thread.join(within)
        if not endings:
            frame = current_frames().get(thread.ident or 0)
            return Ending("hung", stack=of_frame(frame))
        if isinstance(endings[0], Astray):
            raise endings[0]
        return endings[0]
