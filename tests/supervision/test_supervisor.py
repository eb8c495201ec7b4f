"""Supervisors in virtual time, and a few on real threads."""

import threading

import pytest

from fleet.protocol.errors import UsageError
from fleet.runtime import AskFailed, Fifo, Hang, Props
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import (
    ChildStatus,
    Shutdown,
    StartChild,
    StopChild,
    WhichChildren,
    supervise,
)

from .trees import (
    AT_ONCE,
    PATIENT,
    ROOT,
    Crash,
    LiveTree,
    Tree,
    crash,
    doom,
    hang,
    spec_of,
)

# -- starting and stopping


def test_children_start_in_order_and_stop_in_reverse(virtual):
    tree = Tree(virtual)
    names = ["a", "b", "c"]
    virtual.system.spawn(ROOT, spec_of(*map(tree.child, names)))
    virtual.run()
    assert tree.seen() == [(name, "start", 1) for name in names]
    assert tree.ask(Shutdown(), seconds=1) == ()
    assert tree.seen()[3:] == [(name, "stop", "stopped") for name in reversed(names)]
    assert tree.state() == "stopped"


def test_one_child_stops_before_the_next_is_asked_to(tree, virtual):
    """c takes its time, within its shutdown: b must not be told until c has ended."""

    def busy(ctx):
        return Hang(until=ctx.now() + 3)

    tree.grow(*[tree.child(name, shutdown=5.0, budget=100) for name in "abc"])
    tree.tell("c", busy)
    start = virtual.clock.now
    ends = {}
    tree.at().tell(Shutdown())
    for _ in range(80):
        virtual.run(0.1)
        for name in "abc":
            if tree.state(name) == "stopped":
                ends.setdefault(name, round(virtual.clock.now - start, 1))
    assert 3.0 <= ends["c"] <= ends["b"] <= ends["a"] <= 3.2


def test_a_child_that_does_not_stop_in_time_is_abandoned_and_reported(tree, virtual):
    tree.grow(tree.child("a"), tree.child("deaf", shutdown=2.0, budget=1e8), tree.child("c"))
    tree.tell("deaf", hang)
    assert tree.ask(Shutdown(), seconds=1.9) is None
    assert tree.state("a") == "running"
    assert tree.ask(Shutdown(), seconds=0.2) == (f"{ROOT}/deaf",)
    assert tree.state("a") == tree.state("deaf") == tree.state() == "stopped"
    assert virtual.events.records("actor.abandoned", child="deaf")
    assert virtual.system.zombies == 1


def test_everyone_who_asks_for_the_shutdown_is_answered(tree, virtual):
    answers = []
    tree.grow(tree.child("slow", shutdown=3.0, budget=1e8))
    tree.tell("slow", hang)

    def ask(ctx):
        ctx.ask(tree.at(), Shutdown(), timeout=100, on_reply=lambda value: ("got", value))

    for _ in range(3):
        virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else answers.append(m)).tell(ask)
    virtual.run(4)
    assert answers == [("got", (f"{ROOT}/slow",))] * 3


def test_a_crash_while_all_stop_is_not_restarted_and_does_not_prolong_it(tree, virtual):
    tree.grow(tree.child("a"), tree.child("b"), tree.child("slow", shutdown=3.0, budget=1e8))
    tree.tell("slow", hang)
    tree.at().tell(Shutdown())
    virtual.run(2)
    tree.tell("a", crash)
    assert tree.state("a") == "stopped"
    virtual.run(1.1)
    assert tree.state() == "stopped", "the 3 s of the slow one began once"
    assert ("a", "crash", 3) not in tree.seen()


def test_a_crash_or_hang_while_stopping_ends_the_child_all_the_same(tree, virtual):
    def bad_stop(ctx, reason):
        raise Crash

    tree.grow(tree.child("a", on_stop=bad_stop))
    assert tree.ask(StopChild("a"), seconds=100) is True
    assert tree.state("a") == "stopped"
    assert len(virtual.events.records("actor.crashed", actor=f"{ROOT}/a")) == 1
    assert tree.statuses() == {}


