"""A child that failed too often rests: what is told waits for it, what is asked fails at once."""

from __future__ import annotations

import threading

import pytest

from fleet.runtime import AskFailed, Hang, LaneMailbox, Priority, Quarantined
from fleet.supervision.spec import ChildSpec, Intensity
from fleet.supervision.supervisor import Shutdown, StopChild, WhichChildren

from .trees import AT_ONCE, ROOT, LiveTree, Tree, crash, spec_of

NEVER_AGAIN = {"intensity": Intensity(restarts=0, within=60), "quarantine": 30.0}


def in_lanes():
    return LaneMailbox(lane_of=lambda message: 1 if message == "wait" else None)


@pytest.fixture
def tree(virtual):
    return Tree(virtual)


def test_an_ask_to_one_that_rests_fails_at_once_and_says_when_it_is_tried_again(tree, virtual):
    tree.grow(tree.child("a"), **NEVER_AGAIN)
    tree.tell("a", crash, seconds=10)
    answer = tree.ask("anything", f"{ROOT}/a")
    assert isinstance(answer, Quarantined)
    assert isinstance(answer, AskFailed)
    assert (answer.path, answer.retry_in) == (f"{ROOT}/a", pytest.approx(20))
    assert virtual.system.dead_letters.counts["quarantined"] == 1
    assert "anything" not in tree.seen()


def test_an_ask_that_waits_already_fails_when_the_rest_begins(tree, virtual):
    tree.grow(tree.child("a"), **NEVER_AGAIN)
    tree.at("a").tell(lambda ctx: Hang(until=ctx.now() + 1))
    tree.at("a").tell(crash)
    answer = tree.ask("behind the crash", f"{ROOT}/a", seconds=1)
    assert isinstance(answer, Quarantined)
    assert virtual.system.dead_letters.counts["quarantined"] == 0, "it is not given up"
    virtual.run(30)
    assert "behind the crash" in tree.seen(), "handled later, as what is told"


@pytest.mark.parametrize("mailbox", ["priority", "lanes"])
def test_it_fails_in_every_kind_of_mailbox(tree, virtual, mailbox):
    kinds = {
        "priority": lambda: Priority(key=lambda message: 0 if message is crash else 1),
        "lanes": in_lanes,
    }
    tree.grow(tree.child("a", mailbox=kinds[mailbox]), **NEVER_AGAIN)
    tree.at("a").tell(lambda ctx: Hang(until=ctx.now() + 1))
    virtual.run()
    tree.at("a").tell(crash)
    assert isinstance(tree.ask("wait", f"{ROOT}/a", seconds=1), Quarantined)
    assert virtual.system.dead_letters.counts["quarantined"] == 0, "it waited already"


@pytest.mark.parametrize("way", ["stash", "lease"])
def test_an_ask_that_it_had_put_aside_or_leased_fails_as_well(tree, virtual, way):
    answers = []

    def receive(ctx, message):
        if callable(message):
            return message(ctx)
        if message == "later":
            ctx.stash()
        else:
            ctx.lanes.lease(1)
        return None

    tree.grow(tree.child("a", receive=receive, mailbox=in_lanes), **NEVER_AGAIN)
    message = "later" if way == "stash" else "wait"
    asker = virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else answers.append(m))
    asker.tell(lambda ctx: ctx.ask(tree.at("a"), message, timeout=1e6, on_reply=lambda a: [a]))
    virtual.run(1)
    assert answers == []
    tree.tell("a", crash)
    [[answer]] = answers
    assert isinstance(answer, Quarantined)


def test_an_ask_whose_lease_is_in_other_hands_is_left_to_them(tree, virtual):
    answers = []

    def receive(ctx, message):
        if callable(message):
            return message(ctx)
        for envelope in ctx.lanes.lease(1):
            ctx.lanes.note(envelope.id, "with a worker")
        return None

    tree.grow(tree.child("a", receive=receive, mailbox=in_lanes), **NEVER_AGAIN)
    asker = virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else answers.append(m))
    asker.tell(lambda ctx: ctx.ask(tree.at("a"), "wait", timeout=1e6, on_reply=lambda a: [a]))
    virtual.run(1)
    tree.tell("a", crash)
    assert virtual.events.records("child.quarantined", child="a")
    assert answers == []


def test_what_is_told_meanwhile_is_kept_in_order(tree, virtual):
    tree.grow(tree.child("a"), **NEVER_AGAIN)
    tree.tell("a", crash)
    for number in range(5):
        tree.at("a").tell(number)
    tree.ask("lost", f"{ROOT}/a")
    virtual.run(30)
    assert [note for note in tree.seen() if isinstance(note, int)] == [0, 1, 2, 3, 4]


