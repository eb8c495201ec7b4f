"""A ship: runs one behaviour at a time, step by step, and takes it up again after any end."""

from __future__ import annotations

from typing import Any

from fleet.actors.behaviour_run import Run, request_of
from fleet.actors.behaviours import FLEETS, Behaviours
from fleet.actors.moves import Stuck
from fleet.actors.not_yet import not_before
from fleet.actors.patience import LEAST
from fleet.actors.ship_holdings import Holdings
from fleet.actors.ship_messages import Answered, Recalled, Shared, Wake, credits_moved, task_of
from fleet.actors.ship_pause import ASK_TIMEOUT, Again, ask_again, recall
from fleet.actors.ship_rows import assignment_row, news_of
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Ask, Call, Saved, Step, Tell, Until
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    Expired,
    Lane,
    Overloaded,
    UnknownOutcome,
    Withdraw,
    Withdrawn,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.errors import UnknownShip
from fleet.protocol.fleet import (
    BUCKET,
    CONDUCTOR,
    WRITER,
    Announce,
    Assign,
    Ready,
    ShipQuery,
    ShipView,
    Working,
)
from fleet.protocol.rows import Delete
from fleet.protocol.tasks import AnyTask, name_of
from fleet.protocol.wire.ship import Ship
from fleet.runtime import Actor, AskFailed, AskTimeout, Context, Props

# A task that was in hand at so many deaths in a row is taken for their cause.
MOST_DEATHS = 4


