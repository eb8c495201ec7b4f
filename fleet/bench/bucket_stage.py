"""A bucket with its workers before the real simulator, in virtual time, with ways of their own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fleet.actors.api_worker import BUDGET, ApiWorker, WorkerSettings
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.request_bucket import bucket_props
from fleet.actors.worker_messages import Order
from fleet.protocol.api import ApiRequest, Finished, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import Auth
from fleet.protocol.metrics import BucketQuery, BucketStatus
from fleet.protocol.rows import Rows, Upsert
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport
from fleet.runtime import (
    Actor,
    ActorSystem,
    Context,
    Envelope,
    Future,
    Hang,
    NullEvents,
    Props,
    VirtualDispatcher,
)
from fleet.simulator import SimSettings
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import supervise
from fleet.virtual_fleet import Universe, universe

BUCKET, WRITER = "/fleet/bucket", "/fleet/writer"
MINUTE = 60.0
PER_MINUTE = 150

Leg = Callable[[random.Random], float]
"""Makes the time that one request, or one reply, is under way; game seconds."""


def none(_: random.Random) -> float:
    """Take no time."""
    return 0.0


def evenly(least: float, most: float) -> Leg:
    """Take any time between two, in game milliseconds."""
    return lambda rng: rng.uniform(least, most) / 1000


@dataclass
class Tally:
    """What the server saw, by game minute."""

    served: Counter[int] = field(default_factory=Counter)
    limited: Counter[int] = field(default_factory=Counter)
    saturated: set[int] = field(default_factory=set)
    """Minutes in which a request waited throughout, as the bucket tells."""

    begins: int = 0
    """The first whole minute that counts."""

    def add(self, minute: int, status: int) -> None:
        """Count an answer in the minute in which its request arrived."""
        (self.limited if status == 429 else self.served)[minute] += 1

    @property
    def minutes(self) -> list[int]:
        """The saturated minutes that count."""
        return sorted(minute for minute in self.saturated if minute >= self.begins)

    @property
    def share(self) -> float:
        """Per cent of the allowance that was used in them."""
        minutes = self.minutes
        if not minutes:
            return 0.0
        return 100.0 * sum(self.served[minute] for minute in minutes) / len(minutes) / PER_MINUTE

    @property
    def refused(self) -> int:
        """Answers 429 from the first minute that counts on."""
        return sum(count for minute, count in self.limited.items() if minute >= self.begins)

    def hear(self, rows: Rows) -> None:
        """Read off the bucket's own rows which minutes were saturated."""
        for row in rows.rows:
            if isinstance(row, Upsert) and row.table == "metrics_minute":
                figure, minute = row.key
                if figure == "bucket.saturated" and row.values["value"]:
                    self.saturated.add(int(minute))


@dataclass(frozen=True, slots=True)
class Sending:
    """One request that was given to a worker."""

    lane: Lane
    queued_at: GameTime
    at: GameTime


@dataclass(frozen=True, slots=True)
class Watched:
    """A way to the simulator on which a tally is kept."""

    inner: Transport
    tally: Tally
    now: Callable[[], GameTime]

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send, and count the answer."""
        answer = self.inner.send(request)
        self.tally.add(int(self.now() // MINUTE), answer.status)
        return answer

    def cancel(self) -> None:
        """Do nothing: nobody ever waits in `send`."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """The order in hand has reached the server."""


@dataclass(frozen=True, slots=True)
class _Back:
    """The answer has come back."""

    finished: Finished


class LeggedWorker(ApiWorker):
    """An API worker in virtual time whose requests and replies are under way for a while."""

    def __init__(self, stage: Stage, settings: WorkerSettings) -> None:
        super().__init__(stage.transport(), settings)
        self._stage = stage
        self._arrived = False

    def receive(self, ctx: Context[Any], message: Any) -> Hang | None:
        """Keep an order for the time of its way, carry it out, and keep its answer."""
        stage = self._stage
        match message:
            case Order() if not self._arrived:
                if stage.hang is not None:
                    hang, stage.hang = stage.hang, None
                    return Hang(GameTime(ctx.now() + hang))
                ctx.stash()
                request, queued = message.send.request, message.send.queued_at
                stage.sent.append(Sending(request.lane, queued, ctx.now()))
                ctx.timer("there", _Arrived(), after=stage.there(stage.rng))
            case _Arrived():
                self._arrived = True
                ctx.unstash()
            case _Back(finished=finished):
                super()._hand_in(ctx, finished)
            case _:
                self._arrived = False
                super().receive(ctx, message)
        return None

    def _hand_in(self, ctx: Context[Any], finished: Finished) -> None:
        ctx.timer("back", _Back(finished), after=self._stage.back(self._stage.rng))


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for something more."""


