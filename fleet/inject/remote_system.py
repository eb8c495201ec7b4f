"""The actor system of a script's process: its own actors live here, all others in the fleet."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.actors.experiment_messages import Finished, Stepped
from fleet.inject import frames
from fleet.inject.gate import Gate, packed_step
from fleet.protocol.clock import Clock
from fleet.runtime import ActorSystem, Address, Envelope
from fleet.runtime.dispatcher import Dispatcher
from fleet.runtime.events import EventSink


class RemoteSystem(ActorSystem):
    """Sends what is not for its own actors over the line, after a look whether it is allowed.

    The same look is taken in the runtime; here it fails in the script's own line.
    """

    def __init__(
        self,
        line: frames.Line,
        gate: Gate,
        home: str,
        *,
        dispatcher: Dispatcher,
        clock: Clock,
        events: EventSink,
        seed: int,
    ) -> None:
        super().__init__(dispatcher=dispatcher, clock=clock, events=events, seed=seed)
        self._line = line
        self._gate = gate
        self._home = home

    def _is_ours(self, path: str) -> bool:
        return path == self._home or path.startswith(f"{self._home}/")

    def post(self, path: str, envelope: Envelope) -> bool:
        """Put an envelope into a mailbox, here or in the fleet. Raises Forbidden."""
        if self._is_ours(path):
            return super().post(path, envelope)
        message = self._gate.admit(path, envelope.message)
        number = envelope.id if envelope.wants_answer else 0
        kind, body = type(message).__name__, msgspec.Raw(msgspec.msgpack.encode(message))
        self._line.send(frames.Post(path, kind, body, number, envelope.expires))
        return True

    def answer(self, asker: Address[Any], ask_id: int, value: Any) -> None:
        """Bring an answer to whoever asked, here or in the fleet."""
        if self._is_ours(asker.path):
            super().answer(asker, ask_id, value)
        else:
            self._line.send(_reply(ask_id, value))

    def deliver(self, home: str, message: Any, sender: str, number: int) -> None:
        """Put a message of the fleet's into a mailbox of ours."""
        envelope = Envelope(
            message,
            number or self.next_id(),
            # Whoever asks from outside actors is answered over the line, too.
            sender=self.address(sender or "/"),
            sent=self.clock.monotonic(),
            wants_answer=bool(number),
        )
        super().post(home, envelope)


def _reply(number: int, value: Any) -> frames.Replied:
    if isinstance(value, Stepped | Finished):
        step = value.step if isinstance(value, Stepped) else value
        kind, body, path = packed_step(step)
        return frames.Replied(number, kind, msgspec.Raw(body), path)
    try:
        body = msgspec.msgpack.encode(value)
    except (TypeError, ValueError):
        body = msgspec.msgpack.encode(repr(value))
    return frames.Replied(number, type(value).__name__, msgspec.Raw(body))
