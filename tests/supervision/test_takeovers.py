"""What becomes of the children when their supervisor is replaced, nested, abandoned or stopped."""

import pytest

from fleet.runtime import Down
from fleet.supervision.spec import ChildSpec, Intensity
from fleet.supervision.supervisor import (
    Shutdown,
    StartChild,
    StopChild,
)

from .trees import (
    ROOT,
    crash,
    doom,
    hang,
    spec_of,
)


class Poison:
    """A message that no supervisor knows."""


@pytest.mark.parametrize("ends", ["crash", "hang"])
def test_a_replaced_supervisor_takes_its_children_over_untouched(tree, virtual, ends):
    tree.grow(ChildSpec(id="ships", props=spec_of(tree.child("one"), tree.child("two"))))
    dynamic = tree.child("three", restart="temporary")
    tree.ask(StartChild(dynamic), f"{ROOT}/ships")
    tree.tell("ships/one", "before")
    if ends == "crash":
        tree.tell("ships", Poison())
    else:
        tree.system.retire(f"{ROOT}/ships")
        tree.system.restart(f"{ROOT}/ships", "hung")
        virtual.run()
    assert tree.number("ships") == 3
    assert [tree.number("ships", name) for name in ["one", "two", "three"]] == [1, 1, 1]
    assert tree.statuses(f"{ROOT}/ships") == dict.fromkeys(["one", "two", "three"], "running")
    tree.tell("ships/one", crash, seconds=1)
    assert tree.state("ships", "one") == "running", "it is supervised again"
    tree.tell("ships/three", crash, seconds=1)
    assert tree.state("ships", "three") == "stopped", "it is still a temporary one"


def test_what_died_while_the_supervisor_was_away_is_restarted(tree, virtual):
    tree.grow(
        ChildSpec(id="ships", props=spec_of(tree.child("one"))),
        intensity=Intensity(restarts=0, within=60),
        quarantine=20,
    )
    tree.tell("ships", Poison())
    assert tree.state("ships") == "down"
    tree.tell("ships/one", crash)
    assert tree.state("ships", "one") == "down"
    tree.at("ships", "one").tell("kept")
    virtual.run(20)
    assert tree.state("ships", "one") == "running"
    assert "kept" in tree.seen()
    assert tree.number("ships", "one") == 3, "restarted once, not by Down and takeover both"


def test_what_ended_for_good_stays_ended_when_the_supervisor_is_replaced(tree):
    ships = spec_of(tree.child("bad"), tree.child("dismissed"), tree.child("good"))
    tree.grow(ChildSpec(id="ships", props=ships))
    tree.tell("ships/bad", doom)
    tree.ask(StopChild("dismissed"), f"{ROOT}/ships", seconds=1)
    tree.tell("ships", Poison(), seconds=1)
    assert tree.statuses(f"{ROOT}/ships") == {"good": "running"}
    assert tree.state("ships", "bad") == "stopped"


def test_the_root_never_stays_down(tree, virtual):
    tree.grow(tree.child("a"))
    for nth in range(30):
        tree.tell("", Poison())
        tree.at().tell(Poison())
        virtual.run(6)
        assert tree.state() == "running", nth
    assert tree.number("a") == 1


def test_a_root_that_always_fails_is_tried_at_growing_intervals(virtual):
    virtual.spawn("/root", on_start=crash)
    virtual.run(120)
    waits = [each["backoff_s"] for each in virtual.events.records("actor.restarted")]
    assert waits[0] == 0.0
    assert waits[1:9] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert 25 < len(waits) < 35


def test_nested_supervisors_stop_all_below_them_in_reverse(tree):
    nested = ChildSpec(id="ships", props=spec_of(tree.child("one"), tree.child("two")))
    tree.grow(tree.child("a"), nested, tree.child("z"))
    assert tree.ask(Shutdown(), seconds=1) == ()
    assert [note[0] for note in tree.seen() if note[1] == "stop"] == ["z", "two", "one", "a"]


