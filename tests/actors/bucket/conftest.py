"""A bucket between scripted workers and senders that write down what they are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.limiter import Limiter
from fleet.actors.request_bucket import bucket_props
from fleet.actors.worker_messages import Order, Report, WorkerReport
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Finished,
    Lane,
    LimitHeaders,
    Send,
    Withdraw,
    Withdrawn,
    WorkerReady,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.metrics import BucketQuery, BucketStatus
from fleet.runtime import Actor, Context, Envelope, Future, Hang, Props

BUCKET, WRITER = "/bucket", "/writer"


class Free(Limiter):
    """No limits at all."""

    def permit_at(self, now: GameTime, *, urgent: bool = False) -> GameTime:
        return now


@dataclass(frozen=True)
class Act:
    """What a worker does with an order: a disposition of Finished, or crash or hang."""

    what: str = "reply"
    delay: float = 0.1
    reason: str = ""
    code: int = 4000
    limits: LimitHeaders = field(default_factory=LimitHeaders)


@dataclass(frozen=True)
class Done:
    """A worker's own timer."""

    send: Send
    act: Act


class Worker(Actor[Any]):
    """Handles its mailbox in order, as the real one does, although it never blocks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.last: Finished | None = None
        self.busy = False
        self.bucket = 0

    def on_start(self, ctx: Context[Any]) -> None:
        ctx.tell(ctx.address(BUCKET), WorkerReady())

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        if self.busy and not isinstance(message, Done):
            ctx.stash()
            return None
        match message:
            case Report():
                self.bucket = ctx.envelope.sender_incarnation
                ctx.reply(WorkerReport(ctx.incarnation, self.last))
            case Order(send=send, incarnation=incarnation, at=at):
                current = ctx.envelope.sender_incarnation >= self.bucket
                if incarnation == ctx.incarnation and current:
                    ahead = 0.0 if at is None else at - ctx.now()
                    self.world.ahead.append(ahead)
                    return self._take(ctx, send, ahead)
            case Done(send=send, act=act):
                self._finish(ctx, send, act)
        return None

    def _take(self, ctx: Context[Any], send: Send, ahead: float) -> Hang | None:
        self.world.sent.append((ctx.now(), ctx.self.path, send.request))
        self.world.sends.append(send)
        act = self.world.script(send.request)
        if act.what == "hang":
            return Hang(GameTime(ctx.now() + 1e7))
        if act.what == "crash at once":
            raise RuntimeError("the worker broke")
        self.busy = True
        ctx.timer("done", Done(send, act), after=ahead + act.delay)
        return None

    def _finish(self, ctx: Context[Any], send: Send, act: Act) -> None:
        if act.what == "crash":
            raise RuntimeError("the worker broke")
        request = send.request
        outcome: Any = None
        if act.what == "reply":
            outcome = ApiReply(request.number, request.operation, f"data {len(self.world.sent)}")
        elif act.what in ("refusal", "fatal"):
            outcome = ApiRefusal(request.number, request.operation, 400, act.code, "no", {})
        sent = ctx.monotonic()
        self.last = Finished(
            envelope=send.envelope,
            disposition=act.what,  # type: ignore[arg-type]
            outcome=outcome,
            reason=act.reason,
            sent=sent,
            answered=sent,
            limits=self.world.headers(ctx.now()) if self.world.headers else act.limits,
        )
        ctx.tell(ctx.address(BUCKET), self.last)
        self.busy = False
        ctx.unstash()


class Sender(Actor[Any]):
    """Does what it is told, writes down what comes back; a replaced one withdraws."""

    def __init__(self, world: World) -> None:
        self.world = world

    def on_restart(self, ctx: Context[Any], reason: str) -> None:
        ctx.tell(ctx.address(BUCKET), Withdraw())

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if callable(message):
            message(ctx)
        elif isinstance(message, Withdrawn):
            self.world.withdrawn.append((ctx.self.path, message))
        else:
            self.world.outcomes.append((ctx.self.path, message))
            if hasattr(message, "number"):
                self.world.when[ctx.self.path, message.number] = ctx.now()


@dataclass
class World:
    """The bucket's surroundings."""

    stage: Any
    acts: dict[str, list[Act]] = field(default_factory=dict)
    """By operation or sender's ship, what to do next; when used up, `otherwise`."""

    otherwise: Act = field(default_factory=Act)
    choose: Callable[[ApiRequest], Act] | None = None
    headers: Callable[[GameTime], LimitHeaders] | None = None
    sent: list[tuple[GameTime, str, ApiRequest]] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    outcomes: list[tuple[str, Any]] = field(default_factory=list)
    when: dict[tuple[str, int], GameTime] = field(default_factory=dict)
    ahead: list[float] = field(default_factory=list)
    """How long before their time orders came."""

    withdrawn: list[tuple[str, Withdrawn]] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def script(self, request: ApiRequest) -> Act:
        if self.choose is not None:
            return self.choose(request)
        waiting = self.acts.get(request.operation)
        return waiting.pop(0) if waiting else self.otherwise

    def start(self, workers: int = 2, *, parent: str = "", **settings: Any) -> World:
        system, paths = self.stage.system, tuple(f"/worker-{n}" for n in range(workers))
        settings = {"limiter": Free, **settings}
        props = bucket_props(
            BucketSettings(workers=paths, writer=WRITER, **settings), self.stage.clock.game
        )
        self.stage.spawn(WRITER)
        system.spawn(BUCKET, self.wrap(props), parent=parent)
        for path in paths:
            system.spawn(path, Props(factory=lambda: Worker(self), budget=20.0))
        self.run()
        return self

    def wrap(self, props: Props) -> Props:
        """Let tests put something around the bucket."""
        return props

    def sender(self, name: str) -> Any:
        path = f"/{name}"
        if self.stage.system.cell(path) is None:
            return self.stage.system.spawn(path, Props(factory=lambda: Sender(self)))
        return self.stage.system.address(path)

    def ask(
        self,
        operation: str = "dock-ship",
        *,
        by: str = "A",
        expires: float | None = None,
        lane: Lane = Lane.ACTION,
        **fields: Any,
    ) -> int:
        """Have a sender send a request; tell its number."""
        self.numbers[by] += 1
        request = ApiRequest(number=self.numbers[by], operation=operation, lane=lane, **fields)
        late = None if expires is None else GameTime(self.stage.clock.now + expires)
        bucket = self.stage.system.address(BUCKET)
        self.sender(by).tell(lambda ctx: ctx.tell(bucket, request, expires=late) and None)
        return request.number

    def replace(self, name: str) -> None:
        """Have a sender crash and come back."""

        def crash(_: Any) -> None:
            raise RuntimeError("the ship broke")

        self.sender(name).tell(crash)

    def run(self, seconds: float = 0.0) -> World:
        self.stage.run(seconds)
        return self

    def call(self, message: Any) -> Any:
        """Ask the bucket from outside."""
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post(BUCKET, Envelope(message, system.next_id(), future=answer))
        self.run()
        return answer.get(0)

    @property
    def status(self) -> BucketStatus:
        return self.call(BucketQuery())

    @property
    def lanes(self) -> Any:
        return self.stage.system.cell(BUCKET).mailbox

    def told(self, by: str = "A") -> list[Any]:
        """What a sender was told, in order."""
        return [outcome for path, outcome in self.outcomes if path == f"/{by}"]

    def numbers_sent(self) -> list[int]:
        return [request.number for _, _, request in self.sent]


@pytest.fixture
def world(virtual: Any) -> World:
    """A bucket that can be started in virtual time."""
    return World(virtual)


@pytest.fixture(scope="session")
def worlds(stages: Any) -> Callable[..., World]:
    """Makes worlds, for tests that need several."""
    return lambda kind=World, **options: kind(stages(**options))


@pytest.fixture(scope="session")
def act() -> type[Act]:
    """Makes what a worker does."""
    return Act


@pytest.fixture(scope="session")
def world_class() -> type[World]:
    """To derive from."""
    return World