def test_asks_are_answered_again_from_the_next_start_on(tree, virtual):
    tree.grow(tree.child("a"), **NEVER_AGAIN)
    tree.tell("a", crash, seconds=30)
    assert tree.ask(lambda ctx: ctx.reply("here"), f"{ROOT}/a") == "here"


def test_a_mere_backoff_is_no_quarantine_and_asks_wait(tree, virtual):
    tree.grow(tree.child("a"), intensity=Intensity(restarts=9, within=60))
    for _ in range(3):
        tree.tell("a", crash)
    assert tree.statuses() == {"a": "waiting"}
    assert tree.ask(lambda ctx: ctx.reply("late"), f"{ROOT}/a", seconds=10) == "late"


@pytest.mark.parametrize(
    ("strategy", "resting"),
    [("one_for_one", "b"), ("rest_for_one", "bc"), ("one_for_all", "abc")],
)
def test_those_that_wait_for_it_rest_with_it(tree, virtual, strategy, resting):
    tree.grow(*map(tree.child, "abc"), strategy=strategy, **NEVER_AGAIN)
    tree.tell("b", crash)
    answers = {name: tree.ask(lambda ctx: ctx.reply("up"), f"{ROOT}/{name}") for name in "abc"}
    assert "".join(n for n in "abc" if isinstance(answers[n], Quarantined)) == resting
    virtual.run(30)
    assert tree.statuses() == dict.fromkeys("abc", "running")
    assert all(tree.ask(lambda ctx: ctx.reply("up"), f"{ROOT}/{n}") == "up" for n in "abc")


def test_below_a_supervisor_that_rests_with_its_sibling_asks_fail_too(tree, virtual):
    nested = ChildSpec(id="ships", props=spec_of(tree.child("one")))
    tree.grow(tree.child("a"), nested, strategy="rest_for_one", **NEVER_AGAIN)
    tree.tell("a", crash)
    assert isinstance(tree.ask("x", f"{ROOT}/ships/one"), Quarantined)
    virtual.run(30)
    assert tree.ask(lambda ctx: ctx.reply("up"), f"{ROOT}/ships/one") == "up"


def test_children_of_a_supervisor_that_rests_alone_go_on_and_answer(tree, virtual):
    class Poison:
        pass

    tree.grow(ChildSpec(id="ships", props=spec_of(tree.child("one"))), **NEVER_AGAIN)
    tree.tell("ships", Poison())
    assert isinstance(tree.ask(WhichChildren(), f"{ROOT}/ships"), Quarantined)
    assert tree.ask(lambda ctx: ctx.reply("up"), f"{ROOT}/ships/one") == "up"


def test_one_that_rests_is_dismissed_and_shut_down_at_once(tree, virtual):
    tree.grow(tree.child("a"), tree.child("b"), **NEVER_AGAIN)
    tree.tell("a", crash)
    tree.tell("b", crash)
    assert tree.ask(StopChild("a")) is True
    assert tree.state("a") == "stopped"
    assert tree.ask(Shutdown()) == ()
    assert tree.state("b") == tree.state() == "stopped"


def test_it_keeps_failing_and_resting_for_hours_without_harm_to_others(tree, virtual):
    tree.grow(
        tree.child("bad", on_start=crash, on_restart=lambda ctx, _: crash(ctx)),
        tree.child("good"),
        quarantine=30.0,
    )
    virtual.run(6 * 3600)
    assert tree.number("good") == 1
    assert len(virtual.events.records("child.quarantined", child="bad")) > 50
    assert virtual.events.records("child.quarantined")[-1]["backoff_s"] == 300.0


def test_a_blocked_asker_outside_is_freed_at_once_on_threads(threads):
    live = LiveTree(threads)
    live.grow(live.tree.child("a"), backoff=AT_ONCE, **NEVER_AGAIN)
    inside, go = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def ask():
        try:
            live.ask("never answered", "a", timeout=60)
        except AskFailed as failure:
            failures.append(failure)

    live.tree.at("a").tell(lambda ctx: inside.set() or go.wait(30) or True)
    live.tree.at("a").tell(crash)
    assert inside.wait(30)
    asker = threading.Thread(target=ask)
    asker.start()
    waiting = threads.system.cell(f"{ROOT}/a").mailbox
    while len(waiting) < 2:
        assert asker.is_alive()
    go.set()
    asker.join(30)
    assert isinstance(failures[0], Quarantined)
    with pytest.raises(Quarantined, match="failed too often and is tried again in"):
        live.ask("neither is this", "a", timeout=60)
