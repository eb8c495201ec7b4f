"""Faults on demand reach any actor, whatever messages it knows, and leave nothing behind."""

import pytest

from fleet.runtime.chaos import Misbehave


def strict(ctx, message):
    """An actor that crashes on what it doesn't know."""
    assert message == "known"
    ctx.reply("well")


def test_an_actor_can_be_made_to_crash_and_goes_on(threads):
    address = threads.spawn("/a", receive=strict)
    address.tell(Misbehave("crash"))
    assert address.ask("known", timeout=5) == "well"
    (crashed,) = threads.events.records("actor.crashed")
    assert (crashed["reason"], crashed["message_type"]) == ("Misbehaviour", "Misbehave")


def test_an_actor_can_be_made_to_hang_and_is_replaced(threads):
    address = threads.spawn("/a", receive=strict, budget=0.1)
    address.tell(Misbehave("hang", seconds=0.5))
    assert address.ask("known", timeout=5) == "well"
    assert threads.events.records("actor.hung", message_type="Misbehave", incarnation=1)
    assert threads.events.wait_for("zombie.ended", incarnation=1)


@pytest.mark.parametrize("kind", ["crash", "hang"])
def test_the_order_itself_is_no_dead_letter(threads, kind):
    address = threads.spawn("/a", receive=strict, budget=0.1)
    address.tell(Misbehave(kind, seconds=0.2))
    assert address.ask("known", timeout=5) == "well"
    assert threads.system.dead_letters.counts == {}
