"""Who shares the failure of a child, and children that come and go."""

import pytest

from fleet.runtime import Hang
from fleet.supervision.reminders import RestartDue, StopOverdue
from fleet.supervision.spec import Intensity
from fleet.supervision.supervisor import (
    Shutdown,
    StartChild,
    StopChild,
    WhichChildren,
)

from .trees import (
    ROOT,
    crash,
    hang,
)


@pytest.mark.parametrize(
    ("strategy", "again"),
    [("one_for_one", "b"), ("rest_for_one", "bc"), ("one_for_all", "abc")],
)
def test_the_strategy_decides_who_shares_the_failure(tree, strategy, again):
    tree.grow(*map(tree.child, "abc"), strategy=strategy)
    tree.tell("b", crash)
    assert [note[0] for note in tree.seen() if note[1] in {"crash", "sibling"}] == list(again)
    assert [name for name in "abc" if tree.number(name) == 3] == list(again)
    assert {tree.state(name) for name in "abc"} == {"running"}


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_a_sibling_that_idled_loses_no_message_and_no_order(tree, virtual, strategy):
    tree.grow(*map(tree.child, "abc"), strategy=strategy)
    tree.at("b").tell(crash)
    for number in range(20):
        tree.at("c").tell(number)
    virtual.run(1)
    assert [note for note in tree.seen() if isinstance(note, int)] == list(range(20))


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_siblings_wait_with_the_one_in_backoff_and_start_in_order(tree, virtual, strategy):
    tree.grow(
        *map(tree.child, "abc"),
        strategy=strategy,
        intensity=Intensity(restarts=0, within=60),
        quarantine=10,
    )
    tree.tell("a", crash, seconds=9)
    assert tree.statuses() == dict.fromkeys("abc", "quarantined")
    before = len(tree.seen())
    virtual.run(2)
    assert [note[0] for note in tree.seen()[before:]] == ["a", "b", "c"]


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_two_that_crash_at_once_are_restarted_once(tree, virtual, strategy):
    tree.grow(*map(tree.child, "abc"), strategy=strategy)
    for name in "ab":
        tree.at(name).tell(crash)
    virtual.run(10)
    assert [tree.number(name) for name in "abc"] == [3, 3, 3]


def test_one_for_all_waits_for_the_one_that_rests_longest(tree, virtual):
    tree.grow(
        *map(tree.child, "abc"),
        strategy="one_for_all",
        intensity=Intensity(restarts=0, within=60),
        quarantine=10,
    )
    tree.tell("b", crash, seconds=11)
    assert tree.statuses() == dict.fromkeys("abc", "running")
    for name in "ab":  # the first time for a, the second for b
        tree.at(name).tell(crash)
    virtual.run(19)
    assert tree.statuses() == dict.fromkeys("abc", "quarantined")
    virtual.run(2)
    assert tree.statuses() == dict.fromkeys("abc", "running")


def test_rest_for_one_does_not_lift_a_later_ones_quarantine(tree, virtual):
    tree.grow(
        *map(tree.child, "abcd"),
        strategy="rest_for_one",
        intensity=Intensity(restarts=1, within=600),
        quarantine=300,
    )
    for _ in range(2):
        tree.tell("c", crash)
    assert [tree.state(name) for name in "abcd"] == ["running", "running", "down", "down"]
    tree.tell("a", crash)
    assert [tree.state(name) for name in "abcd"] == ["running", "running", "down", "down"]
    assert tree.number("b") == 3
    virtual.run(300)
    assert {tree.state(name) for name in "abcd"} == {"running"}


def test_followers_go_on_when_the_one_they_wait_for_is_dismissed(tree):
    tree.grow(
        *map(tree.child, "abc"),
        strategy="one_for_all",
        intensity=Intensity(restarts=0, within=60),
        quarantine=1000,
    )
    tree.tell("a", crash)
    assert tree.statuses() == dict.fromkeys("abc", "quarantined")
    assert tree.ask(StopChild("a")) is True
    assert tree.statuses() == dict.fromkeys("bc", "running")


