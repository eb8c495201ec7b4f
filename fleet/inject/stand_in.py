"""Stands in the tree for a script that runs in a process of its own."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from fleet.actors.experiment_messages import EXPERIMENTS, Finished, NextStep, Stepped
from fleet.actors.steps import Ask, Call
from fleet.inject import frames
from fleet.inject.gate import Forbidden, Gate
from fleet.inject.host_process import Gone, HostProcess
from fleet.inject.laboratory import Running
from fleet.inject.register import Entry
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Expired,
    Overloaded,
    UnknownOutcome,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BUCKET, Funds, Reserve
from fleet.runtime import Actor, AskFailed, AskTimeout, Context, Envelope, Props

PERIOD: Final = 0.5
"""Wall seconds between two pings."""

SILENCE: Final = 3.0
"""Wall seconds without a sign of life after which a script's process is killed: something holds
its interpreter, where its own watchdog can't see it."""

ASK_WITHIN: Final = 60.0
"""Wall seconds for an answer of the fleet's; a script's own timeouts are shorter."""

WAITING_MOST: Final = 64
"""Requests of a script's own that may wait or be under way at once."""

MESSAGE_BUDGET: Final = 2.0
"""Wall seconds that a script may take for one message; its own process watches that."""

ENDINGS: Final = (ApiReply, ApiRefusal, Expired, Overloaded, UnknownOutcome)
NOUNS: Final = ("actor.", "fleet.", "process.", "guard.", "watchdog.", "zombie.", "child.")
"""Events with these beginnings are the fleet's own to tell."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame of the script's, from the thread that reads them."""

    pid: int
    """Of its process: one that was replaced has an end to tell, too, under the same name."""

    frame: frames.Up


@dataclass(frozen=True, slots=True)
class Look:
    """Time to see whether the process lives."""


@dataclass(frozen=True, slots=True)
class Come:
    """The fleet's answer to an ask of the script's."""

    number: int
    asked: Any
    value: Any


Speed = Callable[[], float]
"""Tells the game seconds per wall second."""


