"""The parent of all experiments: starts them, hears of their ends, and cleans up after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from fleet.actors.experiment_messages import Arrange, EndBudget, EndQuota, GiveBack
from fleet.inject.register import Entry, Register
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import BUCKET, CONDUCTOR, TREASURY, WRITER
from fleet.protocol.rows import Upsert
from fleet.runtime import Actor, Context, Down, Envelope, Props

STOP_WITHIN = 1.0
"""Wall seconds for an experiment's orderly end; after that it is abandoned."""


@dataclass(frozen=True, slots=True)
class Open:
    """Take an experiment in under its name; answered with whether the name was free."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Start:
    """Start the actor of an experiment that was taken in; answered once it has started."""

    name: str
    props: Props


@dataclass(frozen=True, slots=True)
class Running:
    """From an experiment's actor: it has come through its start."""

    name: str


@dataclass(frozen=True, slots=True)
class Eject:
    """End an experiment; answered with its Entry when all is cleaned up, or None."""

    name: str
    reason: str = "ejected"
    entry: Entry | None = None
    """Which one; None for whichever has the name."""


@dataclass(frozen=True, slots=True)
class TurnOver:
    """A turn of a comparison is over."""

    name: str


FAILURES = ("crashed", "hung")
"""How outcomes begin that somebody has to look at."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """An experiment did not end in time."""

    name: str


class Laboratory(Actor[Any]):
    """Its children are temporary: an end of any kind ends the experiment.

    A replaced laboratory finds in the register what runs, and looks which of it is gone.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._waiting: dict[str, list[Envelope]] = {}
        """Who waits for a start or an end, by experiment."""

        self._reasons: dict[str, str] = {}

    def on_restart(self, ctx: Context[Any], reason: str) -> None:
        """Clean up after what ended meanwhile, and watch the clock for the rest."""
        living = {path.rpartition("/")[2] for path in ctx.children()}
        for name in ctx.children_down():
            living.discard(name)
            ctx.abandon(self._address(ctx, name))
        for name, entry in list(self._register.running.items()):
            if name in living:
                self._watch_clock(ctx, entry)
            else:
                self._over(ctx, name, "it ended while nobody looked")

    def on_stop(self, ctx: Context[Any], reason: str) -> None:
        """End every script, before its ships and those who serve it."""
        for name in list(self._register.running):
            self._over(ctx, name, "the fleet has stopped")

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Begin, end, or clean up after an experiment."""
        match message:
            case Open(entry=entry):
                self._open(ctx, entry)
            case Start(name=name, props=props):
                self._start(ctx, name, props)
            case Running(name=name):
                self._running(ctx, name)
            case Eject():
                self._eject(ctx, message)
            case TurnOver(name=name):
                self._next_turn(ctx, name)
            case Overdue(name=name):
                ctx.abandon(self._address(ctx, name))
            case Down():
                self._down(ctx, message)
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _address(self, ctx: Context[Any], name: str) -> Any:
        return ctx.address(f"{ctx.self.path}/{name}")

    def _open(self, ctx: Context[Any], entry: Entry) -> None:
        free = entry.name not in self._register.running
        if free:
            # The database hears of it when it runs: what is refused must not cost the results of
            # whatever had the name before.
            self._register.running[entry.name] = entry
        ctx.reply(free)

    def _start(self, ctx: Context[Any], name: str, props: Props) -> None:
        if name not in self._register.running:
            ctx.reply(None)
            return
        self._waiting.setdefault(name, []).append(ctx.envelope)
        ctx.spawn(name, props)

    def _running(self, ctx: Context[Any], name: str) -> None:
        entry = self._register.running.get(name)
        if entry is None or entry.started is not None:
            return
        entry.started, entry.began = ctx.now(), ctx.monotonic()
        self._watch_clock(ctx, entry)
        if entry.trial is not None:
            self._next_turn(ctx, name)
        else:
            self._row(ctx, entry, "running")
        ctx.log("experiment.started", text=f"{name} runs ({entry.kind})", experiment=name)
        self._answer(ctx, name, entry)

    def _watch_clock(self, ctx: Context[Any], entry: Entry) -> None:
        if entry.order.seconds is not None:
            over = Eject(entry.name, "its time is over")
            left = entry.order.seconds - (ctx.monotonic() - entry.began)
            ctx.timer(f"over {entry.name}", over, after=max(0.0, left))
        if entry.trial is not None and entry.trial.turn is not None:
            until = GameTime(entry.trial.turn.until)
            ctx.timer(f"turn {entry.name}", TurnOver(entry.name), at=until)
            # Whoever began the turn may have died before it said so.
            ctx.tell(ctx.address(CONDUCTOR), Arrange(entry.name, entry.trial.tasks()))

    def _next_turn(self, ctx: Context[Any], name: str) -> None:
        """Begin the next turn of a comparison, and have the last one kept."""
        entry = self._register.running.get(name)
        if entry is None or entry.trial is None:
            return
        turn = entry.trial.next(ctx.now())
        ctx.tell(ctx.address(CONDUCTOR), Arrange(name, entry.trial.tasks()))
        ctx.timer(f"turn {name}", TurnOver(name), at=GameTime(turn.until))
        self._row(ctx, entry, "running")

    def _eject(self, ctx: Context[Any], which: Eject) -> None:
        name, reason = which.name, which.reason
        running = self._register.running.get(name)
        if running is None or running is not (which.entry or running):
            ctx.reply(None)
            return
        self._waiting.setdefault(name, []).append(ctx.envelope)
        if f"{ctx.self.path}/{name}" in ctx.children():
            self._reasons[name] = reason
            ctx.timer(f"overdue {name}", Overdue(name), after=STOP_WITHIN)
            ctx.stop(self._address(ctx, name), reason)
        else:
            self._over(ctx, name, reason)

    def _down(self, ctx: Context[Any], down: Down) -> None:
        name = down.address.path.rpartition("/")[2]
        if down.reason != "stopped":
            # Never started again: its address is to be free for another one.
            ctx.abandon(down.address)
        words = {"crash": "crashed", "hung": "hung", "normal": "ended"}
        told = words.get(down.reason, "")
        detail = " ".join(down.detail.split())
        why = f"{told}: {detail}" if told and detail else told or detail
        self._over(ctx, name, self._reasons.pop(name, "") or why)

    def _over(self, ctx: Context[Any], name: str, outcome: str) -> None:
        """Free all that an experiment had; once."""
        ctx.cancel(f"overdue {name}")
        ctx.cancel(f"over {name}")
        ctx.cancel(f"turn {name}")
        entry = self._register.close(name, outcome, ctx.now())
        if entry is None:
            return
        entry.end()
        if entry.trial is not None:
            entry.trial.end(ctx.now())
        ctx.tell(ctx.address(BUCKET), EndQuota(name))
        ctx.tell(ctx.address(TREASURY), EndBudget(name))
        ctx.tell(ctx.address(CONDUCTOR), GiveBack(name))
        if entry.started is not None:
            self._row(ctx, entry, "ended")
        failed = outcome.startswith(FAILURES)
        fields = {"stack": entry.stack} if entry.stack else {}
        ctx.log(
            "experiment.ended",
            level="error" if failed else "info",
            text=f"{name} is over: {outcome}",
            experiment=name,
            reason=outcome,
            **fields,
        )
        self._answer(ctx, name, entry)

    def _answer(self, ctx: Context[Any], name: str, entry: Entry) -> None:
        for envelope in self._waiting.pop(name, ()):
            ctx.reply(entry, to=envelope)

    def _row(self, ctx: Context[Any], entry: Entry, status: str) -> None:
        """Have the database keep what was tried, and what came of it."""
        order, wallet = entry.order, entry.wallet
        plan = msgspec.to_builtins(order)
        plan.pop("source")
        result: dict[str, Any] = {
            "outcome": entry.outcome,
            "requests": wallet.requests,
            "spent": wallet.spent,
            "earned": wallet.earned,
        }
        if entry.trial is not None:
            result["trial"] = entry.trial.as_json()
        told = status == "ended" or entry.trial is not None
        values = {
            "status": status,
            "plan": plan,
            "result": result if told else None,
            "started_at": entry.started or entry.asked,
            "ended_at": entry.ended,
        }
        ctx.tell(ctx.address(WRITER), Upsert("experiments", (entry.name,), values))


def laboratory_props(register: Register) -> Props:
    """Say how to run the laboratory."""
    return Props(factory=lambda: Laboratory(register), budget=5.0)