def test_a_sibling_in_the_middle_of_a_message_keeps_it_if_it_may_be_repeated(tree, virtual):
    class Once:
        redeliver = "once"

        def __call__(self, ctx):
            if ctx.envelope.attempt == 1:
                return Hang(until=ctx.now() + 1)
            virtual.notes("repeated")
            return None

    tree.grow(*map(tree.child, "ab"), strategy="one_for_all")
    tree.at("b").tell(Once())
    tree.at("b").tell(lambda ctx: Hang(until=ctx.now() + 1))
    virtual.run()
    tree.tell("a", crash)
    assert "repeated" in tree.seen()
    tree.tell("a", crash)
    virtual.run(5)
    causes = [letter.cause for letter in virtual.system.dead_letters.letters()]
    assert causes == ["poison", "poison", "fenced"], "the two crashes, and what was cut off"


# -- children that come and go


def test_a_child_can_be_taken_in_and_dismissed_while_running(tree):
    tree.grow()
    address = tree.ask(StartChild(tree.child("new")))
    assert address == tree.at("new")
    assert tree.statuses() == {"new": "running"}
    assert tree.ask(StopChild("new"), seconds=1) is True
    assert tree.statuses() == {}
    assert tree.ask(StopChild("new")) is False


def test_a_name_in_use_or_a_bad_specification_is_refused_and_kills_nobody(tree):
    tree.grow(tree.child("a"))
    for child in [
        tree.child("a"),
        tree.child("with/slash"),
        tree.child(""),
        tree.child("b", shutdown=0),
        tree.child("b", budget=float("nan")),
        tree.child("b", restart="sometimes"),
    ]:
        assert isinstance(tree.ask(StartChild(child)), ValueError)
    assert tree.number() == 1
    assert tree.statuses() == {"a": "running"}


def test_a_supervisor_that_shuts_down_takes_nobody_in(tree, virtual):
    tree.grow(tree.child("slow", shutdown=5, budget=1e8))
    tree.tell("slow", hang)
    tree.at().tell(Shutdown())
    assert isinstance(tree.ask(StartChild(tree.child("late"))), ValueError)
    virtual.run(6)
    assert tree.state() == "stopped"


def test_a_name_can_be_used_again_and_its_incarnations_go_on(tree):
    tree.grow(tree.child("a"))
    tree.ask(StopChild("a"))
    assert tree.ask(StartChild(tree.child("a"))) == tree.at("a")
    assert tree.number("a") > 1, "no two lives share path and number"
    tree.tell("a", crash)
    assert tree.state("a") == "running"


def test_a_child_started_in_the_moment_its_namesake_ends_stays_supervised(tree, virtual):
    """The old one's Down comes after the new one is there: it says nothing about that."""
    tree.grow(tree.child("a"))
    tree.system.stop(f"{ROOT}/a")
    cell = tree.system.cell(f"{ROOT}/a")
    tree.at().tell(WhichChildren())
    while cell.state.value != "stopped":
        virtual.dispatcher.run_while(lambda: cell.state.value != "stopped", limit=1)
    # The Down waits in the supervisor's system lane now; the child's name is free.
    tree.system.spawn(f"{ROOT}/a", tree.child("a").props, parent=ROOT)
    virtual.run()
    tree.tell("a", crash, seconds=1)
    assert tree.state("a") == "running"


def test_stopping_one_that_waits_forgets_its_restart(tree, virtual):
    tree.grow(tree.child("a"), intensity=Intensity(restarts=0, within=9), quarantine=10)
    tree.tell("a", crash)
    assert tree.ask(StopChild("a")) is True
    tree.ask(StartChild(tree.child("a")))
    restarted = len(virtual.events.records("actor.restarted"))
    virtual.run(100)
    assert len(virtual.events.records("actor.restarted")) == restarted
    assert tree.statuses() == {"a": "running"}


def test_a_stray_restart_or_stop_timer_harms_nobody(tree):
    tree.grow(tree.child("a"))
    for stray in [RestartDue("a"), RestartDue("nobody"), StopOverdue("nobody")]:
        tree.tell("", stray)
        tree.at().tell(stray)
    assert tree.statuses() == {"a": "running"}
    assert tree.number("a") == 1
