"""The watch on real threads and in passes that a test asks for."""

import threading
from functools import partial

import pytest

from fleet.runtime import Hang, LaneMailbox
from fleet.runtime.chaos import Misbehave
from fleet.supervision.resources.allocations import Allocations
from fleet.supervision.resources.belongings import Belongings, Owner
from fleet.supervision.resources.cleanup import Cleanup
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.overheard import Overheard
from fleet.supervision.resources.sample import MB

LEVELS = ResourceLimits(warn=200 * MB, emergency=300 * MB, critical=400 * MB)


def test_critical_memory_sheds_work_until_it_has_fallen_and_never_ends_anything(
    virtual, watch_over, gauge
):
    shed = []
    watch = watch_over(virtual, limits=LEVELS, shed=shed.append)
    for megabytes in (100, 250, 450, 500, 395, 350, 100):
        gauge.rss = megabytes * MB
        gauge.now += 1
        watch.look()
    assert shed == [True, True, True, False]
    told = [record["pressure"] for record in virtual.events.records("pressure.changed")]
    assert told == ["warn", "critical", "emergency", "normal"]
    assert len(virtual.events.records("garbage.collected", scope="process")) == 1
    assert watch.usage.pressure == "normal"
    assert watch.usage.peak == 500 * MB


def test_a_pass_sees_every_actor_without_asking_it(virtual, watch_over, gauge):
    address = virtual.spawn("/a", budget=60.0)
    virtual.run()
    address.tell(Misbehave("hang", seconds=30.0))
    virtual.run(1.0)
    for number in range(3):
        address.tell(number)
    virtual.run(1.0)
    watch = watch_over(virtual)
    (seen,) = watch.look().actors
    assert (seen.path, seen.state, seen.depth, seen.busy) == ("/a", "running", 3, "Misbehave")
    assert seen.busy_for == 2.0


def test_a_mailbox_whose_front_does_not_move_is_told_once_in_the_cool_down(
    virtual, watch_over, gauge
):
    address = virtual.spawn("/a", budget=600.0)
    virtual.run()
    address.tell(Misbehave("hang", seconds=300.0))
    virtual.run(1.0)
    address.tell("waits")
    watch = watch_over(virtual)
    for _ in range(10):
        watch.look()
        virtual.run(1.0)
        gauge.now += 1.0
    (told,) = virtual.events.records("mailbox.delayed")
    assert told["text"] == "Mailbox contention in task /a | Waited: 5.00s | Waiting: 1"
    assert told["scope"] == "actor"


def test_the_age_is_that_of_the_oldest_message_though_others_are_taken(virtual, watch_over):
    """A backlog that moves by a message a second is late all the same."""
    address = virtual.spawn("/a", receive=lambda ctx, _: Hang(until=ctx.now() + 1.0))
    virtual.run()
    for number in range(20):
        address.tell(number)
    watch, ages = watch_over(virtual), []
    for _ in range(10):
        virtual.run(1.0)
        ages.append(watch.look().actors[0].oldest)
    assert ages == [pytest.approx(second + 1.0) for second in range(10)]
    assert virtual.events.records("mailbox.delayed", actor="/a")


def test_what_lies_in_lanes_on_purpose_is_not_late(virtual, watch_over):
    lanes = partial(LaneMailbox, lane_of=lambda message: 1 if message == "waits" else None)
    address = virtual.spawn("/a", mailbox=lanes)
    virtual.run()
    address.tell("waits")
    virtual.run(60.0)
    (seen,) = watch_over(virtual).look().actors
    assert (seen.depth, seen.oldest) == (1, 0.0)


def test_thread_time_is_the_actors_own(threads, watch_over, gauge):
    address = threads.spawn("/a", receive=lambda ctx, _: ctx.reply(threading.get_native_id()))
    gauge.times = {address.ask("who", timeout=30): 1.25}
    (seen,) = watch_over(threads).look().actors
    assert seen.cpu == 1.25


def heard_by(stage, watch):
    """Let the watch hear what the system tells from now on."""
    stage.system.events = Overheard(stage.events, watch.names, watch.hear)


def test_a_hang_is_told_as_a_story_that_ends_well(threads, watch_over):
    watch = watch_over(threads)
    heard_by(threads, watch)
    watch.start()
    threads.spawn("/a", budget=0.1).tell(Misbehave("hang", seconds=30.0))
    assert threads.events.wait_for("recovery.succeeded", actor="/a")
    told = [record["event"] for record in threads.events.records() if "recovery" in record["event"]]
    assert told == ["recovery.started", "recovery.succeeded"]
    (frozen,) = threads.events.records("freeze.detected")
    assert frozen["text"].endswith("Last Operation: Misbehave - Starting recovery")