class StandIn(Actor[Any]):
    """Hands messages to the script's process and back, through the gate; ends when it does."""

    def __init__(self, entry: Entry, host: HostProcess, gate: Gate, speed: Speed) -> None:
        self._entry = entry
        self._wallet = entry.wallet
        self._host = host
        self._gate = gate
        self._speed = speed
        self._asked: dict[int, Envelope] = {}
        """Asks that the script has not answered, by envelope id."""

        self._steps: dict[str, Any] = {}
        """By ship, the step that it was last given."""

        self._waiting = 0
        self._heard = 0.0

    # -- lives

    def on_start(self, ctx: Context[Any]) -> None:
        """Have the script begin, and listen to it."""
        self._heard = ctx.monotonic()
        address, pid = ctx.self, self._host.pid
        self._host.attach(lambda frame: address.tell(Heard(pid, frame)))
        seed = ctx.random.getrandbits(48)
        self._send(ctx, frames.Begin(self._line(ctx), seed, MESSAGE_BUDGET))
        ctx.timer("look", Look(), after=PERIOD)

    def on_stop(self, ctx: Context[Any], reason: str) -> None:
        """End the process."""
        self._host.kill()

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Pass one message on."""
        match message:
            case Heard(pid=pid, frame=frame):
                if pid == self._host.pid:
                    self._heard = ctx.monotonic()
                    self._take(ctx, frame)
            case Look():
                self._look(ctx)
            case Come(number=number, asked=asked, value=value):
                self._come(ctx, number, asked, value)
            case NextStep():
                self._next_step(ctx, message)
            case _:
                self._deliver(ctx, message)

    def _look(self, ctx: Context[Any]) -> None:
        silent = ctx.monotonic() - self._heard
        if silent > SILENCE:
            ctx.stop(ctx.self, f"hung: its process gave no sign of life for {silent:.1f} s")
            return
        if self._host.shorten_output():
            text = "Scripts print more than their log may hold; what was printed before is dropped."
            ctx.log("output.shortened", level="warning", text=text, experiment=self._entry.name)
        self._send(ctx, frames.Ping(self._line(ctx)))
        ctx.timer("look", Look(), after=PERIOD)

    def _line(self, ctx: Context[Any]) -> frames.Clock:
        return frames.Clock(ctx.now(), ctx.monotonic(), self._speed())

    def _send(self, ctx: Context[Any], frame: frames.Down) -> None:
        try:
            self._host.send(frame)
        except (Gone, frames.Broken) as failure:
            # A process that has ended tells so itself, with its exit code.
            if "has ended" not in str(failure):
                ctx.stop(ctx.self, f"hung: its process {failure}")

    # -- downwards

    def _deliver(self, ctx: Context[Any], message: Any) -> None:
        if isinstance(message, ENDINGS):
            self._waiting = max(0, self._waiting - 1)
            self._wallet.ended(message, self._entry.name)
        self._hand(ctx, message)

    def _hand(self, ctx: Context[Any], message: Any) -> None:
        envelope, number = ctx.envelope, 0
        if envelope.wants_answer or envelope.future is not None:
            number = envelope.id
            self._asked[number] = envelope
        sender = envelope.sender.path if envelope.sender is not None else ""
        self._send(ctx, frames.Deliver(pickle.dumps(message), sender, number))

    def _come(self, ctx: Context[Any], number: int, asked: Any, value: Any) -> None:
        if isinstance(asked, Reserve):
            self._wallet.reserved(asked, value)
        value = self._shown(value)
        self._send(ctx, frames.Answered(number, pickle.dumps(value)))

    def _shown(self, value: Any) -> Any:
        """Show the script its own purse, and failures without what only the fleet knows."""
        if isinstance(value, Funds):
            left = max(0, self._wallet.budget - self._wallet.spent)
            return replace(value, credits=value.reserved + max(0, min(value.free, left)))
        if isinstance(value, AskFailed | AskTimeout):
            return type(value)(str(value)) if type(value) is AskTimeout else AskFailed(str(value))
        return value

    # -- ships

    def _next_step(self, ctx: Context[Any], asked: NextStep) -> None:
        ship, last = asked.ship.symbol, self._steps.get(asked.ship.symbol)
        if ship not in self._gate.ships:
            ctx.reply(Finished(f"{ship} is not lent to {self._entry.name}"))
            return
        if asked.step and last is not None:
            self._note(ship, last, asked.answer)
        self._hand(ctx, replace(asked, answer=self._shown(asked.answer)))

    def _note(self, ship: str, last: Any, answer: Any) -> None:
        """Count what the last step of a ship brought."""
        match last:
            case Call() if isinstance(answer, ApiRefusal):
                self._wallet.ended(answer, ship)
            case Call(operation=operation) if answer is not None:
                self._wallet.ended(ApiReply(0, operation, answer), ship)
            case Ask(message=Reserve() as reserve):
                self._wallet.reserved(reserve, answer)
            case _:
                pass

    def _step(self, ctx: Context[Any], envelope: Envelope, told: Stepped | Finished) -> None:
        """Have the ship do a step, unless the purse forbids it."""
        asked: NextStep = envelope.message
        ship = asked.ship.symbol
        if isinstance(told, Finished):
            self._steps.pop(ship, None)
            ctx.reply(told, to=envelope)
            return
        step = told.step
        refusal = self._wallet.refusal(0, step.operation, ship) if isinstance(step, Call) else None
        if refusal is None:
            self._steps[ship] = step
            ctx.reply(told, to=envelope)
        else:
            # The ship never hears of it; the script does, as of any refusal.
            self._asked[envelope.id] = envelope
            again = replace(asked, step=asked.step + 1, answer=refusal)
            frame = frames.Deliver(pickle.dumps(again), "", envelope.id)
            self._send(ctx, frame)

    # -- upwards

    def _take(self, ctx: Context[Any], frame: frames.Up) -> None:
        match frame:
            case frames.Started():
                ctx.tell(ctx.address(EXPERIMENTS), Running(self._entry.name))
            case frames.Post():
                self._post(ctx, frame)
            case frames.Replied():
                self._replied(ctx, frame)
            case frames.Told():
                self._told(ctx, frame)
            case frames.Ended(reason=reason, detail=detail, stack=stack):
                self._entry.stack = stack
                ctx.stop(ctx.self, f"{reason}: {detail}" if detail else reason)
            case _:
                pass

    def _post(self, ctx: Context[Any], post: frames.Post) -> None:
        try:
            message = self._gate.decode(post.path, post.kind, bytes(post.body))
        except Forbidden as forbidden:
            self._forbid(ctx, post, forbidden)
            return
        to = ctx.address(post.path)
        expires = None if post.expires is None else GameTime(post.expires)
        if isinstance(message, ApiRequest):
            self._request(ctx, message, expires)
        elif post.number:
            number = post.number

            def come(value: Any) -> Come:
                return Come(number, message, value)

            ctx.ask(to, message, timeout=ASK_WITHIN, on_reply=come)
        else:
            ctx.tell(to, message, expires=expires)

    def _request(self, ctx: Context[Any], request: ApiRequest, expires: GameTime | None) -> None:
        owner = request.ship or self._entry.name
        refusal = self._wallet.refusal(request.number, request.operation, owner)
        if refusal is None and self._waiting < WAITING_MOST:
            self._waiting += 1
            ctx.tell(ctx.address(BUCKET), request, expires=expires)
        else:
            answer = refusal or Overloaded(request.number)
            self._send(ctx, frames.Deliver(pickle.dumps(answer), "", 0))

    def _forbid(self, ctx: Context[Any], post: frames.Post, forbidden: Forbidden) -> None:
        self._refused(ctx, forbidden)
        if post.number:
            value = pickle.dumps(AskFailed(str(forbidden)))
            self._send(ctx, frames.Answered(post.number, value))

    def _refused(self, ctx: Context[Any], forbidden: Forbidden) -> None:
        """Say once for each reason what it may not do: it may try over and over."""
        if self._entry.refused != str(forbidden):
            self._entry.refused = str(forbidden)
            name = self._entry.name
            ctx.log("experiment.refused", level="warning", text=str(forbidden), experiment=name)

    def _replied(self, ctx: Context[Any], replied: frames.Replied) -> None:
        envelope = self._asked.pop(replied.number, None)
        if envelope is None:
            return
        body = bytes(replied.body)
        if not isinstance(envelope.message, NextStep):
            ctx.reply(msgspec.msgpack.decode(body), to=envelope)
            return
        if replied.kind == AskFailed.__name__:
            # Its process tells of the failure itself, with the place.
            ctx.reply(Finished("its script failed"), to=envelope)
            return
        try:
            told = self._gate.step(replied.kind, body, replied.path)
        except Forbidden as forbidden:
            self._refused(ctx, forbidden)
            told = Finished(str(forbidden))
        self._step(ctx, envelope, told)

    def _told(self, ctx: Context[Any], told: frames.Told) -> None:
        """Write down what the script has to say, under names that are not the fleet's own."""
        event = f"script.{told.event}" if told.event.startswith(NOUNS) else told.event
        known = ("event", "level", "text", "actor", "incarnation", "experiment")
        fields = {key: value for key, value in told.fields.items() if key not in known}
        ctx.log(event, level=told.level, text=told.text, experiment=self._entry.name, **fields)


def stand_in_props(entry: Entry, host: HostProcess, speed: Speed) -> Props:
    """Say how to run the stand-in of an experiment."""
    gate = Gate(entry.name, frozenset(entry.order.ships))
    return Props(factory=lambda: StandIn(entry, host, gate, speed), budget=5.0)
