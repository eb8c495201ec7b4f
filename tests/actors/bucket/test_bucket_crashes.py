"""The bucket crashes at every step, workers and senders die: nothing is lost or doubled.

The one pair of steps that nothing comes between is taking a request out of the mailbox and
telling its sender: both are single calls without any of our code in between.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.request_bucket import RequestBucket
from fleet.actors.request_lanes import RequestLanes, lane_of
from fleet.actors.worker_messages import Order
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Expired,
    Lane,
    UnknownOutcome,
    Withdraw,
)
from fleet.runtime import Envelope, Props
from fleet.supervision.breaker import BreakerSettings

OUTCOME = {"reply": ApiReply, "refusal": ApiRefusal, "unknown": UnknownOutcome}
DEADLY = {"crash", "crash at once", "hang"}
TERMINAL = {*OUTCOME, *DEADLY}


@dataclass
class Fuse:
    """Counts steps and breaks the bucket at some of them."""

    at: set[int] = field(default_factory=set)
    count: int = 0
    calm: bool = False

    def step(self) -> None:
        if self.calm:
            return
        self.count += 1
        if self.count in self.at:
            raise RuntimeError(f"step {self.count}")


@dataclass(slots=True, kw_only=True)
class BreakingLanes(RequestLanes):
    """Breaks around what the bucket does with its lanes."""

    fuse: Fuse

    def heads(self) -> Any:
        self.fuse.step()
        return RequestLanes.heads(self)

    def lease(self, lane: int, most: int = 1) -> list[Envelope]:
        self.fuse.step()
        taken = RequestLanes.lease(self, lane, most)
        self.fuse.step()
        return taken

    def note(self, envelope_id: int, note: Any) -> None:
        self.fuse.step()
        RequestLanes.note(self, envelope_id, note)
        self.fuse.step()

    def settle(self, envelope_id: int) -> Any:
        self.fuse.step()
        return RequestLanes.settle(self, envelope_id)

    def release(self, envelope_id: int) -> None:
        self.fuse.step()
        RequestLanes.release(self, envelope_id)
        self.fuse.step()

    def withdraw(self, matches: Callable[[Envelope], bool]) -> list[Envelope]:
        self.fuse.step()
        return RequestLanes.withdraw(self, matches)


class BreakingContext:
    """Breaks around what the bucket tells workers and timers."""

    def __init__(self, ctx: Any, fuse: Fuse) -> None:
        self._ctx = ctx
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    def tell(self, to: Any, message: Any, **options: Any) -> int:
        if not isinstance(message, Order):
            return self._ctx.tell(to, message, **options)
        self._fuse.step()
        told = self._ctx.tell(to, message, **options)
        self._fuse.step()
        return told

    def timer(self, *args: Any, **options: Any) -> None:
        self._fuse.step()
        self._ctx.timer(*args, **options)

    def ask(self, *args: Any, **options: Any) -> None:
        self._fuse.step()
        self._ctx.ask(*args, **options)
        self._fuse.step()


class BreakingBucket(RequestBucket):
    """The bucket with a fuse."""

    def __init__(self, settings: BucketSettings, fuse: Fuse) -> None:
        super().__init__(settings)
        self._fuse = fuse

    def on_start(self, ctx: Any) -> None:
        super().on_start(BreakingContext(ctx, self._fuse))

    def on_restart(self, ctx: Any, reason: str) -> None:
        super().on_restart(BreakingContext(ctx, self._fuse), reason)

    def receive(self, ctx: Any, message: Any) -> None:
        # A Withdraw that is lost with the bucket is its sender's affair: it asks again.
        self._fuse.calm = isinstance(message, Withdraw)
        super().receive(BreakingContext(ctx, self._fuse), message)


OPERATIONS = ("dock-ship", "get-market", "get-my-ship", "sell-cargo")


@pytest.fixture(scope="session")
def story(worlds: Any, world_class: type, act: Any) -> Callable[..., Any]:
    """Plays a random story and checks that everybody got what is due."""

    class Breaking(world_class):  # type: ignore[misc]
        def wrap(self, props: Props) -> Props:
            now = self.stage.clock.game
            options = BucketSettings(
                workers=("/worker-0", "/worker-1"),
                limiter=self.limiter,
                attempts=100,
                breaker=BreakerSettings(failures=1000),
            )
            return replace(
                props,
                factory=lambda: BreakingBucket(options, self.fuse),
                mailbox=lambda: BreakingLanes(lane_of=lane_of, now=now, fuse=self.fuse),
            )

    def play(seed: int, at: set[int], *, deaths: float = 0.0, replaced: float = 0.0) -> Any:
        world = worlds(Breaking, seed=seed)
        world.fuse, world.acted, world.gone = Fuse(at), [], set()
        world.limiter = world_class.start.__globals__["Free"]
        rng = random.Random(seed)

        def choose(request: ApiRequest) -> Any:
            what = rng.choices(
                ["reply", "refusal", "unknown", "limited", "unsent", *sorted(DEADLY)],
                [12, 2, 1, 1, 1, *(deaths for _ in DEADLY)],
            )[0]
            world.acted.append((request.ship, request.number, what))
            return act(what, delay=rng.choice([0.0, 0.1, 1.0]))

        world.choose = choose
        world.start(2)
        for _ in range(12):
            _ask(world, rng)
            if rng.random() < 0.4:
                world.run(rng.choice([0.05, 0.3, 2.0]))
            if rng.random() < replaced:
                _replace(world, rng.choice("ABC"))
        world.run(500)
        _check(world)
        return world

    return play


def _ask(world: Any, rng: random.Random) -> None:
    name = rng.choice("ABC")
    world.ask(
        rng.choice(OPERATIONS),
        by=name,
        ship=name,
        lane=rng.choice(list(Lane)),
        params={"shipSymbol": "S", "waypointSymbol": "W"},
        exclusive=rng.random() < 0.1,
        expires=3.0 if rng.random() < 0.1 else None,
    )


def _replace(world: Any, name: str) -> None:
    told = {(path[1:], outcome.number) for path, outcome in world.outcomes}
    world.gone |= {(name, number + 1) for number in range(world.numbers[name])} - told
    world.replace(name)


def _check(world: Any) -> None:
    told = Counter((path[1:], outcome.number) for path, outcome in world.outcomes)
    asked = {(name, n + 1) for name, count in world.numbers.items() for n in range(count)}
    assert all(count == 1 for count in told.values()), "an outcome was told twice"
    assert set(told) | world.gone == asked, "a request was forgotten"
    _check_orders(world, {(path[1:], outcome.number): outcome for path, outcome in world.outcomes})
    assert world.lanes.records == {}
    assert not world.lanes.leases
    assert world.lanes.held == 0


def _check_orders(world: Any, outcomes: dict[tuple[str, int], Any]) -> None:
    done: dict[tuple[str, int], list[str]] = {}
    requests = {(request.ship, request.number): request for _, _, request in world.sent}
    for ship, number, what in world.acted:
        if what in TERMINAL:
            done.setdefault((ship, number), []).append(what)
    for key, acts in done.items():
        if not requests[key].mutating:
            assert len(acts) <= 2
            continue
        assert len(acts) == 1, "a mutating request was done twice"
        expected = OUTCOME.get(acts[0], UnknownOutcome)
        outcome = outcomes.get(key)
        if key in world.gone:
            assert outcome is None or isinstance(outcome, UnknownOutcome | expected)
        else:
            assert isinstance(outcome, expected)
    for key, outcome in outcomes.items():
        if isinstance(outcome, Expired):
            assert key not in done


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_a_crash_at_any_single_step_loses_and_doubles_nothing(story: Any, seed: int):
    steps = story(seed, set()).fuse.count
    assert steps > 100
    for step in range(1, steps + 1):
        world = story(seed, {step})
        assert world.stage.events.records("actor.crashed")


@given(seed=st.integers(0, 10_000), at=st.sets(st.integers(1, 250), max_size=6))
def test_several_crashes_and_dying_workers_lose_and_double_nothing(
    story: Any, seed: int, at: set[int]
):
    story(seed, at, deaths=1.0)


@given(seed=st.integers(0, 10_000), at=st.sets(st.integers(1, 250), max_size=4))
def test_replaced_senders_get_no_answers_of_their_earlier_lives(
    story: Any, seed: int, at: set[int]
):
    story(seed, at, deaths=0.5, replaced=0.2)
