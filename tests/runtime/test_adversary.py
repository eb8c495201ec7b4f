"""The guarantees of the kernel under adversarial schedules, in virtual time.

Per-address order, at most one live incarnation, no effect with an old token, every ask is
completed exactly once, conservation, and the root never stays down.
"""

import random
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import GameTime
from fleet.runtime import (
    ActorSystem,
    Adversary,
    Attack,
    Future,
    Props,
    VirtualClock,
    VirtualDispatcher,
)
from fleet.runtime.envelope import Envelope
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import supervise
from tests.conftest import Notes, Scripted

BUDGET = 2.0
WORKERS = ("a", "b", "c")


@dataclass(frozen=True)
class Job:
    """Numbered by its sender; asks for an effect."""

    sender: str
    number: int
    expires: float | None = None


@dataclass(frozen=True)
class Reading(Job):
    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True)
class Question:
    number: int


@dataclass(frozen=True)
class Answered:
    number: int
    answer: object


class World:
    """A supervisor over three workers and an asker, each of which may be attacked."""

    def __init__(self, attacks, *, seed=0, shuffled=False):
        self.clock, self.events = VirtualClock(0.0), MemoryEventLog()
        self.adversary = Adversary(attacks)
        self.dispatcher = VirtualDispatcher(
            self.clock,
            shuffle=random.Random(seed) if shuffled else None,
            adversary=self.adversary,
        )
        self.system = ActorSystem(
            dispatcher=self.dispatcher, clock=self.clock, events=self.events, seed=seed
        )
        self.dispatcher.bind(self.system)
        self.handled = {name: [] for name in WORKERS}
        self.effects, self.asked, self.answers = [], Counter(), Counter()
        self.waited_for, self.begun_late = {}, []
        self.futures = []
        self.sent, self.reads = 0, set()
        children = [self.child(name, self.work) for name in WORKERS]
        spec = SupervisorSpec(
            children=(*children, self.child("asker", self.ask), self.child("ledger", self.note)),
            intensity=Intensity(restarts=10**6, within=1e6),
            backoff=Backoff(least=0.5, most=4),
        )
        self.system.spawn("/root", supervise(spec))
        self.run(0.0)

    def child(self, name, receive):
        hooks = {"receive": receive}
        return ChildSpec(
            id=name, props=Props(factory=lambda: Scripted(Notes(), hooks), budget=BUDGET)
        )

    def address(self, name):
        return self.system.address(f"/root/{name}")

    # -- what the actors do

    def work(self, ctx, message):
        name = ctx.self.path.rsplit("/", 1)[1]
        if isinstance(message, Question):
            ctx.reply(("yes", message.number))
            # Reached by no zombie, which may come to it as late as it likes.
            if self.system.cell(ctx.self.path).hand.since > self.waited_for[message.number]:
                self.begun_late.append(message)
            return
        ctx.tell(self.address("ledger"), ("effect", ctx.self.path, ctx.incarnation))
        # Reached only by who may still do something: the send has just checked the fence.
        live = self.system.cell(ctx.self.path).number
        self.effects.append((ctx.incarnation, live))
        self.handled[name].append((ctx.incarnation, message.sender, message.number))

    def ask(self, ctx, message):
        if isinstance(message, Answered):
            self.answers[message.number] += 1
            return
        worker, number = message
        self.asked[number] += 1
        self.waited_for[number] = self.clock.now + 3 * BUDGET
        ctx.ask(
            self.address(worker),
            Question(number),
            timeout=3 * BUDGET,
            on_reply=lambda answer: Answered(number, answer),
        )

    def note(self, ctx, message):
        pass

    # -- what the test does

    def do(self, deed, worker, wait):
        self.sent += 1
        if deed == "ask":
            self.address("asker").tell((worker, self.sent))
        elif deed == "outside":
            future = Future()
            self.futures.append(future)
            until = self.waited_for[self.sent] = self.clock.now + BUDGET
            number, question = self.system.next_id(), Question(self.sent)
            envelope = Envelope(question, number, future=future, deadline=until)
            self.system.post(self.address(worker).path, envelope)
        else:
            kind = Reading if deed == "read" else Job
            self.reads |= {self.sent} if deed == "read" else set()
            expires = GameTime(self.clock.now + BUDGET / 2) if deed == "brief" else None
            self.address(worker).tell(kind("test", self.sent), expires=expires)
        self.run(wait)

    def run(self, seconds):
        self.dispatcher.run_for(seconds)

    # -- what must hold

    def check(self):
        for view in self.system.views():
            assert view.books.missing == 0, view
        assert all(token == live for token, live in self.effects), "an effect of a dead one"
        assert not self.begun_late, "asked for by somebody who had been told that nobody answers"
        for name in WORKERS:
            lives = [life for life, _, _ in self.handled[name]]
            assert lives == sorted(lives), "an old incarnation came after a new one"
        assert all(times == 1 for times in self.answers.values()), "answered twice"

    def check_end(self):
        self.check()
        states = {view.path: view.state for view in self.system.views()}
        assert set(states.values()) == {"running"}, states
        assert not any(view.waiting or view.busy_with for view in self.system.views())
        assert self.system.zombies == 0
        for name in WORKERS:
            self.check_order(name)
        for future in self.futures:
            assert not future.set("too late"), "an ask from outside was never completed"
        attacked = {attack.path for attack in self.adversary.struck}
        if "/root/asker" not in attacked:
            assert set(self.answers) == set(self.asked), "an ask was never completed"

    def check_order(self, name):
        numbers = [number for _, _, number in self.handled[name]]
        firsts = list(dict.fromkeys(numbers))
        assert firsts == sorted(firsts), "out of order"
        times = Counter(numbers)
        # One that had its effect and hung after that is handled once more, if it may be.
        assert {number for number in times if times[number] > 1} <= self.reads, "done twice"
        assert all(count <= 2 for count in times.values())


