"""Where a child's failures become its supervisor's own."""

from __future__ import annotations

import pytest

from fleet.protocol.errors import UsageError
from fleet.supervision.spec import ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import supervise

from .trees import AT_ONCE, Tree, crash, doom, spec_of

TWICE = {"intensity": Intensity(restarts=2, within=60), "backoff": AT_ONCE}


@pytest.fixture
def tree(virtual):
    return Tree(virtual)


def nested(tree, *names, **settings):
    settings = {"on_exceeded": "escalate", **TWICE, **settings}
    return ChildSpec(id="sub", props=spec_of(*map(tree.child, names), **settings))


def fail(tree, *names, times):
    for _ in range(times):
        tree.tell("/".join(names), crash, seconds=0.1)


def test_one_failure_too_many_restarts_the_whole_subtree(tree, virtual):
    tree.grow(tree.child("beside"), nested(tree, "a", "b", "c"))
    fail(tree, "sub", "b", times=2)
    assert [tree.number("sub", name) for name in "abc"] == [1, 5, 1]
    fail(tree, "sub", "b", times=1)
    assert [tree.number("sub", name) for name in "abc"] == [3, 7, 3]
    assert tree.number("sub") == 3
    assert tree.number("beside") == tree.number() == 1
    assert tree.statuses(tree.at("sub").path) == dict.fromkeys("abc", "running")
    (told,) = virtual.events.records("supervisor.escalated")
    assert (told["actor"], told["child"], told["reason"]) == ("/fleet/sub", "b", "crash")


def test_the_count_begins_anew_after_it(tree, virtual):
    tree.grow(nested(tree, "a"))
    fail(tree, "sub", "a", times=5)
    assert tree.number("sub") == 3, "two restarts each for two lives of the supervisor"


def test_what_waited_in_the_subtree_is_handled_afterwards(tree, virtual):
    tree.grow(nested(tree, "a", "b", intensity=Intensity(restarts=0, within=60)))
    tree.at("sub", "a").tell(crash)
    for number in range(3):
        tree.at("sub", "a").tell(("a", number))
        tree.at("sub", "b").tell(("b", number))
    virtual.run(1)
    assert [note for note in tree.seen() if note[0] == "a" and isinstance(note[1], int)] == [
        ("a", number) for number in range(3)
    ]
    assert [note for note in tree.seen() if note[0] == "b" and isinstance(note[1], int)] == [
        ("b", number) for number in range(3)
    ]


def test_one_that_escalates_too_often_is_quarantined_by_the_one_above(tree, virtual):
    tree.grow(tree.child("beside"), nested(tree, "a"), **TWICE, quarantine=30.0)
    fail(tree, "sub", "a", times=9)
    assert tree.statuses() == {"beside": "running", "sub": "quarantined"}
    assert tree.state("sub", "a") == "down"
    tree.at("sub", "a").tell("kept")
    virtual.run(30)
    assert tree.statuses() == {"beside": "running", "sub": "running"}
    assert "kept" in tree.seen()


def test_it_goes_up_through_every_level_that_escalates_but_the_root_quarantines(tree, virtual):
    once = {"intensity": Intensity(restarts=0, within=60), "on_exceeded": "escalate"}
    inner = ChildSpec(id="inner", props=spec_of(tree.child("a"), **once))
    outer = ChildSpec(id="outer", props=spec_of(inner, tree.child("b"), **once))
    tree.grow(outer, tree.child("c"), **once, quarantine=30.0)
    tree.tell("outer/inner/a", crash, seconds=10)
    assert {told["actor"] for told in virtual.events.records("supervisor.escalated")} == {
        "/fleet/outer/inner",
        "/fleet/outer",
    }
    assert tree.statuses() == {"outer": "quarantined", "c": "running"}
    virtual.run(20)
    names = [(), ("outer",), ("outer", "inner"), ("outer", "inner", "a"), ("outer", "b"), ("c",)]
    assert {tree.state(*name) for name in names} == {"running"}
    assert [tree.number(*name) for name in names[3:]] == [3, 3, 1]


def test_a_root_whose_child_always_fails_goes_on_with_the_others(tree, virtual):
    bad = tree.child("bad", on_start=crash, on_restart=lambda ctx, _: crash(ctx))
    tree.grow(bad, tree.child("good"), on_exceeded="escalate", **TWICE)
    virtual.run(3600)
    assert tree.number("good") == tree.number() == 1
    assert virtual.events.records("child.quarantined", child="bad")


def test_a_permanent_failure_never_escalates(tree, virtual):
    tree.grow(nested(tree, "a", "b", intensity=Intensity(restarts=0, within=60)))
    tree.tell("sub/a", doom, seconds=1)
    assert tree.state("sub", "a") == "stopped"
    assert tree.number("sub") == tree.number("sub", "b") == 1


@pytest.mark.parametrize("field", ["on_exceeded", "stopping"])
def test_an_unknown_word_is_refused(field):
    with pytest.raises(UsageError, match=f"{field} is one of .*, not 'ignore'"):
        supervise(SupervisorSpec(**{field: "ignore"}))
