"""Whatever ends one actor never reaches another: each kind of failure, in each hook, on threads."""

from __future__ import annotations

import sys
import threading

import pytest

from fleet.runtime import Bounded, Fifo, Priority
from fleet.supervision.spec import ChildSpec, Intensity
from fleet.supervision.supervisor import Shutdown, StartChild, WhichChildren

from .trees import AT_ONCE, PATIENT, LiveTree, spec_of


class Odd(BaseException):
    """A failure of no known family, which can't even be rendered."""

    def __str__(self):
        raise SystemExit("unspeakable")

    __repr__ = __str__


def exhaust_recursion():
    return exhaust_recursion()


def exhaust_memory():
    return bytearray(sys.maxsize)


def leave():
    sys.exit(3)


def interrupt():
    raise KeyboardInterrupt


def end_generator():
    raise GeneratorExit


def be_odd():
    raise Odd


FAILURES = {
    "SystemExit": leave,
    "KeyboardInterrupt": interrupt,
    "RecursionError": exhaust_recursion,
    "MemoryError": exhaust_memory,
    "GeneratorExit": end_generator,
    "Odd": be_odd,
}


@pytest.fixture
def live(threads):
    return LiveTree(threads)


@pytest.fixture(params=FAILURES, name="kind")
def _kind(request):
    return request.param


def unharmed(live, *names):
    """See that each answers and is still in its first life."""
    return all(live.ask(lambda ctx: ctx.reply(ctx.incarnation), name) == 1 for name in names)


def test_a_failure_in_a_message_ends_its_own_actor_alone(live, threads, kind):
    siblings = [live.tree.child("a"), live.tree.child("z")]
    nested = ChildSpec(id="ships", props=spec_of(live.tree.child("one")))
    live.grow(siblings[0], live.tree.child("bad"), nested, siblings[1])
    live.tree.at("bad").tell(lambda ctx: FAILURES[kind]())
    live.tree.at("bad").tell("the next message")
    assert threads.events.wait_for("actor.crashed", actor="/fleet/bad", reason=kind)
    assert threads.notes.wait_for("the next message")
    assert live.number("bad") == 3
    assert unharmed(live, "a", "z")
    assert live.ask(lambda ctx: ctx.reply(ctx.incarnation), "ships", "one") == 1
    assert threads.system.cell("/fleet").number == 1


@pytest.mark.parametrize("hook", ["on_start", "on_restart", "on_stop", "factory"])
def test_a_failure_in_a_hook_ends_its_own_actor_alone(live, threads, kind, hook):
    failures = []

    def fail(*_):
        if not failures:
            failures.append(kind)
            FAILURES[kind]()

    bad = live.tree.child("bad", **({} if hook == "factory" else {hook: fail}))
    if hook == "factory":
        make = bad.props.factory
        object.__setattr__(bad.props, "factory", lambda: fail() or make())
    live.grow(live.tree.child("a"), bad, backoff=AT_ONCE, intensity=PATIENT)
    if hook == "on_restart":
        live.tree.at("bad").tell(lambda ctx: 1 / 0)
    if hook != "on_stop":
        assert threads.events.wait_for("actor.crashed", actor="/fleet/bad", reason=kind)
        assert live.ask(lambda ctx: ctx.reply("back"), "bad") == "back"
    assert unharmed(live, "a")
    assert live.ask(Shutdown()) == ()
    assert failures == [kind]
    assert threads.events.records("actor.crashed", actor="/fleet/bad", reason=kind)


def test_a_failure_of_a_mailboxs_making_is_its_own_actors_alone(live, threads, kind):
    bad = live.tree.child("bad", mailbox=FAILURES[kind])
    once = Intensity(restarts=0, within=60)
    live.grow(live.tree.child("a"), bad, live.tree.child("z"), intensity=once)
    assert threads.events.wait_for("child.quarantined", child="bad")
    assert threads.events.records("actor.crashed", actor="/fleet/bad", reason=kind)
    assert unharmed(live, "a", "z")
    assert threads.system.cell("/fleet").number == 1


def test_a_mailbox_that_fails_at_a_message_harms_neither_sender_nor_actor(live, threads, kind):
    def rank(message):
        return FAILURES[kind]() if message == "fatal" else 0

    live.grow(live.tree.child("a"), live.tree.child("bad", mailbox=lambda: Priority(rank)))
    live.tree.at("a").tell(lambda ctx: ctx.tell(ctx.address("/fleet/bad"), "fatal") and None)
    live.tree.at("a").tell(lambda ctx: ctx.tell(ctx.address("/fleet/bad"), "harmless") and None)
    assert threads.notes.wait_for("harmless")
    assert unharmed(live, "a", "bad")
    (letter,) = threads.system.dead_letters.letters()
    assert (letter.envelope.message, letter.cause) == ("fatal", "poison")
    assert threads.system.view("/fleet/bad").books.missing == 0


def test_a_failure_in_telling_of_an_overflow_does_not_reach_the_sender(live, threads, kind):
    full = {"mailbox": lambda: Bounded(0), "overflow": lambda message: FAILURES[kind]()}
    live.grow(live.tree.child("a"), live.tree.child("full", **full))
    live.tree.at("a").tell(
        lambda ctx: ctx.tell(ctx.address("/fleet/full"), "one too many") and None
    )
    assert threads.events.wait_for("mailbox.failed", actor="/fleet/full")
    assert unharmed(live, "a")