class Keen(Actor[Any]):
    """A ship that asks for the next thing as soon as it was told the last."""

    def __init__(self, ship: str, lane: Lane, stage: Stage) -> None:
        self._ship, self._lane, self._stage = ship, lane, stage
        self._number = 0

    def on_start(self, ctx: Context[Any]) -> None:
        """Begin."""
        self._ask(ctx)

    def receive(self, ctx: Context[Any], message: Any) -> None:
        """Note the outcome and ask again."""
        self._stage.outcomes[type(message).__name__] += 1
        self._stage.heard[self._ship] = ctx.now()
        self._ask(ctx)

    def _ask(self, ctx: Context[Any]) -> None:
        self._number += 1
        request = ApiRequest(
            number=self._number,
            operation="get-ship-nav",
            lane=self._lane,
            params={"shipSymbol": self._ship},
            ship=self._ship,
        )
        ctx.tell(ctx.address(BUCKET), request)


class _Books(Actor[Any]):
    """Stands in for the database writer."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def receive(self, ctx: Context[Any], message: Any) -> None:
        if isinstance(message, Rows):
            self._tally.hear(message)


class Stage:
    """Everything of one run; one thread."""

    def __init__(
        self,
        *,
        seed: int = 1,
        there: Leg = none,
        back: Leg = none,
        workers: int = 4,
        phase: float = 0.0,
        **settings: Any,
    ) -> None:
        """Make the world and start the actors.

        `phase` is when within the first seconds the bucket begins; more settings are the
        bucket's.
        """
        self.there, self.back, self.rng = there, back, random.Random(seed)
        self.hang: float | None = None
        """For how many seconds the next order hangs, whichever worker gets it."""

        self.outcomes: Counter[str] = Counter()
        self.heard: dict[str, float] = {}
        """By ship, when it was last told something."""

        self.sent: list[Sending] = []
        self.tally = Tally()
        self.world: Universe = universe(SimSettings(seed=seed, scenario="late"))
        self.token = self.world.register("BENCH")
        self.ships = sorted(self.world.simulator.world.agents["BENCH"].ships)
        self.clock = self.world.clock
        self.dispatcher = VirtualDispatcher(self.clock)
        self.system = ActorSystem(
            dispatcher=self.dispatcher, clock=self.clock, events=NullEvents(), seed=seed
        )
        self.dispatcher.bind(self.system)
        self.clock.now += phase
        self.paths = tuple(f"/fleet/worker-{number}" for number in range(1, workers + 1))
        self.system.spawn("/fleet", supervise(self._tree(settings)))
        self.dispatcher.run_for(0.0)

    def transport(self) -> Transport:
        """Make a way to the simulator."""
        return Watched(self.world.transport(), self.tally, self.clock.game)

    def _tree(self, settings: dict[str, Any]) -> SupervisorSpec:
        worker = WorkerSettings(bucket=BUCKET, writer=WRITER, epoch=1, token=self._bearer)
        bucket = BucketSettings(workers=self.paths, writer=WRITER, **settings)
        make = Props(factory=lambda: LeggedWorker(self, worker), budget=BUDGET)
        names = (path.rpartition("/")[2] for path in self.paths)
        return SupervisorSpec(
            children=(
                ChildSpec(id="writer", props=Props(factory=lambda: _Books(self.tally))),
                ChildSpec(id="bucket", props=bucket_props(bucket, self.clock.game)),
                *(ChildSpec(id=name, props=make) for name in names),
            )
        )

    def _bearer(self, kind: Auth) -> str | None:
        return self.token if kind is Auth.AGENT else None

    def spawn(self, name: str, make: Callable[[], Actor[Any]]) -> None:
        """Start one more actor."""
        self.system.spawn(f"/{name}", Props(factory=make))

    def keep_busy(self, ships: int, lane: Callable[[int], Lane]) -> None:
        """Start ships that never stop asking."""
        for number, ship in enumerate(self.ships[:ships]):
            self.spawn(ship, partial(Keen, ship, lane(number), self))

    def count_from(self, seconds: float) -> None:
        """Count only minutes that begin so much later."""
        self.tally.begins = int((self.clock.now + seconds) // MINUTE) + 1

    def run(self, seconds: float) -> Iterator[float]:
        """Let time pass; yields about every game hour how much has passed."""
        passed = 0.0
        while passed < seconds:
            step = min(3600.0, seconds - passed)
            self.dispatcher.run_for(step)
            passed += step
            yield passed

    @property
    def status(self) -> BucketStatus:
        """Ask the bucket how it is."""
        answer: Future[Any] = Future()
        self.system.post(BUCKET, Envelope(BucketQuery(), self.system.next_id(), future=answer))
        self.dispatcher.run_for(0.0)
        status: BucketStatus = answer.get(0.0)
        return status

    def close(self) -> None:
        """Abandon everything."""
        self.system.close()
