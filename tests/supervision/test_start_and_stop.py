"""In which order children start and stop, and that a whole tree is checked before any does."""

from __future__ import annotations

import threading

import pytest

from fleet.protocol.errors import BadToken, UsageError
from fleet.runtime import Hang, Props
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import Shutdown, StartChild, StopChild, supervise

from .trees import ROOT, LiveTree, Tree, crash, hang, spec_of

DEPENDENT = ["rest_for_one", "one_for_all"]


@pytest.fixture
def tree(virtual):
    return Tree(virtual)


def slow(seconds):
    return lambda ctx: Hang(until=ctx.now() + seconds)


def begin(tree, *children, **spec):
    tree.system.spawn(ROOT, spec_of(*children, **spec))


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_the_next_one_starts_when_the_one_before_has_come_through(tree, virtual, strategy):
    begin(tree, tree.child("a", on_start=slow(3)), tree.child("b"), strategy=strategy)
    virtual.run(2.9)
    assert tree.seen() == []
    assert tree.statuses() == {"a": "running", "b": "waiting"}
    virtual.run(0.2)
    assert [note[:2] for note in tree.seen()] == [("b", "start")]


def test_children_that_do_without_each_other_do_not_wait_for_a_slow_start(tree, virtual):
    begin(tree, tree.child("a", on_start=slow(3)), tree.child("b"))
    virtual.run(0.1)
    assert ("b", "start", 1) in tree.seen()


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_what_is_told_to_one_whose_turn_has_not_come_waits_for_it(tree, virtual, strategy):
    begin(tree, tree.child("a", on_start=slow(3)), tree.child("b"), strategy=strategy)
    virtual.run(0.1)
    tree.tell("b", "early")
    assert tree.seen() == []
    virtual.run(3)
    assert tree.seen() == [("b", "start", 1), "early"]


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_one_whose_first_start_fails_is_tried_again_before_those_that_need_it(
    tree, virtual, strategy
):
    tries = []

    def on_start(ctx):
        tries.append(ctx.incarnation)
        if len(tries) < 3:
            crash(ctx)

    flaky = tree.child("a", on_start=on_start, on_restart=lambda ctx, _: on_start(ctx))
    begin(tree, flaky, tree.child("b"), strategy=strategy, backoff=Backoff(least=5, most=5))
    virtual.run(20)
    assert len(tries) == 3
    assert tree.seen() == [("b", "start", 1)], "once, and after all the tries"


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_one_that_hangs_in_its_start_is_replaced_and_the_rest_waits(tree, virtual, strategy):
    def on_start(ctx):
        return Hang(until=ctx.now() + 1e6) if ctx.incarnation == 1 else None

    first = tree.child(
        "a", on_start=on_start, on_restart=lambda ctx, _: on_start(ctx), start_budget=4.0
    )
    begin(tree, first, tree.child("b"), strategy=strategy)
    virtual.run(3.9)
    assert tree.seen() == []
    virtual.run(0.2)
    assert tree.seen() == [("b", "start", 1)]


@pytest.mark.parametrize("strategy", DEPENDENT)
@pytest.mark.parametrize("ends", ["for good", "dismissed"])
def test_nobody_waits_for_one_that_will_not_start(tree, virtual, strategy, ends):
    def on_start(ctx):
        if ends == "for good":
            raise BadToken("no entry")
        return Hang(until=ctx.now() + 3600)

    begin(
        tree,
        tree.child("a", on_start=on_start, start_budget=1e5, shutdown=2),
        tree.child("b"),
        strategy=strategy,
    )
    virtual.run(0.1)
    if ends == "dismissed":
        tree.ask(StopChild("a"), seconds=3)
    assert tree.state("b") == "running"


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_a_restarted_group_starts_one_after_the_other_too(tree, virtual, strategy):
    first = tree.child("a", on_restart=lambda ctx, reason: Hang(until=ctx.now() + 3))
    tree.grow(first, tree.child("b"), strategy=strategy)
    tree.tell("a", crash, seconds=2.9)
    assert tree.seen() == []
    virtual.run(0.2)
    assert [note[:2] for note in tree.seen()] == [("b", "sibling")]