class ShipActor(Actor[Any]):
    """Sends a behaviour's steps and feeds it the answers; reads itself back when unsure."""

    def __init__(self, symbol: str, first: Ship | None, shared: Shared) -> None:
        self._symbol = symbol
        self._first = first
        """The ship as it was read at start; None for an incarnation that must read itself."""

        self._shared = shared
        self._state: ShipState | None = None
        self._run: Run | None = None
        self._next: AnyTask | None = None
        self._pending: set[int] = set()
        """Requests of earlier incarnations that are still in flight."""

        self._number = 0
        self._steps = 0
        """Of the last step of any run: what an earlier one asked for is no answer to the next."""

        self._reading = False
        self._holdings = Holdings()

    # -- lives

    def on_start(self, ctx: Context[Any]) -> None:
        """Take the ship as it was just read, and look for a saved task."""
        if self._first is None:
            self.on_restart(ctx, "no first reading")
            return
        self._state = ShipState(self._first, ctx.now)
        self._recall(ctx)

    def on_restart(self, ctx: Context[Any], reason: str) -> None:
        """Take back what an earlier incarnation left waiting, then read the ship."""
        self._shared.deaths += 1
        ctx.tell(ctx.address(BUCKET), Withdraw())

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Go one step further."""
        match message:
            case ApiReply():
                self._replied(ctx, message)
            case ApiRefusal():
                self._refused(ctx, message)
            case UnknownOutcome(number=number):
                self._unknown(ctx, number)
            case Expired(number=number) | Overloaded(number=number):
                self._unsent(ctx, number)
            case _:
                self._other(ctx, message)

    def _other(self, ctx: Context[Any], message: Any) -> None:
        match message:
            case Wake(step=step):
                self._answer(ctx, step, None)
            case Answered(step=step, value=value):
                self._answered(ctx, step, value)
            case Withdrawn(in_flight=numbers):
                self._pending = set(numbers)
                if not self._pending:
                    self._read(ctx)
            case Recalled(values=values):
                self._recalled(ctx, values)
            case Again(step=step):
                self._again(ctx, step)
            case Assign(task=task):
                self._assigned(ctx, task)
            case Announce():
                self._announce(ctx)
            case ShipQuery():
                ctx.reply(self._view())
            case _:
                ctx.log("message.unknown", level="warning", text=f"{message!r:.200}")

    def _announce(self, ctx: Context[Any]) -> None:
        if self._state is None or self._reading or self._recalling:
            # It will say so itself, as soon as it knows.
            return
        known = self._state.present
        conductor = ctx.address(CONDUCTOR)
        ctx.tell(conductor, Working(known, self._run.task) if self._run else Ready(known))

    def _view(self) -> ShipView | None:
        return None if self._state is None else self._shared.view(self._state.present, self._run)

    # -- reading back

    def _read(self, ctx: Context[Any]) -> None:
        self._reading = True
        params = {"shipSymbol": self._symbol}
        self._send(ctx, Call(operation="get-my-ship", lane=Lane.SAFETY, params=params))

    def _unknown(self, ctx: Context[Any], number: int) -> None:
        """Read the ship before it acts again: the server may or may not have acted."""
        if number in self._pending:
            self._pending.discard(number)
            if not self._pending:
                self._read(ctx)
        elif number == self._number and self._reading:
            self._retry_reading(ctx)
        elif number == self._number:
            self._drop_run()
            self._read(ctx)

    def _drop_run(self) -> None:
        if self._run is not None:
            self._run.steps.close()
            self._steps, self._run = self._run.number, None

    def _have_read(self, ctx: Context[Any], ship: Ship) -> None:
        self._reading = False
        if self._state is None:
            self._state = ShipState(ship, ctx.now)
        else:
            self._state.apply(ship)
        self._recall(ctx)

    def _recall(self, ctx: Context[Any]) -> None:
        self._recalling = True
        recall(ctx, self._symbol)

    def _recalled(self, ctx: Context[Any], values: Any) -> None:
        if isinstance(values, AskTimeout | AskFailed):
            ask_again(ctx, None)
            return
        assert self._state is not None
        self._recalling = False
        self._keep_ship(ctx)
        task = task_of(values)
        if self._next is not None:
            self._take_up_next(ctx)
        elif task is not None and self._shared.deaths >= MOST_DEATHS:
            self._give_up(ctx, self._state, task)
        elif task is not None:
            ctx.tell(ctx.address(CONDUCTOR), Working(self._state.present, task))
            self._begin(ctx, task)
        else:
            self._holdings.let_go(ctx, self._symbol)
            ctx.tell(ctx.address(CONDUCTOR), Ready(self._state.present))

    # -- tasks

    def _give_up(self, ctx: Context[Any], state: ShipState, task: AnyTask) -> None:
        """Drop a task that killed several incarnations in a row; the conductor finds another."""
        ctx.log(
            "task.abandoned",
            level="error",
            text=f"{self._symbol} gives {name_of(task)} up: it ended {MOST_DEATHS} incarnations",
            behaviour=name_of(task),
        )
        self._run = Run(task, self._shared.behaviours.start(state, task))
        self._ended(ctx, "failed")

    def _assigned(self, ctx: Context[Any], task: AnyTask) -> None:
        self._next = task
        unsure = self._state is None or self._reading or self._recalling
        # With a request on its way, the new task is taken up when its outcome is known.
        if not unsure and (self._run is None or self._run.waits_for is None):
            self._take_up_next(ctx)

    def _take_up_next(self, ctx: Context[Any]) -> None:
        """Leave what is in hand for the task that came meanwhile."""
        assert self._next is not None
        assert self._state is not None
        task, self._next = self._next, None
        self._drop_run()
        self._holdings.let_go(ctx, self._symbol)
        self._save(ctx, task)
        ctx.tell(ctx.address(CONDUCTOR), Working(self._state.present, task))
        self._begin(ctx, task)

    def _save(self, ctx: Context[Any], task: AnyTask) -> None:
        ctx.tell(ctx.address(WRITER), assignment_row(self._symbol, task, ctx.now()))

    def _begin(self, ctx: Context[Any], task: AnyTask) -> None:
        assert self._state is not None
        self._run = Run(task, self._shared.behaviours.start(self._state, task), self._steps)
        self._advance(ctx, None)

    def _ended(self, ctx: Context[Any], outcome: str) -> None:
        assert self._run is not None
        assert self._state is not None
        task = self._run.task
        self._drop_run()
        self._shared.deaths = 0
        ctx.tell(ctx.address(WRITER), Delete("assignments", (self._symbol,)))
        self._holdings.let_go(ctx, self._symbol)
        self._keep_ship(ctx)
        if self._next is not None:
            self._take_up_next(ctx)
        else:
            ctx.tell(ctx.address(CONDUCTOR), Ready(self._state.present, task, outcome))

    # -- steps

    def _advance(self, ctx: Context[Any], answer: Any) -> None:
        """Feed the answer in and send the next step; several, where one needs no answer."""
        while (run := self._run) is not None:
            try:
                step = run.steps.send(answer)
            except StopIteration as end:
                self._ended(ctx, end.value)
                return
            except Stuck as stuck:
                self._ended(ctx, str(stuck))
                return
            answer = None
            if not self._issue(ctx, run, step):
                return

    def _issue(self, ctx: Context[Any], run: Run, step: Step) -> bool:
        """Send one step; say whether the next may follow at once."""
        run.number += 1
        number = run.number
        match step:
            case Tell(path=path, message=message):
                ctx.tell(ctx.address(path), message)
                return True
            case Saved(task=task):
                run.task = task
                self._save(ctx, task)
                return True
            case Until(moment=moment, why=why):
                run.doing = why
                ctx.timer("step", Wake(number), at=moment)
            case Ask(path=path, message=message):
                self._holdings.asks(message)
                ctx.ask(
                    ctx.address(path),
                    message,
                    timeout=ASK_TIMEOUT,
                    on_reply=lambda value: Answered(number, value),
                )
            case Call():
                run.waits_for, run.doing = step, step.operation
                self._send(ctx, step)
        return False

    def _send(self, ctx: Context[Any], call: Call) -> None:
        self._number = ctx.incarnation * 1_000_000 + self._number % 1_000_000 + 1
        self._shared.requests += 1
        behaviour = name_of(self._run.task) if self._run else ""
        request = request_of(call, self._number, self._symbol, behaviour)
        ctx.tell(ctx.address(BUCKET), request)

    def _answer(self, ctx: Context[Any], step: int, value: Any) -> None:
        if self._run is not None and self._run.number == step:
            self._advance(ctx, value)

    def _answered(self, ctx: Context[Any], step: int, value: Any) -> None:
        if self._run is None or self._run.number != step:
            return
        if isinstance(value, AskTimeout | AskFailed):
            ask_again(ctx, step)
        else:
            self._advance(ctx, value)

    def _again(self, ctx: Context[Any], step: int | None) -> None:
        """Run a task again from what the ship is: the actor that it asked was replaced."""
        if step is None:
            self._recall(ctx)
        elif self._run is not None and self._run.number == step:
            task = self._run.task
            self._drop_run()
            self._begin(ctx, task)

    # -- outcomes

    def _replied(self, ctx: Context[Any], reply: ApiReply) -> None:
        if reply.number != self._number:
            return
        self._shared.patience.done(mutating=BY_OPERATION[reply.operation].mutating)
        if self._reading:
            self._have_read(ctx, reply.data)
            return
        run = self._run
        if run is None or run.waits_for is None or self._state is None:
            return
        run.waits_for = None
        self._state.apply(reply.data)
        self._shared.income[name_of(run.task)] += credits_moved(reply)
        self._keep_ship(ctx)
        self._continue(ctx, reply.data)

    def _continue(self, ctx: Context[Any], answer: Any) -> None:
        """Go on with the run, or leave it here for a task that came meanwhile."""
        if self._next is not None:
            self._take_up_next(ctx)
        else:
            self._advance(ctx, answer)

    def _refused(self, ctx: Context[Any], refusal: ApiRefusal) -> None:
        if refusal.number != self._number:
            return
        if self._reading:
            # Nobody can fly a ship that the server doesn't know.
            if refusal.status == 404:
                raise UnknownShip(self._symbol)
            self._retry_reading(ctx)
            return
        run = self._run
        if run is None or run.waits_for is None:
            return
        wait = None if self._state is None else not_before(refusal, self._state)
        if wait is not None:
            self._send_later(ctx, run, wait)
            return
        run.waits_for = None
        if pause := self._shared.patience.refused():
            run.hear_later(refusal, GameTime(ctx.now() + pause))
            self._advance(ctx, None)
        else:
            self._continue(ctx, refusal)

    def _retry_reading(self, ctx: Context[Any]) -> None:
        ctx.timer("read", Withdrawn(()), at=self._shared.patience.try_again(ctx.now()))

    def _unsent(self, ctx: Context[Any], number: int) -> None:
        if number != self._number:
            return
        if self._reading:
            self._retry_reading(ctx)
        elif self._run is not None and self._run.waits_for is not None:
            self._send_later(ctx, self._run, GameTime(ctx.now() + LEAST))

    def _send_later(self, ctx: Context[Any], run: Run, moment: GameTime) -> None:
        run.call_again(moment)
        self._advance(ctx, None)

    def _keep_ship(self, ctx: Context[Any]) -> None:
        """Tell the writer what the ship is, if it has changed."""
        assert self._state is not None
        rows = news_of(self._state.wire, self._shared.stored)
        if rows is not None:
            ctx.tell(ctx.address(WRITER), rows)
            self._shared.stored = self._state.wire


def ship_props(
    symbol: str, first: Ship | None, *, budget: float = 2.0, behaviours: Behaviours = FLEETS
) -> Props:
    """Say how to run a ship; only its first incarnation trusts the first reading."""
    shared = Shared(behaviours)
    readings: list[Ship | None] = [first]

    def make() -> ShipActor:
        return ShipActor(symbol, readings.pop() if readings else None, shared)

    return Props(factory=make, budget=budget)