def test_a_child_that_hangs_when_asked_to_stop_is_not_started_again(tree, virtual):
    tree.grow(tree.child("a", budget=2.0, shutdown=5.0))
    tree.tell("a", hang)
    tree.ask(StopChild("a"), seconds=3)
    assert virtual.events.records("actor.hung")
    assert tree.state("a") == "stopped"
    assert [note for note in tree.seen() if note[1] == "hung"] == []


# -- deaths and restarts


class Proxy:
    """Fails at being asked for its class, as lazy proxies do outside of their context."""

    @property
    def __class__(self):
        raise RuntimeError("there is no context")


def test_a_child_whose_closing_broke_off_is_not_waited_for_for_ever(tree, virtual):
    tree.grow(tree.child("a", shutdown=5.0), tree.child("b"))
    tree.at("a").tell(lambda ctx: Hang(until=ctx.now() + 1))
    virtual.run()
    tree.ask(StopChild("a"))
    tree.at("a").tell(Proxy())
    virtual.run(10)
    assert tree.statuses() == {"b": "running"}
    assert tree.ask(Shutdown(), seconds=10) == (f"{ROOT}/a",)


def test_the_first_restart_is_immediate_and_told_why(tree, virtual):
    tree.grow(tree.child("a"))
    tree.tell("a", crash)
    assert ("a", "crash", 3) in tree.seen()
    assert virtual.events.records("actor.restarted", child="a", reason="crash")


def test_each_restart_is_told_with_what_it_was_put_off(tree, virtual):
    patient = {"intensity": PATIENT, "backoff": Backoff(least=4.0, most=4.0)}
    tree.grow(tree.child("a"), tree.child("b"), **patient)
    for name in "aaab":
        tree.tell(name, crash, seconds=10)
    told = virtual.events.records("actor.restarted")
    assert [each["child"] for each in told] == list("aaab")
    waits = [each["backoff_s"] for each in told]
    assert (waits[0], waits[3]) == (0.0, 0.0)
    assert all(0.0 < wait <= 4.0 for wait in waits[1:3])


def test_a_hung_child_is_restarted_at_its_budget_and_told_why(tree, virtual):
    tree.grow(tree.child("a", budget=2.0))
    tree.tell("a", hang, seconds=1.99)
    assert tree.number("a") == 1
    virtual.run(0.02)
    assert ("a", "hung", 3) in tree.seen()


def test_what_waited_is_handled_by_the_next_incarnation_in_order(tree, virtual):
    tree.grow(tree.child("a"))
    address = tree.at("a")
    for message in [1, 2, crash, 3, 4]:
        address.tell(message)
    virtual.run()
    assert [note for note in tree.seen() if isinstance(note, int)] == [1, 2, 3, 4]


def test_later_restarts_wait_a_random_part_of_a_doubling_delay(stages):
    delays = {}
    for seed in range(40):
        stage = stages(seed=seed)
        tree = Tree(stage)
        backoff = Backoff(least=1.0, most=4.0, reset_after=1e5)
        tree.grow(tree.child("a"), intensity=PATIENT, backoff=backoff)
        for nth in range(6):
            died = stage.clock.now
            tree.tell("a", crash)
            stage.dispatcher.run_while(lambda: tree.state("a") != "running", limit=10)  # noqa: B023
            delays.setdefault(nth, []).append(stage.clock.now - died)
            stage.run(1)
    assert set(delays[0]) == {0.0}
    for nth, ceiling in enumerate([1.0, 2.0, 4.0, 4.0, 4.0], start=1):
        assert all(0 <= delay <= ceiling for delay in delays[nth])
        assert max(delays[nth]) > ceiling * 0.7, "the whole range is used"
        assert min(delays[nth]) < ceiling * 0.3


