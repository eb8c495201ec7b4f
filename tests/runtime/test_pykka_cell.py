"""The contract with pykka: every name of its internals that we lean on, and what we replaced."""

import inspect
import queue
import threading

import pykka
import pytest
from pykka import _actor, _ref, _threading

from fleet.protocol.errors import FleetError
from fleet.runtime._pykka_cell import PykkaCell, _FirstWins
from fleet.runtime.incarnation import Incarnation


def test_pykka_is_the_version_that_was_read():
    from importlib.metadata import version

    assert version("pykka").startswith("4.5.")


@pytest.mark.parametrize("name", ["_create_future", "_create_actor_inbox"])
def test_factory_hooks_are_static(name):
    assert isinstance(inspect.getattr_static(pykka.ThreadingActor, name), staticmethod)


@pytest.mark.parametrize(
    "name", ["_start_actor_loop", "_actor_loop", "_actor_loop_setup", "_actor_loop_teardown"]
)
def test_loop_hooks_take_nothing_but_the_actor(name):
    assert list(inspect.signature(getattr(pykka.ThreadingActor, name)).parameters) == ["self"]


def test_the_loop_calls_our_phase_between_setup_and_teardown():
    calls = []

    class Traced(pykka.ThreadingActor):
        def _actor_loop_setup(self):
            calls.append("setup")

        def _actor_loop_running(self):
            calls.append("running")

        def _actor_loop_teardown(self):
            calls.append("teardown")

    Traced()._actor_loop()
    assert calls == ["setup", "running", "teardown"]


def test_an_actor_made_without_start_is_not_registered_and_has_its_parts():
    actor = pykka.ThreadingActor()
    assert actor.actor_ref not in pykka.ActorRegistry.get_all()
    assert isinstance(actor._actor_ref, pykka.ActorRef)
    assert isinstance(actor.actor_stopped, threading.Event)
    assert {"put", "get", "empty"} <= set(dir(actor.actor_inbox))


def test_the_reference_copies_inbox_and_stopped_from_the_actor():
    actor = pykka.ThreadingActor()
    actor.actor_inbox = queue.Queue()
    reference = pykka.ActorRef(actor)
    assert reference.actor_inbox is actor.actor_inbox
    assert reference.actor_stopped is actor.actor_stopped
    assert reference.is_alive()
    actor.actor_stopped.set()
    assert not reference.is_alive()


def test_the_reference_makes_futures_by_the_class():
    source = inspect.getsource(_ref.ActorRef.ask)
    assert "self.actor_class._create_future()" in source


def test_pykkas_own_loop_stops_all_actors_at_a_base_exception():
    """Why the running phase is ours; if this ever fails, that reason is gone."""
    source = inspect.getsource(_actor.Actor._actor_loop_running)
    assert "except BaseException" in source
    assert "ActorRegistry.stop_all()" in source


def test_pykkas_future_raises_at_a_second_result_and_ours_does_not():
    stock = _threading.ThreadingFuture()
    stock.set(1)
    with pytest.raises(queue.Full):
        stock.set(2)
    ours = PykkaCell._create_future()
    assert isinstance(ours, _FirstWins)
    ours.set(1)
    ours.set(2)
    ours.set_exception((ValueError, ValueError(), None))
    assert ours.get(timeout=0) == 1


def test_our_future_keeps_pykkas_constructor_and_hook():
    future = PykkaCell._create_future().__class__()
    future.set_get_hook(lambda timeout: "hooked")
    assert future.get(timeout=0) == "hooked"


def cell_of(threads, address):
    return threads.cell(address).runner


def test_a_cell_is_a_daemon_thread_named_after_path_and_incarnation(threads):
    address = threads.spawn("/a")
    address.ask(lambda ctx: ctx.reply(None), timeout=30)
    runner = cell_of(threads, address)
    assert isinstance(runner, PykkaCell)
    assert runner.thread.daemon
    assert runner.thread.name == "/a#1"
    assert PykkaCell.use_daemon_thread


def test_cells_stay_out_of_pykkas_registry(threads):
    address = threads.spawn()
    address.ask(lambda ctx: ctx.reply(None), timeout=30)
    assert pykka.ActorRegistry.get_all() == []


def test_pykkas_own_reference_reaches_the_mailbox(threads):
    address = threads.spawn()
    cell_of(threads, address).actor_ref.tell("by pykka")
    assert threads.notes.wait_for("by pykka")


def test_pykkas_teardown_finds_the_mailbox_empty_so_that_it_outlives_the_thread(threads):
    address = threads.spawn()
    runner = cell_of(threads, address)
    started, release = threading.Event(), threading.Event()
    address.tell(lambda ctx: started.set() or release.wait(30))
    assert started.wait(30)
    address.tell("waits")
    assert runner.actor_inbox.empty()
    release.set()
    assert threads.notes.wait_for("waits")


def test_actor_stopped_tells_when_the_thread_has_ended(threads):
    address = threads.spawn()
    runner = cell_of(threads, address)
    threads.system.stop(address.path)
    assert runner.actor_stopped.wait(30)
    runner.thread.join(30)
    assert not runner.thread.is_alive()


class OddlyBroken(FleetError):
    def __str__(self):
        raise RuntimeError("not even its text")


def deep(_):
    return deep(_)


def raising(error):
    def act(ctx):
        raise error

    return act


FATAL = [
    raising(SystemExit(3)),
    raising(KeyboardInterrupt()),
    raising(MemoryError()),
    raising(GeneratorExit()),
    raising(BaseException("anything")),
    raising(BaseExceptionGroup("many", [SystemExit(), ValueError()])),
    raising(OddlyBroken()),
    deep,
]
NAMES = ["exit", "interrupt", "memory", "generator", "base", "group", "unprintable", "recursion"]


@pytest.mark.parametrize("fatal", FATAL, ids=NAMES)
def test_what_kills_one_actor_never_touches_another_and_it_lives_again(threads, fatal):
    others = [threads.spawn() for _ in range(3)]
    victim = threads.spawn("/victim")
    before = [cell_of(threads, other).thread for other in others]
    victim.tell(fatal)
    assert threads.events.wait_for("actor.crashed", actor="/victim")
    victim.tell("alive again")
    assert threads.notes.wait_for("alive again")
    for other, thread in zip(others, before, strict=True):
        assert other.ask(lambda ctx: ctx.reply("well"), timeout=30) == "well"
        assert cell_of(threads, other).thread is thread
        assert threads.cell(other).number == 1


@pytest.mark.parametrize("fatal", FATAL, ids=NAMES)
def test_who_asked_for_what_was_fatal_is_told_at_once(threads, fatal):
    from fleet.runtime import AskFailed

    with pytest.raises(AskFailed):
        threads.spawn().ask(fatal, timeout=30)


def test_a_hang_returned_on_a_thread_is_no_hang(threads):
    """It is a word of virtual time; here the handler has just returned."""
    from fleet.runtime import Hang

    address = threads.spawn(budget=0.2)
    address.tell(lambda ctx: Hang(until=ctx.now() + 3600))
    assert address.ask(lambda ctx: ctx.reply(ctx.incarnation), timeout=30) == 1
    assert threads.events.wait_for("actor.hung", timeout=0.4) is None
    assert threads.cell(address).handled == 2


def test_an_incarnation_can_be_told_apart_from_its_cell(threads):
    address = threads.spawn()
    assert isinstance(cell_of(threads, address).incarnation, Incarnation)
    assert cell_of(threads, address).incarnation.live
