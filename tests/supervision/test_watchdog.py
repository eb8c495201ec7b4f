"""Real threads that hang for real: each is replaced and nothing else suffers."""

import threading

import pytest

from fleet.runtime import AskFailed
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import WhichChildren, supervise
from fleet.supervision.watchdog import Watchdog

from .blocks import BUDGET, Block, Read

KINDS = ["asleep", "waiting", "locked", "receiving", "spinning"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_hung_actor_is_replaced_and_its_backlog_done_in_order(threads, blocks, kind):
    address = threads.spawn("/worker", receive=blocks.handler(kind, threads.notes), budget=BUDGET)
    begun = threads.clock.monotonic()
    address.tell(Block())
    for number in range(50):
        address.tell(number)
    assert threads.notes.wait_for((3, 49))
    assert threads.clock.monotonic() - begun >= BUDGET
    assert threads.notes.all == [(3, number) for number in range(50)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_event_names_the_message_and_shows_the_stack_of_the_hung_thread(threads, blocks, kind):
    address = threads.spawn("/worker", receive=blocks.handler(kind, threads.notes), budget=BUDGET)
    address.tell(Block())
    hung = threads.events.wait_for("actor.hung", actor="/worker")
    assert hung["message_type"] == "Block"
    assert hung["incarnation"] == 1
    assert f"in {kind}\n" in hung["stack"]
    assert hung["over_budget_ms"] >= 0
    assert hung["text"].startswith("TIMEOUT_ALERT - Task: /worker | Operation: Block")


def test_a_blocked_socket_is_ended_by_its_cancellable(threads, blocks):
    address = threads.spawn(receive=blocks.handler("receiving", threads.notes), budget=BUDGET)
    address.tell(Block())
    assert threads.events.wait_for("zombie.ended", actor=address.path)
    assert threads.system.zombies == 0


def test_a_hung_thread_counts_as_a_zombie_until_it_comes_back(threads, blocks):
    address = threads.spawn(receive=blocks.handler("waiting", threads.notes), budget=BUDGET)
    address.tell(Block())
    assert threads.events.wait_for("actor.hung")["zombies"] == 1
    assert threads.system.zombies == 1
    blocks.release.set()
    assert threads.events.wait_for("zombie.ended", actor=address.path, incarnation=1)
    assert threads.system.zombies == 0


def test_a_message_that_may_not_be_repeated_is_buried(threads, blocks):
    address = threads.spawn(receive=blocks.handler("waiting", threads.notes), budget=BUDGET)
    with pytest.raises(AskFailed, match="poison"):
        address.ask(Block(), timeout=30)
    assert [letter.cause for letter in threads.system.dead_letters.letters()] == ["poison"]
    assert blocks.count == 1


def test_a_message_that_may_be_repeated_is_handled_once_more_and_then_buried(threads, blocks):
    address = threads.spawn(receive=blocks.handler("waiting", threads.notes), budget=BUDGET)
    address.tell(Read())
    address.tell("next")
    assert threads.notes.wait_for((5, "next"))
    hangs = threads.events.records("actor.hung")
    assert [hang["attempt"] for hang in hangs] == [1, 2]
    (letter,) = threads.system.dead_letters.letters()
    assert (letter.cause, letter.envelope.attempt) == ("poison", 2)


def test_a_repeated_message_that_is_well_the_second_time_answers_its_ask(threads, blocks):
    attempts = []

    def receive(ctx, message):
        attempts.append(ctx.envelope.attempt)
        if len(attempts) == 1:
            blocks.release.wait(30)
        ctx.reply("done")

    assert threads.spawn(receive=receive, budget=BUDGET).ask(Read(), timeout=30) == "done"
    assert attempts == [1, 2]
    assert threads.system.dead_letters.counts.total() == 0


def test_budgets_may_differ_by_message_type(threads, blocks):
    address = threads.spawn(
        receive=blocks.handler("waiting", threads.notes), budget=60, budgets={Block: BUDGET}
    )
    address.tell(Block())
    assert threads.events.wait_for("actor.hung")["text"].count("Timeout: 0.2s")


def test_progress_extends_the_budget_a_bounded_number_of_times(threads):
    beats = threading.Event()

    def receive(ctx, message):
        while True:
            beats.wait(0.05)
            ctx.progress()

    address = threads.spawn("/a", receive=receive, budget=1.0, progress_limit=6)
    begun = threads.clock.monotonic()
    address.tell("go")
    assert threads.events.wait_for("actor.hung")
    took = threads.clock.monotonic() - begun
    assert took >= 6 * 0.05 + 1.0
    assert threads.events.wait_for("zombie.ended"), "Fenced ends the zombie at its next word"


def test_a_hung_start_is_replaced(threads):
    release, starts = threading.Event(), []

    def on_start(ctx):
        starts.append(ctx.incarnation)
        if len(starts) == 1:
            release.wait(30)

    address = threads.spawn("/a", on_start=on_start, start_budget=BUDGET)
    address.tell("after all")
    assert threads.events.wait_for("actor.hung", message_type="Starting", incarnation=1)
    assert threads.notes.wait_for("after all")
    release.set()
    assert threads.events.wait_for("zombie.ended", incarnation=1)
    assert starts == [1, 3]


def test_a_hung_stop_closes_the_address(threads):
    release = threading.Event()
    address = threads.spawn("/a", on_stop=lambda ctx, reason: release.wait(30), stop_budget=BUDGET)
    address.tell("before")
    assert threads.notes.wait_for("before")
    threads.system.stop("/a")
    assert threads.events.wait_for("actor.hung", message_type="Stop")
    with pytest.raises(AskFailed, match="stopped"):
        address.ask("too late", timeout=30)
    release.set()


def test_a_zombie_that_comes_back_can_do_nothing(threads):
    release, said = threading.Event(), threading.Event()
    other = threads.spawn("/other")
    outcomes = {}

    def receive(ctx, message):
        if message != "hang":
            threads.notes(message)
            return
        lanes_of = ctx
        release.wait(30)
        for name, deed in {
            "tell": lambda: ctx.tell(other, "from a zombie"),
            "ask": lambda: ctx.ask(other, "from a zombie", timeout=1, on_reply=str),
            "reply": lambda: ctx.reply("late"),
            "timer": lambda: ctx.timer("t", "late", after=0),
            "cancel": lambda: ctx.cancel("t"),
            "spawn": lambda: ctx.spawn("child", threads.props()),
            "stop": lambda: ctx.stop(other),
            "restart": lambda: ctx.restart(other, "zombie"),
            "abandon": lambda: ctx.abandon(other),
            "retire": lambda: ctx.retire(other),
            "monitor": lambda: ctx.monitor(other),
            "stash": ctx.stash,
            "unstash": ctx.unstash,
            "progress": ctx.progress,
            "on_cancel": lambda: ctx.on_cancel(release.set),
            "lanes": lambda: lanes_of.lanes,
        }.items():
            try:
                deed()
                outcomes[name] = "done"
            except Exception as failure:
                outcomes[name] = type(failure).__name__
        said.set()

    address = threads.spawn("/a", receive=receive, budget=BUDGET)
    with pytest.raises(AskFailed):
        address.ask("hang", timeout=30)
    address.tell("healthy")
    assert threads.notes.wait_for("healthy")
    release.set()
    assert said.wait(30)
    assert set(outcomes.values()) == {"Fenced"}
    assert threads.events.wait_for("zombie.ended", actor="/a")
    (stale,) = threads.events.records("effect.fenced")
    assert (stale["actor"], stale["incarnation"]) == ("/a", 1)
    assert stale["text"].startswith("STALE_RESULT - /a was replaced")
    assert other.ask(lambda ctx: ctx.reply("untouched"), timeout=30) == "untouched"
    assert threads.notes.all == ["healthy"]


def test_a_zombie_that_crashes_late_takes_nobody_down(threads):
    release = threading.Event()

    def receive(ctx, message):
        if message == "hang":
            release.wait(30)
            raise SystemExit
        ctx.reply(ctx.incarnation)

    address = threads.spawn("/a", receive=receive, budget=BUDGET)
    address.tell("hang")
    assert address.ask("who", timeout=30) == 3
    release.set()
    assert threads.events.wait_for("zombie.crashed", actor="/a", incarnation=1)
    assert address.ask("who", timeout=30) == 3
    assert threads.events.records("actor.crashed") == []


def test_many_at_once_are_all_replaced(threads, blocks):
    addresses = [
        threads.spawn(receive=blocks.handler("waiting", threads.notes), budget=BUDGET)
        for _ in range(30)
    ]
    for address in addresses:
        address.tell(Block())
        address.tell(address.path)
    for address in addresses:
        assert threads.notes.wait_for((3, address.path))
    assert threads.system.zombies == 30


def test_a_fence_hits_only_the_message_in_flight(threads):
    """Messages that take about as long as the budget: cut off or not, never handled twice."""
    handled = []

    def receive(ctx, number):
        if number == "end":
            ctx.reply("all done")
            return
        if number % 3:
            threading.Event().wait(0.0198)
        ctx.progress()  # raises Fenced in a zombie
        handled.append(number)

    child = ChildSpec(id="a", props=threads.props(receive=receive, budget=0.02, budgets={str: 5.0}))
    patient = Intensity(restarts=10_000, within=1e6)
    at_once = Backoff(least=1e-9, most=1e-9)
    spec = SupervisorSpec(children=(child,), intensity=patient, backoff=at_once)
    threads.system.spawn("/root", supervise(spec)).ask(WhichChildren(), timeout=30)
    address = threads.system.address("/root/a")
    for number in range(120):
        address.tell(number)
    assert address.ask("end", timeout=40) == "all done"
    lost = {letter.envelope.message for letter in threads.system.dead_letters.letters()}
    assert len(handled) == len(set(handled)), "two consumers"
    assert handled == sorted(handled), "out of order"
    assert set(handled) | lost == set(range(120))
    # The asked one may not have ended yet; and what was fenced after its last word is lost all
    # the same, as far as anybody can know.
    assert threads.cell(address).handled + len(lost) in {120, 121}


def test_all_are_fenced_before_the_first_is_replaced_and_calls_are_ended_last(threads, blocks):
    """Two hangs noticed in one look: nobody's replacement waits for another's clean-up."""
    order = threads.notes
    gate = threading.Barrier(2)
    system = threads.system

    def receive(ctx, message):
        if message != "hang":
            return
        ctx.on_cancel(lambda: order(("cancelled", ctx.self.path)))
        gate.wait(5)
        blocks.release.wait(30)

    def on_start(ctx):
        if ctx.incarnation > 1:
            states = {path: threads.cell(system.address(path)).number for path in ("/a", "/b")}
            order(("replaced", ctx.self.path, min(states.values()) > 1))

    for path in ("/a", "/b"):
        threads.spawn(path, receive=receive, on_start=on_start, budget=60).tell("hang")
    cells = [threads.cell(system.address(path)) for path in ("/a", "/b")]
    looks = (threading.Event().wait(0.005) for _ in range(1000))
    assert any(all(cell.in_hand and cell.cancellables for cell in cells) for _ in looks)
    # Both over their budget at the same look.
    for cell in cells:
        cell.in_hand.budget = 0.0
    assert order.wait_until(lambda notes: len(notes) == 4)
    replaced = [note for note in order.all if note[0] == "replaced"]
    assert all(both_fenced for _, _, both_fenced in replaced)


def test_the_watchdog_beats_while_it_looks(threads):
    beats = threading.Semaphore(0)
    watchdog = Watchdog(threads.system, period=0.005, beat=beats.release)
    watchdog.start()
    try:
        assert all(beats.acquire(timeout=30) for _ in range(5))
    finally:
        watchdog.close()
    while beats.acquire(blocking=False):
        pass
    assert not beats.acquire(timeout=0.05), "a closed watchdog is silent"


def test_a_beat_that_raises_leaves_nobody_unwatched(threads, blocks):
    def beat():
        raise OSError("the pipe is gone")

    watchdog = Watchdog(threads.system, period=0.005, beat=beat)
    watchdog.start()
    try:
        assert threads.events.wait_for("watchdog.failed", times=3, level="critical")
    finally:
        watchdog.close()


def test_what_the_kernel_cannot_mend_of_its_own_asks_for_a_fresh_start(threads, notes, monkeypatch):
    monkeypatch.setattr(threads.system.dispatcher, "mend", lambda: "no thread lasts")
    watchdog = Watchdog(threads.system, period=0.005, over_budget=notes)
    watchdog.start()
    try:
        assert notes.wait_for("no thread lasts")
    finally:
        watchdog.close()


def test_it_does_not_beat_while_the_kernel_cannot_be_looked_after(threads, monkeypatch):
    def mend():
        raise RuntimeError("can't start new thread")

    beats = threading.Semaphore(0)
    monkeypatch.setattr(threads.system.dispatcher, "mend", mend)
    watchdog = Watchdog(threads.system, period=0.005, beat=beats.release)
    watchdog.start()
    try:
        assert threads.events.wait_for("watchdog.failed", times=3)
    finally:
        watchdog.close()
    assert not beats.acquire(blocking=False)


def test_a_cancellable_that_blocks_or_raises_does_not_hold_up_the_watchdog(threads, blocks):
    def blocked(ctx, message):
        ctx.on_cancel(lambda: blocks.release.wait(30))
        blocks.release.wait(30)

    def raising(ctx, message):
        ctx.on_cancel(lambda: exec("raise SystemExit"))
        blocks.release.wait(30)

    first = threads.spawn("/first", receive=blocked, budget=BUDGET)
    first.tell("go")
    assert threads.events.wait_for("actor.hung", actor="/first")
    second = threads.spawn("/second", receive=raising, budget=BUDGET)
    second.tell("go")
    assert threads.events.wait_for("actor.hung", actor="/second")
    assert threads.events.wait_for("cancel.failed", actor="/second")
    third = threads.spawn("/third", receive=blocked, budget=BUDGET)
    third.tell("go")
    assert threads.events.wait_for("actor.hung", actor="/third")