def test_what_a_nested_supervisor_had_to_abandon_is_reported_by_the_root(tree):
    deaf = tree.child("deaf", shutdown=1.0, budget=1e8)
    tree.grow(tree.child("a"), ChildSpec(id="ships", props=spec_of(deaf), shutdown=5))
    tree.tell("ships/deaf", hang)
    assert tree.ask(Shutdown(), seconds=2) == (f"{ROOT}/ships/deaf",)


def test_an_abandoned_supervisor_leaves_nobody_running_below_it(tree, virtual):
    deaf = tree.child("deaf", shutdown=100.0, budget=1e8)
    nested = spec_of(tree.child("one"), deaf)
    tree.grow(ChildSpec(id="ships", props=nested, shutdown=2))
    tree.tell("ships/deaf", hang)
    assert tree.ask(Shutdown(), seconds=3) == (f"{ROOT}/ships",)
    names = [("ships",), ("ships", "one"), ("ships", "deaf")]
    assert {tree.state(*name) for name in names} == {"stopped"}


def test_a_supervisor_that_waits_for_its_restart_is_shut_down_in_order_too(tree):
    nested = spec_of(tree.child("one"), tree.child("two"))
    tree.grow(
        ChildSpec(id="ships", props=nested),
        intensity=Intensity(restarts=0, within=60),
        quarantine=1000,
    )
    tree.tell("ships", Poison())
    assert tree.state("ships") == "down"
    assert tree.ask(Shutdown(), seconds=1) == ()
    assert [note[0] for note in tree.seen() if note[1] == "stop"] == ["two", "one"]


def test_a_nested_supervisor_restarted_with_its_siblings_restarts_what_is_below(tree):
    nested = spec_of(tree.child("one"), tree.child("two"))
    tree.grow(tree.child("a"), ChildSpec(id="ships", props=nested), strategy="one_for_all")
    tree.tell("a", crash, seconds=1)
    assert [tree.number("ships", name) for name in ["one", "two"]] == [3, 3]
    assert {tree.state("ships", name) for name in ["one", "two"]} == {"running"}


# -- monitors and parents that are no supervisors


def test_monitors_get_a_down_for_each_life_that_ends(tree, virtual):
    downs = []
    tree.grow(tree.child("a", budget=2))
    watcher = virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else downs.append(m))
    watcher.tell(lambda ctx: ctx.monitor(tree.at("a")))
    virtual.run()
    tree.tell("a", crash, seconds=10)
    tree.tell("a", hang, seconds=10)
    tree.ask(StopChild("a"), seconds=10)
    assert all(isinstance(down, Down) and down.address == tree.at("a") for down in downs)
    assert [(down.reason, down.incarnation) for down in downs] == [
        ("crash", 1),
        ("hung", 3),
        ("stopped", 5),
    ]
    assert "Crash: as told" in downs[0].detail


def test_who_monitors_nobody_is_told_so_at_once(virtual):
    downs = []
    watcher = virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else downs.append(m))
    watcher.tell(lambda ctx: ctx.monitor(ctx.address("/nobody")))
    virtual.run()
    assert [(down.reason, down.detail) for down in downs] == [("stopped", "no actor")]


def test_children_of_an_actor_do_not_outlive_it(virtual):
    parent = virtual.spawn("/parent", receive=lambda ctx, m: ctx.spawn("child", virtual.props()))
    parent.tell("spawn")
    virtual.run()
    virtual.system.stop("/parent")
    virtual.run()
    assert virtual.system.has_ended("/parent/child")


def test_a_child_that_dies_after_its_parent_closes(virtual):
    parent = virtual.spawn(
        "/parent", receive=lambda ctx, m: ctx.spawn("child", virtual.props(budget=5))
    )
    parent.tell("spawn")
    virtual.run()
    virtual.system.address("/parent/child").tell(hang)
    virtual.run()
    virtual.system.stop("/parent")
    virtual.run(10)
    assert virtual.events.records("actor.hung", actor="/parent/child")
    assert virtual.system.has_ended("/parent/child")
