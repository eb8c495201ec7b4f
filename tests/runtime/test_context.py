"""What an actor may do through its context: asks, timers, stash, children, and no more."""

import random

import pytest

from fleet.protocol.clock import GameTime
from fleet.runtime import (
    Fenced,
    Hang,
    LaneMailbox,
)

from .deeds import Again, crash, hang


@pytest.mark.parametrize("way", ["crash", "hang"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_message_that_may_be_repeated_gets_one_more_try(virtual, way, times):
    attempts = []

    def receive(ctx, message):
        if not isinstance(message, Again):
            virtual.notes(message)
            return None
        attempts.append(ctx.envelope.attempt)
        if len(attempts) <= times:
            return hang(ctx) if way == "hang" else crash(ctx)
        virtual.notes("well")
        return None

    address = virtual.spawn(receive=receive, budget=1.0)
    address.tell(Again())
    address.tell("next")
    virtual.run(100)
    assert attempts == [1, 2]
    assert virtual.notes.all == (["well", "next"] if times == 1 else ["next"])
    assert virtual.system.dead_letters.counts["poison"] == times - 1


def test_a_timers_message_that_may_be_repeated_is_repeated(virtual):
    attempts = []

    def receive(ctx, message):
        if callable(message):
            message(ctx)
        else:
            attempts.append(ctx.envelope.attempt)
            if len(attempts) == 1:
                raise ValueError

    virtual.spawn(receive=receive).tell(lambda ctx: ctx.timer("t", Again(), after=1))
    virtual.run(10)
    assert attempts == [1, 2]


# -- timers


def test_stashed_messages_come_back_in_order_and_ahead_of_later_ones(virtual):
    open_ = []

    def receive(ctx, message):
        if callable(message):
            message(ctx)
        elif not open_:
            ctx.stash()
        else:
            virtual.notes(message)

    address = virtual.spawn(receive=receive)
    for number in range(3):
        address.tell(number)
    address.tell(lambda ctx: open_.append(1) or ctx.unstash())
    address.tell("later")
    virtual.run()
    assert virtual.notes.all == [0, 1, 2, "later"]


def test_a_message_is_stashed_once_however_often_it_is_said(virtual):
    calls = []

    def receive(ctx, message):
        if callable(message):
            message(ctx)
        elif not calls:
            calls.append(message)
            ctx.stash()
            ctx.stash()
        else:
            calls.append(message)

    address = virtual.spawn(receive=receive)
    address.tell("x")
    address.tell(lambda ctx: ctx.unstash())
    virtual.run()
    assert calls == ["x", "x"]


@pytest.mark.parametrize(("message", "counts"), [("never", {"poison": 1}), (Again(), {})])
def test_a_message_stashed_before_the_crash_is_there_only_once(virtual, message, counts):
    attempts = []

    def receive(ctx, message):
        attempts.append(ctx.envelope.attempt)
        if len(attempts) == 1:
            ctx.stash()
            ctx.stash()
            raise ValueError

    address = virtual.spawn(receive=receive)
    address.tell(message)
    virtual.run(10)
    assert attempts == ([1] if counts else [1, 2])
    assert virtual.system.dead_letters.counts == counts
    assert len(virtual.cell(address).mailbox) == len(virtual.cell(address).stashed) == 0


def test_what_was_stashed_outlives_the_incarnation_in_its_old_place(virtual):
    def receive(ctx, message):
        if ctx.incarnation == 1 and message in {1, 2}:
            ctx.stash()
        elif message == "crash":
            raise ValueError
        else:
            virtual.notes(message)

    address = virtual.spawn(receive=receive)
    for message in [1, 2, "crash", 3]:
        address.tell(message)
    virtual.run(10)
    assert virtual.notes.all == [1, 2, 3]


def test_a_repeated_message_waits_behind_what_was_stashed_before_it(virtual):
    def receive(ctx, message):
        if message in {1, 2} and ctx.incarnation == 1:
            ctx.stash()
        elif isinstance(message, Again) and ctx.envelope.attempt == 1:
            ctx.unstash()
            raise ValueError
        else:
            virtual.notes(message)

    address = virtual.spawn(receive=receive)
    for message in [1, 2, Again(), 3]:
        address.tell(message)
    virtual.run(10)
    assert virtual.notes.all == [1, 2, Again(), 3]


def test_what_is_stashed_at_an_address_that_closes_is_buried(virtual):
    address = virtual.spawn(receive=lambda ctx, m: ctx.stash())
    address.tell(1)
    virtual.run()
    virtual.system.stop(address.path)
    virtual.run()
    assert virtual.system.dead_letters.counts == {"stopped": 1}


# -- children, names, chance


def test_a_childs_name_is_one_word_and_free(virtual):
    address = virtual.spawn("/a")
    for name in ["", "b/c"]:
        address.tell(lambda ctx, name=name: ctx.spawn(name, virtual.props()))
        virtual.run(10)
    address.tell(lambda ctx: ctx.spawn("b", virtual.props()) and None)
    address.tell(lambda ctx: ctx.spawn("b", virtual.props()) and None)
    virtual.run(10)
    crashes = virtual.events.records("actor.crashed", actor="/a", reason="ValueError")
    assert len(crashes) == 3
    assert list(virtual.system.children("/a")) == ["/a/b"]


def test_a_parent_learns_of_its_childs_end_and_may_start_it_again(virtual):
    downs = []

    def receive(ctx, message):
        if callable(message):
            message(ctx)
        else:
            downs.append(message.reason)
            if message.reason == "crash":
                ctx.restart(message.address, message.reason)

    parent = virtual.spawn("/parent", receive=receive)
    parent.tell(lambda ctx: ctx.spawn("child", virtual.props()) and None)
    virtual.run()
    child = virtual.system.address("/parent/child")
    for message in [1, crash, 2]:
        child.tell(message)
    virtual.run(1)
    assert virtual.notes.all == [1, 2]
    child.tell(lambda ctx: ctx.stop(ctx.self))
    virtual.run(1)
    assert downs == ["crash", "stopped"]


def test_chance_depends_on_seed_path_and_incarnation_alone(stages):
    def draws(seed, path="/a"):
        stage = stages(seed=seed)
        address = stage.spawn(path, receive=lambda ctx, m: m(ctx))
        draw = lambda ctx: stage.notes(ctx.random.random())  # noqa: E731
        for message in [draw, draw, crash, draw]:
            address.tell(message)
        stage.run(1)
        return stage.notes.all

    random.seed(1)
    first = draws(7)
    random.seed(2)
    assert draws(7) == first
    assert len(set(first)) == 3
    assert not set(draws(8)) & set(first)
    assert not set(draws(7, "/b")) & set(first)


def test_messages_name_their_sender_incarnation_and_cause(virtual):
    envelopes = []
    receiver = virtual.spawn(receive=lambda ctx, m: envelopes.append(ctx.envelope))
    sender = virtual.spawn("/sender")
    sender.tell(crash)
    virtual.run()
    sender.tell(lambda ctx: ctx.tell(receiver, ctx.envelope.id) and None)
    receiver.tell("from outside")
    virtual.run()
    outside, inside = envelopes
    assert (outside.sender, outside.sender_incarnation, outside.causation) == (None, 0, 0)
    assert (inside.sender, inside.sender_incarnation) == (sender, 3)
    assert inside.causation == inside.message


def test_events_carry_the_actors_name_and_incarnation(virtual):
    virtual.spawn("/a").tell(lambda ctx: ctx.log("thing.done", text="so", level="warning", n=1))
    virtual.run()
    (record,) = virtual.events.records("thing.done")
    assert record == {
        "event": "thing.done",
        "level": "warning",
        "text": "so",
        "actor": "/a",
        "incarnation": 1,
        "n": 1,
    }


# -- cancellables and progress


def test_a_cancellable_runs_when_its_incarnation_is_replaced_and_once(virtual):
    cancelled = []

    def receive(ctx, message):
        if message == "crash":
            raise ValueError
        ctx.on_cancel(lambda: cancelled.append(message))

    address = virtual.spawn(receive=receive)
    for message in ["one", "two", "crash", "crash"]:
        address.tell(message)
    virtual.run(10)
    assert cancelled == ["one", "two"]


def test_a_cancellable_may_be_taken_back_and_counts_once(virtual):
    class Connection:
        def __init__(self):
            self.cancelled = 0

        def cancel(self):
            self.cancelled += 1

    connection, other = Connection(), Connection()

    def receive(ctx, message):
        if message == "crash":
            raise ValueError
        ctx.on_cancel(connection.cancel)
        forget = ctx.on_cancel(other.cancel)
        forget()
        forget()

    address = virtual.spawn(receive=receive)
    for message in ["go", "go", "go", "crash"]:
        address.tell(message)
    virtual.run(10)
    assert (connection.cancelled, other.cancelled) == (1, 0)


def test_progress_moves_the_fence_in_virtual_time(virtual):
    def receive(ctx, message):
        ctx.progress()
        return Hang(until=ctx.now() + message)

    address = virtual.spawn(receive=receive, budget=5)
    address.tell(4.9)
    address.tell(5.1)
    virtual.run(20)
    assert virtual.cell(address).handled == 1
    assert len(virtual.events.records("actor.hung")) == 1


def test_a_fence_that_is_raised_by_a_living_actor_is_a_crash(virtual):
    """It may have used another one's context; it must not vanish without a word."""

    def raise_fenced(ctx):
        raise Fenced("of somebody else")

    address = virtual.spawn("/a")
    address.tell(raise_fenced)
    address.tell("alive")
    virtual.run(10)
    assert virtual.events.records("actor.crashed", actor="/a", reason="Fenced")
    assert virtual.notes.all == ["alive"]


def test_a_message_held_in_a_lane_is_not_judged_by_its_expiry(virtual):
    """The owner of the lanes answers those itself."""
    leased = []
    address = virtual.spawn(
        receive=lambda ctx, m: leased.extend(ctx.lanes.lease(0)),
        mailbox=lambda: LaneMailbox(lambda m: 0 if m == "held" else None),
    )
    address.tell("held", expires=GameTime(1.0))
    virtual.run(1)
    assert [envelope.message for envelope in leased] == ["held"]
