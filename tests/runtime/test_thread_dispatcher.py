import threading

from fleet.protocol.clock import GameTime


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