def test_a_failure_in_a_lifes_last_words_spares_the_others_none(live, threads, kind):
    said = threading.Event()
    live.grow(live.tree.child("a"), live.tree.child("bad"))
    cell = threads.system.cell("/fleet/bad")
    assert cell.leave_word(cell.number, FAILURES[kind])
    assert cell.leave_word(cell.number, said.set)
    live.tree.at("bad").tell(lambda ctx: 1 / 0)
    assert said.wait(30)
    assert live.number("bad") == 3
    assert unharmed(live, "a")


def test_a_timers_message_that_fails_at_its_mailbox_stops_no_other_timer(live, threads, kind):
    def rank(message):
        return FAILURES[kind]() if message == "fatal" else 0

    live.grow(live.tree.child("bad", mailbox=lambda: Priority(rank)))
    live.tree.at("bad").tell(lambda ctx: ctx.timer("fatal", "fatal", after=0.001))
    live.tree.at("bad").tell(lambda ctx: ctx.timer("fine", "rang", after=0.005))
    assert threads.notes.wait_for("rang")
    assert unharmed(live, "bad")


def test_a_failure_of_a_supervisor_itself_leaves_its_children_alone(live, threads, kind):
    class Fatal:
        """A specification whose very name fails."""

        @property
        def id(self):
            FAILURES[kind]()

    live.grow(live.tree.child("a"), live.tree.child("b"))
    live.tree.at().tell(StartChild(Fatal()))
    assert threads.events.wait_for("actor.restarted", actor="/fleet")
    assert unharmed(live, "a", "b")
    assert [status.state for status in live.ask(WhichChildren())] == ["running", "running"]


def test_a_message_that_fails_at_being_looked_at_ends_one_life_of_its_reader(live, threads, kind):
    class Fatal:
        """What the kernel asks every message, this one answers with a failure."""

        redeliver = "never"

        @property
        def __class__(self):
            FAILURES[kind]()

    def look(ctx, message):
        return message(ctx) if callable(message) else isinstance(message, str)

    live.grow(live.tree.child("a"), live.tree.child("bad", receive=look))
    live.tree.at("bad").tell(Fatal())
    assert threads.events.wait_for("actor.crashed", actor="/fleet/bad", reason=kind)
    assert live.number("bad") == 3
    assert threads.events.records("letter.lost", actor="/fleet/bad")
    assert unharmed(live, "a")


def test_a_failure_while_a_blocking_call_is_ended_reaches_nobody(live, threads, kind):
    live.grow(live.tree.child("a"), live.tree.child("bad", budget=0.1))

    def stuck(ctx):
        ctx.on_cancel(lambda: FAILURES[kind]())
        ctx.on_cancel(released.set)
        released.wait(30)

    released = threading.Event()
    live.tree.at("bad").tell(stuck)
    assert threads.events.wait_for("actor.hung", actor="/fleet/bad")
    assert threads.events.wait_for("cancel.failed", actor="/fleet/bad")
    assert released.wait(30), "the next cancellable is run all the same"
    assert live.number("bad") == 3
    assert unharmed(live, "a")


def test_the_watchdog_goes_on_after_every_kind(live, threads, kind):
    live.grow(live.tree.child("bad"), live.tree.child("slow", budget=0.1))
    live.tree.at("bad").tell(lambda ctx: FAILURES[kind]())
    assert threads.events.wait_for("actor.crashed", reason=kind)
    release = threading.Event()
    live.tree.at("slow").tell(lambda ctx: release.wait(30) and None)
    assert threads.events.wait_for("actor.hung", actor="/fleet/slow")
    release.set()
    assert live.number("slow") == 3


def test_a_failure_that_fails_at_being_told_ends_its_own_actor_alone(live, threads, kind):
    class Untellable(Exception):
        """Fails at whatever it is asked."""

        @property
        def __notes__(self):
            FAILURES[kind]()

        @property
        def __class__(self):
            FAILURES[kind]()

        def __str__(self):
            FAILURES[kind]()

    def fail(ctx):
        raise Untellable

    live.grow(live.tree.child("a"), live.tree.child("bad"))
    live.tree.at("bad").tell(fail)
    assert threads.events.wait_for("actor.crashed", actor="/fleet/bad", reason="Untellable")
    assert live.number("bad") == 3
    assert unharmed(live, "a")
    assert threads.system.zombies == 0


def test_a_hang_that_fails_at_being_told_keeps_no_other_from_being_replaced(live, threads, kind):
    class Uncounted(Fifo):
        """Fails at what the report of a hang asks it."""

        def __len__(self):
            FAILURES[kind]()

    names = ("one", "two", "three")
    children = [live.tree.child(name, mailbox=Uncounted, budget=0.1) for name in names]
    live.grow(*children)
    release = threading.Event()
    for name in names:
        live.tree.at(name).tell(lambda ctx: release.wait(30) and None)
    for name in names:
        assert live.number(name) == 3
    release.set()
    assert threads.events.records("watchdog.failed", actor="/fleet/one")
