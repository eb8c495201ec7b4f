"""The last rung strikes who computes in the actor's own code, and nobody else."""

import logging
import threading

import pytest

from fleet.runtime.interrupts import is_harmless
from fleet.supervision.watchdog import Watchdog

BUDGET = 0.1


@pytest.fixture
def interrupting(threads):
    watchdog = Watchdog(threads.system, period=0.005, interrupt=True)
    watchdog.start()
    yield threads
    watchdog.close()


class Spins:
    """A loop that never ends, until the test does."""

    free = False

    def __call__(self, *_):
        while not self.free:
            pass


@pytest.fixture
def spins():
    spins = Spins()
    yield spins
    spins.free = True


def test_one_that_computes_is_ended_and_its_address_goes_on(interrupting, spins):
    address = interrupting.spawn("/a", budget=BUDGET)
    address.tell(spins)
    event = interrupting.events.wait_for("zombie.interrupted", actor="/a", incarnation=1)
    assert "in __call__" in event["stack"]
    assert interrupting.events.wait_for("zombie.ended", actor="/a", incarnation=1)
    assert interrupting.system.zombies == 0
    assert address.ask(lambda ctx: ctx.reply(ctx.incarnation), timeout=30) == 3


def test_one_that_waits_is_left_alone(interrupting):
    release = threading.Event()
    address = interrupting.spawn("/a", budget=BUDGET)
    address.tell(lambda ctx: release.wait(30))
    assert interrupting.events.wait_for("actor.hung", actor="/a")
    assert interrupting.events.wait_for("zombie.interrupted", timeout=0.4) is None
    release.set()
    assert interrupting.events.wait_for("zombie.ended", actor="/a")


def test_one_that_computes_in_a_module_with_locks_is_left_alone(interrupting, spins):
    handler = logging.Handler()
    handler.emit = spins
    logger = logging.Logger("apart")  # noqa: LOG001
    logger.addHandler(handler)
    address = interrupting.spawn("/a", budget=BUDGET)
    address.tell(lambda ctx: logger.error("in the middle of a handler's lock"))
    assert interrupting.events.wait_for("actor.hung", actor="/a")
    assert interrupting.events.wait_for("zombie.interrupted", timeout=0.6) is None
    spins.free = True
    assert interrupting.events.wait_for("zombie.ended", actor="/a")


def test_nobody_is_interrupted_unless_somebody_asked_for_it(threads, spins):
    address = threads.spawn("/a", budget=BUDGET)
    address.tell(spins)
    assert threads.events.wait_for("actor.hung", actor="/a")
    assert threads.events.wait_for("zombie.interrupted", timeout=0.4) is None


def test_a_stack_without_the_kernel_below_it_is_not_an_actors():
    import sys

    assert not is_harmless(sys._getframe())
    assert not is_harmless(None)
