"""Envelopes are not followed by the garbage collector: nothing may be left behind for that."""

import gc
import weakref

import pytest

from fleet.runtime import AskFailed, Future

from .deeds import crash


class Clinging:
    """A message that leads back to the actor which has it in hand."""

    def __init__(self, end):
        self.end = end

    def __call__(self, ctx):
        self.ctx = ctx
        self.end(ctx)


def throw_away(letters):
    for letter in letters.letters():
        letters.take(letter.envelope.id)


@pytest.fixture
def collected():
    """Tell what of some objects is left after a collection."""

    def left(references):
        gc.collect()
        return [reference() for reference in references if reference() is not None]

    return left


@pytest.mark.parametrize("end", [crash, lambda ctx: ctx.stop(ctx.self)])
def test_a_message_goes_with_the_actor_that_it_leads_back_to(virtual, collected, end):
    message = Clinging(end)
    gone = [weakref.ref(message)]
    virtual.spawn("/clung").tell(message)
    del message
    virtual.run(100)
    throw_away(virtual.system.dead_letters)
    assert collected(gone) == []


def test_a_message_goes_with_the_thread_that_it_leads_back_to(threads, collected):
    message = Clinging(lambda ctx: ctx.stop(ctx.self))
    gone = [weakref.ref(message)]
    address = threads.spawn("/clung")
    address.tell(message)
    del message
    threads.events.wait_for("actor.stopped")
    assert collected(gone) == []


def test_a_system_goes_in_spite_of_a_dead_letter_that_leads_back_to_it(stages, collected):
    stage = stages()
    address = stage.spawn("/gone")
    stage.system.stop("/gone", "over")
    stage.run(100)
    address.tell(("back", address))
    assert [one.envelope.message for one in stage.system.dead_letters.letters()] == [
        ("back", address)
    ]
    gone = [weakref.ref(stage.system)]
    del stage, address
    assert collected(gone) == []


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