def test_the_delay_begins_anew_after_a_long_life(tree, virtual):
    tree.grow(tree.child("a"), intensity=PATIENT, backoff=Backoff(least=50, most=50))
    tree.tell("a", crash)
    virtual.run(121)
    tree.tell("a", crash)
    assert tree.state("a") == "running"


def test_one_restart_too_many_is_a_quarantine_that_ends(tree, virtual):
    tree.grow(
        tree.child("a"),
        intensity=Intensity(restarts=2, within=60),
        backoff=AT_ONCE,
        quarantine=30.0,
    )
    for _ in range(3):
        tree.tell("a", crash, seconds=0.1)
    assert tree.statuses() == {"a": "quarantined"}
    assert virtual.events.records("child.quarantined", child="a")[0]["backoff_s"] == 30.0
    tree.at("a").tell("kept meanwhile")
    virtual.run(29)
    assert tree.state("a") == "down"
    virtual.run(1)
    assert tree.state("a") == "running"
    assert "kept meanwhile" in tree.seen()


def test_quarantines_double_up_to_ten_times(tree, virtual):
    tree.grow(
        tree.child("a", on_restart=lambda ctx, reason: crash(ctx)),
        intensity=Intensity(restarts=0, within=1),
        quarantine=10.0,
    )
    tree.tell("a", crash, seconds=1000)
    waits = [each["backoff_s"] for each in virtual.events.records("child.quarantined")]
    assert waits[:6] == [10.0, 20.0, 40.0, 80.0, 100.0, 100.0]


def test_a_child_whose_start_always_crashes_never_takes_its_supervisor_down(tree, virtual):
    tree.grow(
        tree.child("bad", on_start=crash, on_restart=lambda ctx, _: crash(ctx)), tree.child("good")
    )
    virtual.run(3600)
    assert tree.number() == 1
    assert tree.state("good") == "running"
    assert tree.number("good") == 1
    assert virtual.events.records("child.quarantined", child="bad")


def test_a_permanent_failure_is_not_restarted_and_said_loudly(tree, virtual):
    tree.grow(tree.child("a"), tree.child("b"))
    tree.tell("a", doom, seconds=1000)
    assert tree.state("a") == "stopped"
    assert tree.statuses() == {"b": "running"}
    (ended,) = virtual.events.records("child.ended")
    assert (ended["level"], ended["child"]) == ("error", "a")
    assert "BadToken: never again" in ended["text"]


def normal(ctx):
    ctx.stop(ctx.self, "normal")


