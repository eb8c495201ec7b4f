"""Envelopes are not followed by the garbage collector: nothing may be left behind for that."""

import gc
import threading
import weakref

import pytest

from fleet.runtime import AskFailed, Future

from .deeds import crash


class Clinging:
    """A message that leads back to the life which has it in hand."""

    def __init__(self, end):
        self.end = end

    def __call__(self, ctx):
        self.ctx = ctx
        self.end(ctx)


def throw_away(letters):
    for letter in letters.letters():
        letters.take(letter.envelope.id)


def is_freed(gone, letters):
    """Collect until something is freed: its thread may still be about to end."""
    for _ in range(500):
        throw_away(letters)
        gc.collect()
        if gone.wait(0.01):
            return True
    return False


@pytest.mark.parametrize("stage", ["virtual", "threads"])
def test_a_message_goes_with_the_life_that_it_leads_back_to(request, stage):
    stage = request.getfixturevalue(stage)
    message, gone = Clinging(crash), threading.Event()
    weakref.finalize(message, gone.set)
    stage.spawn("/clung").tell(message)
    del message
    if hasattr(stage, "run"):
        stage.run(100)
    stage.events.wait_for("actor.crashed")
    assert is_freed(gone, stage.system.dead_letters)


@pytest.mark.parametrize("end", [lambda ctx: ctx.stop(ctx.self), crash])
def test_a_system_goes_in_spite_of_a_dead_letter_that_leads_back_to_it(stages, end):
    stage = stages()
    address = stage.spawn("/gone")
    address.tell(end)
    stage.run(100)
    stage.system.stop("/gone", "over")
    stage.run(100)
    address.tell(("back", address))
    assert stage.system.dead_letters.letters()[-1].envelope.message == ("back", address)
    gone = weakref.ref(stage.system)
    del stage, address
    gc.collect()
    assert gone() is None


def test_nothing_is_left_of_asks_that_failed(threads):
    address = threads.spawn("/asked")
    threads.system.stop("/asked", "over")

    def futures():
        gc.collect()
        return sum(isinstance(one, Future) for one in gc.get_objects())

    before = futures()
    for _ in range(20):
        with pytest.raises(AskFailed):
            address.ask("anything", timeout=5.0)
    throw_away(threads.system.dead_letters)
    assert futures() == before
