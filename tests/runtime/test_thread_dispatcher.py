import threading

from fleet.protocol.clock import GameTime
from fleet.runtime import Fifo
from fleet.runtime.incarnation import Incarnation


def test_the_stack_shows_where_a_live_actor_stands(threads):
    inside, release = threading.Event(), threading.Event()

    def telling_name(ctx):
        inside.set()
        release.wait(30)

    address = threads.spawn()
    address.tell(telling_name)
    assert inside.wait(30)
    (stack,) = threads.system.dispatcher.stacks([threads.cell(address)])
    release.set()
    assert "in telling_name\n" in stack


def test_there_is_no_stack_of_a_thread_that_has_ended(threads):
    address = threads.spawn()
    address.ask(lambda ctx: ctx.reply(None), timeout=30)
    cell = threads.cell(address)
    threads.system.abandon(address.path)
    cell.runner.thread.join(30)
    assert threads.system.dispatcher.stacks([cell]) == [""]
    cell.runner = None
    assert threads.system.dispatcher.stacks([cell]) == [""]


def test_what_may_block_is_run_where_it_holds_nobody_up(threads):
    release, began = threading.Event(), threading.Event()
    threads.system.dispatcher.aside(lambda: began.set() or release.wait(30))
    assert began.wait(30)
    assert threads.spawn().ask(lambda ctx: ctx.reply("here"), timeout=30) == "here"
    release.set()


def test_timers_of_both_kinds_arrive_on_threads(threads):
    address = threads.spawn()
    address.tell(lambda ctx: ctx.timer("wall", "wall", after=0.01))
    address.tell(lambda ctx: ctx.timer("game", "game", at=GameTime(ctx.now() + 0.01)))
    assert threads.notes.wait_for("wall")
    assert threads.notes.wait_for("game")


def test_a_timer_of_a_replaced_incarnation_never_arrives(threads):
    address = threads.spawn()

    def arm(ctx):
        ctx.timer("t", "old", after=0.05)
        raise ValueError

    address.tell(arm)
    address.tell(lambda ctx: ctx.timer("t", "new", after=0.1))
    assert threads.notes.wait_for("new")
    assert threads.notes.all == ["new"]


def test_an_actor_handles_one_message_at_a_time_in_one_thread(threads):
    seen = set()

    def receive(ctx, message):
        seen.add((threading.get_ident(), threading.current_thread().name))
        if message == 99:
            threads.notes("done")

    address = threads.spawn("/a", receive=receive)
    for number in range(100):
        address.tell(number)
    assert threads.notes.wait_for("done")
    assert {name for _, name in seen} == {"/a#1"}
    assert len(seen) == 1


class Brittle(Fifo):
    """Fails once at being read, and at being counted whenever it is."""

    failures = 1

    def pop(self):
        if len(self._queue) and self.failures:
            self.failures -= 1
            raise MemoryError("no room for a message")
        return super().pop()

    def __len__(self):
        raise SystemExit("not to be counted")


def test_a_mailbox_that_fails_at_being_read_ends_one_life_and_loses_nothing(threads):
    address = threads.spawn("/a", mailbox=Brittle)
    address.tell("kept")
    address.tell("and this")
    assert threads.notes.wait_for("and this")
    assert threads.notes.all == ["kept", "and this"]
    assert threads.cell(address).number == 3
    assert threads.system.dead_letters.counts.total() == 0


def test_a_thread_that_has_ended_is_no_zombie_however_it_ended(threads, monkeypatch):
    release = threading.Event()
    # Not even its crash is noted.
    monkeypatch.setattr(Incarnation, "_act", lambda self, envelope: 1 / (1 - release.wait(30)))
    monkeypatch.setattr(threads.system, "crashed", lambda *_: None)
    address = threads.spawn("/a", budget=0.1)
    address.tell("hang")
    assert threads.events.wait_for("actor.hung", actor="/a")
    release.set()
    assert threads.events.wait_for("zombie.ended", actor="/a")
    assert threads.system.zombies == 0