@pytest.mark.parametrize(
    ("restart", "end", "lives"),
    [
        ("permanent", crash, True),
        ("permanent", normal, True),
        ("transient", crash, True),
        ("transient", normal, False),
        ("temporary", crash, False),
        ("temporary", normal, False),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_restart_type_decides_who_lives_again(tree, restart, end, lives):
    tree.grow(tree.child("a", restart=restart))
    tree.tell("a", end, seconds=1)
    assert tree.state("a") == ("running" if lives else "stopped")
    assert ("a" in tree.statuses()) is lives


def test_a_stop_without_more_closes_even_a_permanent_child(tree):
    tree.grow(tree.child("a"))
    tree.tell("a", lambda ctx: ctx.stop(ctx.self), seconds=1)
    assert tree.state("a") == "stopped"
    assert tree.statuses() == {}


# -- strategies


def test_statuses_count_the_restarts_of_the_window(tree, virtual):
    tree.grow(tree.child("a"), intensity=Intensity(restarts=9, within=10), backoff=AT_ONCE)
    for _ in range(3):
        tree.tell("a", crash, seconds=0.1)
    assert tree.ask(WhichChildren()) == (ChildStatus("a", "running", 3),)
    virtual.run(11)
    assert tree.ask(WhichChildren()) == (ChildStatus("a", "running", 0),)


# -- supervisors that fail themselves


def test_a_bad_specification_is_refused_before_anything_starts():
    with pytest.raises(UsageError):
        supervise(SupervisorSpec(quarantine=0))


# -- on real threads


@pytest.fixture
def live(threads):
    return LiveTree(threads)


def test_threads_are_restarted_by_their_supervisor(live, threads):
    live.grow(live.tree.child("a"), live.tree.child("b"))
    with pytest.raises(AskFailed, match="poison"):
        live.ask(crash, "a")
    assert live.number("a") == 3
    assert live.number("b") == 1


def test_idle_siblings_lose_nothing_when_they_are_restarted(live, threads):
    """The old thread waits in the very mailbox that the new one reads."""
    live.grow(
        *map(live.tree.child, "abc"), strategy="one_for_all", backoff=AT_ONCE, intensity=PATIENT
    )
    expected = []
    for nth in range(10):
        assert [live.number(name) for name in "abc"] == [2 * nth + 1] * 3
        live.tree.at("a").tell(crash)
        for number in range(20):
            live.tree.at("c").tell((nth, number))
            expected.append((nth, number))
        assert threads.notes.wait_for((nth, 19))
        assert threads.events.wait_for("actor.restarted", times=3 * (nth + 1))
    assert [note for note in threads.notes.all if len(note) == 2] == expected
    assert threads.system.dead_letters.counts["fenced"] == 0


def test_threads_of_replaced_idle_siblings_end(live, threads):
    live.grow(*map(live.tree.child, "ab"), strategy="one_for_all")
    live.number("b")
    old = threads.system.cell(f"{ROOT}/b").runner.thread
    live.tree.at("a").tell(crash)
    assert threads.events.wait_for("actor.restarted", child="b")
    assert live.number("b") == 3
    old.join(30)
    assert not old.is_alive()


def test_a_hung_supervisor_on_a_thread_is_replaced_over_its_living_children(live, threads):
    release = threading.Event()

    def stuck():
        release.wait(30)
        return Fifo()

    live.grow(live.tree.child("a"))
    # A factory of a mailbox runs in the supervisor's thread, so it can hang there.
    bad = ChildSpec(id="bad", props=Props(factory=lambda: None, mailbox=stuck))
    root = threads.system.cell(ROOT)
    object.__setattr__(root.props, "budget", 0.2)
    live.tree.at().tell(StartChild(bad))
    assert threads.events.wait_for("actor.hung", actor=ROOT, message_type="StartChild")
    assert live.ask(WhichChildren()) == (ChildStatus("a", "running", 0),)
    live.tree.at("a").tell(crash)
    assert live.number("a") == 3
    release.set()
    assert threads.events.wait_for("zombie.ended", actor=ROOT)
    assert threads.system.cell(f"{ROOT}/bad") is None, "a zombie's child does not come to life"


def test_a_shutdown_on_threads_abandons_who_hangs_and_names_it(live, threads):
    inside, release = threading.Event(), threading.Event()
    live.grow(live.tree.child("a"), live.tree.child("deaf", shutdown=0.2, budget=60))
    live.tree.at("deaf").tell(lambda ctx: inside.set() or release.wait(30))
    assert inside.wait(30)
    assert live.ask(Shutdown()) == (f"{ROOT}/deaf",)
    assert threads.system.has_ended(f"{ROOT}/a")
    release.set()
    assert threads.events.wait_for("zombie.ended", actor=f"{ROOT}/deaf")


def test_a_machine_out_of_threads_delays_a_restart_and_loses_nobody(threads, monkeypatch):
    live = LiveTree(threads)
    start, failures = threads.system.dispatcher.start, iter([True, True])

    def failing(incarnation):
        if incarnation.number > 1 and next(failures, False):
            raise RuntimeError("can't start new thread")
        start(incarnation)

    monkeypatch.setattr(threads.system.dispatcher, "start", failing)
    live.grow(live.tree.child("a"), backoff=Backoff(least=0.01, most=0.01))
    live.tree.at("a").tell(crash)
    assert live.number("a") == 7
    assert len(threads.events.records("actor.crashed", message_type="Starting")) == 2
