"""How many zombies a process may carry."""

import sys
import threading

import pytest

from fleet.protocol.errors import UsageError
from fleet.supervision.watchdog import SHORT_TURN, Watchdog, ZombieBudget

from .blocks import BUDGET, Block


def turns_become(seconds):
    """Look again and again, since the interpreter tells nobody of it."""
    looks = (threading.Event().wait(0.005) for _ in range(1000))
    return any(abs(sys.getswitchinterval() - seconds) < 1e-6 for _ in looks)


def test_the_interpreters_turns_are_short_while_a_zombie_may_spin(threads, blocks):
    usual = sys.getswitchinterval()
    address = threads.spawn(receive=blocks.handler("spinning", threads.notes), budget=BUDGET)
    address.tell(Block())
    address.tell("next")
    assert threads.notes.wait_for((3, "next"))
    assert turns_become(SHORT_TURN)
    blocks.release.set()
    assert threads.events.wait_for("zombie.ended")
    assert turns_become(usual)


def watched(threads, budget):
    """A second watchdog, with a budget of zombies and a list of what it says."""
    said = []
    told = threading.Event()

    def over_budget(sentence):
        said.append(sentence)
        told.set()

    watchdog = Watchdog(threads.system, period=0.005, budget=budget, over_budget=over_budget)
    watchdog.start()
    return watchdog, said, told


def test_more_zombies_than_a_process_may_carry_are_told_once_in_a_sentence(threads, blocks):
    watchdog, said, told = watched(threads, ZombieBudget(zombies=2, grace=0.05))
    try:
        for _ in range(3):
            address = threads.spawn(receive=blocks.handler("waiting", threads.notes), budget=BUDGET)
            address.tell(Block())
        assert told.wait(30)
        event = threads.events.wait_for("zombies.exceeded", level="critical")
        assert event["text"] == said[0]
        assert "3 replaced actors have not come back, 0 of them compute" in said[0]
        assert not threads.events.wait_for("zombies.exceeded", times=2, timeout=0.2)
    finally:
        watchdog.close()


def test_spinners_are_counted_apart_from_those_that_wait(threads, blocks):
    watchdog, said, told = watched(threads, ZombieBudget(spinners=0, zombies=5, grace=0.0))
    try:
        waits = threads.spawn(receive=blocks.handler("waiting", threads.notes), budget=BUDGET)
        waits.tell(Block())
        assert threads.events.wait_for("actor.hung", actor=waits.path)
        assert not told.wait(0.3), "one that waits is no spinner"
        spins = threads.spawn(receive=blocks.handler("spinning", threads.notes), budget=BUDGET)
        spins.tell(Block())
        assert told.wait(30)
        assert "2 replaced actors have not come back, 1 of them compute" in said[0]
    finally:
        watchdog.close()


def test_a_burst_that_ends_within_the_grace_is_no_matter(threads, blocks):
    watchdog, said, _ = watched(threads, ZombieBudget(zombies=0, grace=60.0))
    try:
        address = threads.spawn(receive=blocks.handler("receiving", threads.notes), budget=BUDGET)
        address.tell(Block())
        assert threads.events.wait_for("zombie.ended", actor=address.path)
        assert said == []
    finally:
        watchdog.close()


@pytest.mark.parametrize("bad", [{"spinners": -1}, {"zombies": -1}, {"grace": float("nan")}])
def test_a_budget_of_zombies_that_cannot_be_kept_is_refused(threads, bad):
    with pytest.raises(UsageError, match="from 0 up"):
        Watchdog(threads.system, budget=ZombieBudget(**bad))