@pytest.mark.parametrize("strategy", DEPENDENT)
def test_a_supervisor_replaced_in_the_middle_of_the_start_finishes_it(tree, virtual, strategy):
    class Poison:
        pass

    begin(
        tree, tree.child("a", on_start=slow(3)), tree.child("b"), tree.child("c"), strategy=strategy
    )
    virtual.run(1)
    tree.tell("", Poison())
    tree.at().tell(Poison())
    virtual.run(5)
    assert tree.number("a") == 1, "it was left alone"
    assert tree.statuses() == dict.fromkeys("abc", "running")
    assert [note[0] for note in tree.seen()] == ["b", "c"]


def test_one_taken_in_while_others_wait_starts_at_once(tree, virtual):
    begin(tree, tree.child("a", on_start=slow(3)), tree.child("b"), strategy="rest_for_one")
    virtual.run(0.1)
    tree.ask(StartChild(tree.child("new")))
    assert [note[:2] for note in tree.seen()] == [("new", "start")]


def test_a_shutdown_in_the_middle_of_the_start_starts_nobody_any_more(tree, virtual):
    begin(tree, tree.child("a", on_start=slow(3)), tree.child("b"), strategy="one_for_all")
    virtual.run(1)
    assert tree.ask(Shutdown(), seconds=4) == ()
    assert [note for note in tree.seen() if note[1] == "start"] == []
    assert {tree.state(name) for name in "ab"} == {"stopped"}


def test_on_threads_a_slow_start_holds_up_those_that_depend_on_it(threads):
    live, release, inside = LiveTree(threads), threading.Event(), threading.Event()
    first = live.tree.child("a", on_start=lambda ctx: inside.set() or (release.wait(30) and None))
    threads.system.spawn(ROOT, spec_of(first, live.tree.child("b"), strategy="rest_for_one"))
    assert inside.wait(30)
    assert threads.system.cell(f"{ROOT}/b").number == 0
    release.set()
    assert threads.notes.wait_for(("b", "start", 1))


# -- stopping all together


def test_those_that_hang_cost_their_time_together_where_all_are_stopped_at_once(tree, virtual):
    names = [f"ship-{n}" for n in range(10)]
    tree.grow(*[tree.child(name, shutdown=2.0, budget=1e8) for name in names], stopping="at_once")
    for name in names[:5]:
        tree.tell(name, hang)
    answer = tree.ask(Shutdown(), seconds=2.1)
    assert sorted(answer) == [f"{ROOT}/{name}" for name in names[:5]]
    assert tree.state() == "stopped"


def test_in_reverse_each_that_hangs_costs_its_own_time(tree, virtual):
    tree.grow(*[tree.child(name, shutdown=2.0, budget=1e8) for name in "abc"])
    for name in "abc":
        tree.tell(name, hang)
    assert tree.ask(Shutdown(), seconds=5.9) is None
    assert tree.ask(Shutdown(), seconds=0.2) == tuple(f"{ROOT}/{name}" for name in "cba")


# -- specifications


def test_nothing_starts_of_a_tree_in_which_anything_is_wrong_at_any_depth(virtual):
    tree = Tree(virtual)

    def grow(bad):
        inner = ChildSpec(id="inner", props=spec_of(tree.child("x"), bad))
        outer = ChildSpec(id="outer", props=spec_of(tree.child("y"), inner))
        begin(tree, tree.child("z"), outer)

    for bad in [
        tree.child("x"),
        tree.child("a/b"),
        tree.child("late", shutdown=float("inf")),
        tree.child("never", budget=0.0),
        tree.child("odd", restart="often"),
        ChildSpec(id="no factory", props=Props(factory="Ship")),
        ChildSpec(id="no mailbox", props=Props(factory=Tree, mailbox="Fifo")),
    ]:
        with pytest.raises(UsageError):
            grow(bad)
    for settings in [
        {"strategy": "all_for_one"},
        {"intensity": Intensity(restarts=-1)},
        {"backoff": Backoff(least=3, most=2)},
        {"backoff": Backoff(most=float("inf"))},
        {"quarantine": float("inf")},
        {"on_exceeded": "panic"},
    ]:
        with pytest.raises(UsageError):
            supervise(SupervisorSpec(children=(tree.child("a"),), **settings))
    virtual.run(10)
    assert tree.seen() == []
    assert virtual.system.cells() == []
