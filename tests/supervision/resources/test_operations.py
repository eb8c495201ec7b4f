import threading
from dataclasses import replace

from fleet.runtime import Props
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.operations import Operations, is_chosen, tracked
from fleet.supervision.resources.sample import MB


def operations_on(stage, gauge):
    return Operations(gauge, stage.events, ResourceLimits(), stage.system.view)


def test_each_snapshot_tells_what_is_the_process_s_and_what_the_actor_s(threads, gauge):
    waits = iter(range(4))

    def view(path):
        seen = threads.system.view(path)
        return replace(seen, waiting=next(waits), oldest=1.5, waited=7.25)

    def started(ctx):
        gauge.times[threading.get_native_id()] = 0.125

    def receive(ctx, message):
        gauge.files += 1
        gauge.threads += 2
        ctx.reply(None)

    operations = Operations(gauge, threads.events, ResourceLimits(), view)
    props = threads.props(on_start=started, receive=receive)
    address = threads.system.spawn("/a", tracked(props, operations))
    address.ask("go", timeout=30)
    assert threads.events.wait_for("operation.completed", times=2)
    _, before = threads.events.records("operation.started")
    _, after = threads.events.records("operation.completed")
    keys = ("scope", "rss_mb", "vms_mb", "cpu_s", "open_files", "threads")
    assert [before[key] for key in keys] == ["process", 100.0, 400.0, 2.5, 20, 50]
    assert [after[key] for key in keys] == ["process", 100.0, 400.0, 2.5, 21, 52]
    own = {"scope": "actor", "cpu_s": 0.125, "oldest": 1.5, "waited": 7.25}
    assert [told["own"] for told in (before, after)] == [own | {"depth": 2}, own | {"depth": 3}]


def test_each_operation_is_told_with_its_memory(threads, gauge):
    operations = operations_on(threads, gauge)

    def receive(ctx, message):
        gauge.rss += message * MB
        ctx.reply(ctx.incarnation)

    props = tracked(threads.props(receive=receive), operations)
    address = threads.system.spawn("/a", props)
    address.ask(10, timeout=30)
    address.ask(60, timeout=30)
    assert threads.events.wait_for("operation.completed", times=3)
    assert threads.events.wait_for("memory.grown")
    told = [record["text"] for record in threads.events.records(actor="/a")]
    assert [text for text in told if text] == [
        "Task /a started operation: on_start | Initial Memory: 100.00MB",
        "Task /a completed operation: on_start | Memory Change: 0.00MB | Peak Memory: 100.00MB",
        "Task /a started operation: int | Initial Memory: 100.00MB",
        "Task /a completed operation: int | Memory Change: 10.00MB | Peak Memory: 110.00MB",
        "Task /a started operation: int | Initial Memory: 110.00MB",
        "Task /a completed operation: int | Memory Change: 60.00MB | Peak Memory: 170.00MB",
        "High memory usage in task /a | Current: 170.00MB | Previous Peak: 100.00MB",
    ]


def test_an_operation_that_fails_is_completed_and_its_failure_goes_on(threads, gauge):
    operations = operations_on(threads, gauge)

    def receive(ctx, message):
        raise ValueError("no")

    address = threads.system.spawn("/a", tracked(threads.props(receive=receive), operations))
    address.tell("go")
    assert threads.events.wait_for("actor.crashed", actor="/a", reason="ValueError")
    assert threads.events.wait_for("operation.completed", times=2)


def test_settings_of_the_actor_stay_as_they_were(threads, gauge):
    plain = Props(factory=threads.props().factory, budget=7.0)
    made = tracked(plain, operations_on(threads, gauge))
    assert (made.budget, made.mailbox) == (7.0, plain.mailbox)


def test_actors_are_chosen_by_patterns():
    assert is_chosen("/fleet/ships/A-1", ("/fleet/writer", "/fleet/ships/*"))
    assert not is_chosen("/fleet/bucket", ("/fleet/writer",))