def test_one_that_is_not_started_again_is_told_as_lost(threads, watch_over):
    watch = watch_over(threads)
    heard_by(threads, watch)
    watch.start()
    address = threads.spawn("/a", budget=0.1)
    address.tell(Misbehave("hang", seconds=30.0))
    assert threads.events.wait_for("recovery.started", actor="/a")
    threads.system.stop(address.path, "given up")
    lost = threads.events.wait_for("recovery.lost", actor="/a")
    assert lost["reason"] == "it is not started again"


def test_a_replacement_that_fails_to_start_is_told_and_the_next_one_too(threads, watch_over):
    starts = iter([None, ValueError("no luck"), None])

    def on_start(ctx):
        if failure := next(starts):
            assert threads.events.wait_for("recovery.started", actor="/a")
            raise failure

    watch = watch_over(threads)
    heard_by(threads, watch)
    watch.start()
    threads.spawn("/a", on_start=on_start, budget=0.1).tell(Misbehave("hang", seconds=30.0))
    failed = threads.events.wait_for("recovery.lost", actor="/a")
    assert failed["text"] == "Failed to recover task /a: ValueError"


def test_a_failed_life_is_cleaned_up_after_and_its_successor_is_not(
    threads, watch_over, tmp_path, events
):
    belongings = Belongings(tmp_path / "tmp")
    cleanup = Cleanup(belongings, threads.events, threads.clock, cooldown=60.0)
    watch = watch_over(threads, cleanup=cleanup)
    heard_by(threads, watch)
    watch.start()

    def on_start(ctx):
        owner = Owner(ctx.self.path, ctx.incarnation)
        (belongings.temp_folder(owner) / f"life-{ctx.incarnation}.tmp").write_text("")

    address = threads.spawn("/a", on_start=on_start)
    address.tell(Misbehave("crash"))
    done = threads.events.wait_for("cleanup.completed", actor="/a")
    assert done["incarnation"] == 1
    removed = [record["text"] for record in threads.events.records("file.removed")]
    assert removed == ["Cleaned up temp file: life-1.tmp"]
    address.ask(lambda ctx: ctx.reply("alive"), timeout=30)
    (left,) = (tmp_path / "tmp").rglob("*.tmp")
    assert left.name == "life-3.tmp"


def test_a_failure_of_the_watch_itself_is_told_and_does_not_end_it(threads, watch_over, gauge):
    watch = watch_over(threads, limits=ResourceLimits(period=0.01))
    gauge.sample = None
    watch.start()
    assert threads.events.wait_for("resources.failed", times=2)
    del gauge.sample
    before = watch.usage
    threads.spawn("/a")
    wait = threading.Event()
    while watch.usage is before:
        assert watch._thread.is_alive()
        wait.wait(0.01)


@pytest.fixture
def allocations():
    made = Allocations()
    made.start()
    yield made
    made.close()


def test_a_word_about_memory_comes_with_the_lines_that_took_it(
    virtual, watch_over, gauge, allocations
):
    watch = watch_over(virtual, limits=LEVELS, allocations=allocations)
    watch.look()
    kept = bytearray(3 * MB)
    for megabytes in (190, 250, 350, 250, 180):
        gauge.rss = megabytes * MB
        gauge.now += 1
        watch.look()
    assert len(kept) == 3 * MB
    names = ("memory.grown", "pressure.changed", "memory.allocated")
    told = [record for record in virtual.events.records() if record["event"] in names]
    assert [record["event"] for record in told] == [
        "memory.grown", "memory.allocated",
        "pressure.changed", "memory.allocated",
        "memory.grown", "pressure.changed", "memory.allocated",
        "pressure.changed", "pressure.changed",
    ]  # fmt: skip
    first, second, _ = (record for record in told if record["event"] == "memory.allocated")
    assert first["scope"] == "process"
    assert first["lines"][0]["at"].startswith("resources/test_watch.py:")
    assert first["lines"][0]["grown"] >= 3 * MB
    assert f"{first['lines'][0]['at']} +3.0MB" in first["text"]
    assert second["text"] == "Since the last look memory grew at: no line by much"


def test_memory_is_not_traced_unless_asked_for(virtual, watch_over, gauge):
    watch = watch_over(virtual, limits=LEVELS)
    for megabytes in (100, 190, 250):
        gauge.rss = megabytes * MB
        gauge.now += 1
        watch.look()
    assert virtual.events.records("memory.grown")
    assert not virtual.events.records("memory.allocated")