DEEDS = ["job", "read", "brief", "ask", "outside"]
PATHS = [*(f"/root/{name}" for name in WORKERS), "/root/asker", "/root"]

attacks = st.lists(
    st.builds(
        Attack,
        path=st.sampled_from(PATHS),
        at=st.integers(1, 6),
        deed=st.sampled_from(["hang", "late", "crash", "repeat"]),
        seconds=st.sampled_from([0.5, 1.5, 2.0, 3.0, 30.0]),
    ),
    max_size=6,
)
moves = st.lists(
    st.tuples(
        st.sampled_from(DEEDS), st.sampled_from(WORKERS), st.sampled_from([0.0, 0.0, 0.7, 2.5, 9.0])
    ),
    min_size=1,
    max_size=25,
)


@given(attacks=attacks, moves=moves, seed=st.integers(0, 99), shuffled=st.booleans())
def test_the_guarantees_hold_whatever_the_adversary_does(attacks, moves, seed, shuffled):
    world = World(attacks, seed=seed, shuffled=shuffled)
    for move in moves:
        world.do(*move)
        world.check()
    world.run(1000)
    world.check_end()


def attacked(deed, seconds=30.0, *, at=1, kind="job", after=200):
    """One attack on one worker that has two messages; what became of them."""
    world = World([Attack("/root/a", at, deed, seconds)])
    world.do(kind, "a", 0.0)
    world.do("job", "a", 0.0)
    world.run(after)
    world.check_end()
    assert len(world.adversary.struck) == 1
    return world, [(life, number) for life, _, number in world.handled["a"]]


def test_a_hang_at_a_message_keeps_its_effect_and_has_the_next_one_done_by_a_replacement():
    world, handled = attacked("hang")
    assert handled == [(1, 1), (3, 2)]
    assert [event["actor"] for event in world.events.records("actor.hung")] == ["/root/a"]


def test_a_zombie_that_wakes_late_and_handles_its_message_then_has_no_effect():
    world, handled = attacked("late")
    assert handled == [(3, 2)]
    assert world.events.records("zombie.ended")[0]["incarnation"] == 1


def test_one_that_comes_back_within_its_budget_has_its_effect_after_all():
    _, handled = attacked("late", BUDGET / 2)
    assert handled == [(1, 1), (1, 2)]


def test_a_crash_at_a_message_that_may_be_repeated_repeats_it():
    _, handled = attacked("crash", kind="read")
    assert handled == [(3, 1), (3, 2)]


def test_a_message_that_expires_while_its_actor_is_away_is_not_handled():
    world, handled = attacked("late", BUDGET * 0.9, kind="brief")
    assert handled == [(1, 2)]
    assert world.system.dead_letters.counts == {"expired": 1}


def test_a_question_that_waited_behind_hangs_until_nobody_waits_for_it_is_not_begun():
    world = World([Attack("/root/a", at, "hang", 30.0) for at in (1, 2)])
    for kind in ("job", "job", "outside", "ask", "job"):
        world.do(kind, "a", 0.0)
    world.run(200)
    world.check_end()
    assert world.system.dead_letters.counts == {"expired": 1, "poison": 2}
    assert world.answers == {4: 1}
    assert [number for _, _, number in world.handled["a"]] == [1, 2, 5]


def test_an_answer_that_comes_twice_is_received_once():
    world = World([Attack("/root/asker", 2, "repeat")])
    world.do("ask", "a", 0.0)
    world.run(100)
    world.check_end()
    assert world.adversary.struck
    assert world.answers == {1: 1}
    assert world.system.view("/root/asker").books.dropped == 1


def test_a_root_that_hangs_or_crashes_runs_again_and_takes_its_children_over():
    world = World([Attack("/root/a", 1, "crash"), Attack("/root", 1, "late", 50.0)])
    world.do("job", "a", 0.0)
    world.do("job", "a", 0.0)
    world.run(200)
    world.check_end()
    assert world.system.cell("/root").number > 1
    assert [number for _, _, number in world.handled["a"]] == [2]


def test_the_check_itself_notices_a_dead_ones_effect():
    world = World([])
    world.effects.append((1, 3))
    try:
        world.check()
    except AssertionError:
        return
    raise RuntimeError("nothing noticed")
