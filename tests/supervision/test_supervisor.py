"""Supervisors in virtual time, and a few on real threads."""

import threading

import pytest

from fleet.protocol.errors import UsageError
from fleet.runtime import AskFailed, Down, Fifo, Hang, Props
from fleet.supervision.reminders import RestartDue, StopOverdue
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


@pytest.fixture
def tree(virtual):
    return Tree(virtual)


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


def test_the_first_restart_is_immediate_and_told_why(tree, virtual):
    tree.grow(tree.child("a"))
    tree.tell("a", crash)
    assert ("a", "crash", 3) in tree.seen()
    assert virtual.events.records("actor.restarted", child="a", reason="crash")


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


@pytest.mark.parametrize(
    ("strategy", "again"),
    [("one_for_one", "b"), ("rest_for_one", "bc"), ("one_for_all", "abc")],
)
def test_the_strategy_decides_who_shares_the_failure(tree, strategy, again):
    tree.grow(*map(tree.child, "abc"), strategy=strategy)
    tree.tell("b", crash)
    assert [note[0] for note in tree.seen() if note[1] in {"crash", "sibling"}] == list(again)
    assert [name for name in "abc" if tree.number(name) == 3] == list(again)
    assert {tree.state(name) for name in "abc"} == {"running"}


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_a_sibling_that_idled_loses_no_message_and_no_order(tree, virtual, strategy):
    tree.grow(*map(tree.child, "abc"), strategy=strategy)
    tree.at("b").tell(crash)
    for number in range(20):
        tree.at("c").tell(number)
    virtual.run(1)
    assert [note for note in tree.seen() if isinstance(note, int)] == list(range(20))


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_siblings_wait_with_the_one_in_backoff_and_start_in_order(tree, virtual, strategy):
    tree.grow(
        *map(tree.child, "abc"),
        strategy=strategy,
        intensity=Intensity(restarts=0, within=60),
        quarantine=10,
    )
    tree.tell("a", crash, seconds=9)
    assert tree.statuses() == dict.fromkeys("abc", "quarantined")
    before = len(tree.seen())
    virtual.run(2)
    assert [note[0] for note in tree.seen()[before:]] == ["a", "b", "c"]


@pytest.mark.parametrize("strategy", ["rest_for_one", "one_for_all"])
def test_two_that_crash_at_once_are_restarted_once(tree, virtual, strategy):
    tree.grow(*map(tree.child, "abc"), strategy=strategy)
    for name in "ab":
        tree.at(name).tell(crash)
    virtual.run(10)
    assert [tree.number(name) for name in "abc"] == [3, 3, 3]


def test_one_for_all_waits_for_the_one_that_rests_longest(tree, virtual):
    tree.grow(
        *map(tree.child, "abc"),
        strategy="one_for_all",
        intensity=Intensity(restarts=0, within=60),
        quarantine=10,
    )
    tree.tell("b", crash, seconds=11)
    assert tree.statuses() == dict.fromkeys("abc", "running")
    for name in "ab":  # the first time for a, the second for b
        tree.at(name).tell(crash)
    virtual.run(19)
    assert tree.statuses() == dict.fromkeys("abc", "quarantined")
    virtual.run(2)
    assert tree.statuses() == dict.fromkeys("abc", "running")


def test_rest_for_one_does_not_lift_a_later_ones_quarantine(tree, virtual):
    tree.grow(
        *map(tree.child, "abcd"),
        strategy="rest_for_one",
        intensity=Intensity(restarts=1, within=600),
        quarantine=300,
    )
    for _ in range(2):
        tree.tell("c", crash)
    assert [tree.state(name) for name in "abcd"] == ["running", "running", "down", "down"]
    tree.tell("a", crash)
    assert [tree.state(name) for name in "abcd"] == ["running", "running", "down", "down"]
    assert tree.number("b") == 3
    virtual.run(300)
    assert {tree.state(name) for name in "abcd"} == {"running"}


def test_followers_go_on_when_the_one_they_wait_for_is_dismissed(tree):
    tree.grow(
        *map(tree.child, "abc"),
        strategy="one_for_all",
        intensity=Intensity(restarts=0, within=60),
        quarantine=1000,
    )
    tree.tell("a", crash)
    assert tree.statuses() == dict.fromkeys("abc", "quarantined")
    assert tree.ask(StopChild("a")) is True
    assert tree.statuses() == dict.fromkeys("bc", "running")


def test_a_sibling_in_the_middle_of_a_message_keeps_it_if_it_may_be_repeated(tree, virtual):
    class Once:
        redeliver = "once"

        def __call__(self, ctx):
            if ctx.envelope.attempt == 1:
                return Hang(until=ctx.now() + 1)
            virtual.notes("repeated")
            return None

    tree.grow(*map(tree.child, "ab"), strategy="one_for_all")
    tree.at("b").tell(Once())
    tree.at("b").tell(lambda ctx: Hang(until=ctx.now() + 1))
    virtual.run()
    tree.tell("a", crash)
    assert "repeated" in tree.seen()
    tree.tell("a", crash)
    virtual.run(5)
    causes = [letter.cause for letter in virtual.system.dead_letters.letters()]
    assert causes == ["poison", "poison", "fenced"], "the two crashes, and what was cut off"


# -- children that come and go


def test_a_child_can_be_taken_in_and_dismissed_while_running(tree):
    tree.grow()
    address = tree.ask(StartChild(tree.child("new")))
    assert address == tree.at("new")
    assert tree.statuses() == {"new": "running"}
    assert tree.ask(StopChild("new"), seconds=1) is True
    assert tree.statuses() == {}
    assert tree.ask(StopChild("new")) is False


def test_a_name_in_use_or_a_bad_specification_is_refused_and_kills_nobody(tree):
    tree.grow(tree.child("a"))
    for child in [
        tree.child("a"),
        tree.child("with/slash"),
        tree.child(""),
        tree.child("b", shutdown=0),
        tree.child("b", budget=float("nan")),
        tree.child("b", restart="sometimes"),
    ]:
        assert isinstance(tree.ask(StartChild(child)), ValueError)
    assert tree.number() == 1
    assert tree.statuses() == {"a": "running"}


def test_a_supervisor_that_shuts_down_takes_nobody_in(tree, virtual):
    tree.grow(tree.child("slow", shutdown=5, budget=1e8))
    tree.tell("slow", hang)
    tree.at().tell(Shutdown())
    assert isinstance(tree.ask(StartChild(tree.child("late"))), ValueError)
    virtual.run(6)
    assert tree.state() == "stopped"


def test_a_name_can_be_used_again_and_its_incarnations_go_on(tree):
    tree.grow(tree.child("a"))
    tree.ask(StopChild("a"))
    assert tree.ask(StartChild(tree.child("a"))) == tree.at("a")
    assert tree.number("a") > 1, "no two lives share path and number"
    tree.tell("a", crash)
    assert tree.state("a") == "running"


def test_a_child_started_in_the_moment_its_namesake_ends_stays_supervised(tree, virtual):
    """The old one's Down comes after the new one is there: it says nothing about that."""
    tree.grow(tree.child("a"))
    tree.system.stop(f"{ROOT}/a")
    cell = tree.system.cell(f"{ROOT}/a")
    tree.at().tell(WhichChildren())
    while cell.state.value != "stopped":
        virtual.dispatcher.run_while(lambda: cell.state.value != "stopped", limit=1)
    # The Down waits in the supervisor's system lane now; the child's name is free.
    tree.system.spawn(f"{ROOT}/a", tree.child("a").props, parent=ROOT)
    virtual.run()
    tree.tell("a", crash, seconds=1)
    assert tree.state("a") == "running"


def test_stopping_one_that_waits_forgets_its_restart(tree, virtual):
    tree.grow(tree.child("a"), intensity=Intensity(restarts=0, within=9), quarantine=10)
    tree.tell("a", crash)
    assert tree.ask(StopChild("a")) is True
    tree.ask(StartChild(tree.child("a")))
    restarted = len(virtual.events.records("actor.restarted"))
    virtual.run(100)
    assert len(virtual.events.records("actor.restarted")) == restarted
    assert tree.statuses() == {"a": "running"}


def test_a_stray_restart_or_stop_timer_harms_nobody(tree):
    tree.grow(tree.child("a"))
    for stray in [RestartDue("a"), RestartDue("nobody"), StopOverdue("nobody")]:
        tree.tell("", stray)
        tree.at().tell(stray)
    assert tree.statuses() == {"a": "running"}
    assert tree.number("a") == 1


def test_statuses_count_the_restarts_of_the_window(tree, virtual):
    tree.grow(tree.child("a"), intensity=Intensity(restarts=9, within=10), backoff=AT_ONCE)
    for _ in range(3):
        tree.tell("a", crash, seconds=0.1)
    assert tree.ask(WhichChildren()) == (ChildStatus("a", "running", 3),)
    virtual.run(11)
    assert tree.ask(WhichChildren()) == (ChildStatus("a", "running", 0),)


# -- supervisors that fail themselves


class Poison:
    """A message that no supervisor knows."""


@pytest.mark.parametrize("ends", ["crash", "hang"])
def test_a_replaced_supervisor_takes_its_children_over_untouched(tree, virtual, ends):
    tree.grow(ChildSpec(id="ships", props=spec_of(tree.child("one"), tree.child("two"))))
    dynamic = tree.child("three", restart="temporary")
    tree.ask(StartChild(dynamic), f"{ROOT}/ships")
    tree.tell("ships/one", "before")
    if ends == "crash":
        tree.tell("ships", Poison())
    else:
        tree.system.retire(f"{ROOT}/ships")
        tree.system.restart(f"{ROOT}/ships", "hung")
        virtual.run()
    assert tree.number("ships") == 3
    assert [tree.number("ships", name) for name in ["one", "two", "three"]] == [1, 1, 1]
    assert tree.statuses(f"{ROOT}/ships") == dict.fromkeys(["one", "two", "three"], "running")
    tree.tell("ships/one", crash, seconds=1)
    assert tree.state("ships", "one") == "running", "it is supervised again"
    tree.tell("ships/three", crash, seconds=1)
    assert tree.state("ships", "three") == "stopped", "it is still a temporary one"


def test_what_died_while_the_supervisor_was_away_is_restarted(tree, virtual):
    tree.grow(
        ChildSpec(id="ships", props=spec_of(tree.child("one"))),
        intensity=Intensity(restarts=0, within=60),
        quarantine=20,
    )
    tree.tell("ships", Poison())
    assert tree.state("ships") == "down"
    tree.tell("ships/one", crash)
    assert tree.state("ships", "one") == "down"
    tree.at("ships", "one").tell("kept")
    virtual.run(20)
    assert tree.state("ships", "one") == "running"
    assert "kept" in tree.seen()
    assert tree.number("ships", "one") == 3, "restarted once, not by Down and takeover both"


def test_what_ended_for_good_stays_ended_when_the_supervisor_is_replaced(tree):
    ships = spec_of(tree.child("bad"), tree.child("dismissed"), tree.child("good"))
    tree.grow(ChildSpec(id="ships", props=ships))
    tree.tell("ships/bad", doom)
    tree.ask(StopChild("dismissed"), f"{ROOT}/ships", seconds=1)
    tree.tell("ships", Poison(), seconds=1)
    assert tree.statuses(f"{ROOT}/ships") == {"good": "running"}
    assert tree.state("ships", "bad") == "stopped"


def test_the_root_never_stays_down(tree, virtual):
    tree.grow(tree.child("a"))
    for nth in range(30):
        tree.tell("", Poison())
        tree.at().tell(Poison())
        virtual.run(6)
        assert tree.state() == "running", nth
    assert tree.number("a") == 1


def test_a_root_that_always_fails_is_tried_at_growing_intervals(virtual):
    virtual.spawn("/root", on_start=crash)
    virtual.run(120)
    waits = [each["backoff_s"] for each in virtual.events.records("actor.restarted")]
    assert waits[0] == 0.0
    assert waits[1:9] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert 25 < len(waits) < 35


def test_nested_supervisors_stop_all_below_them_in_reverse(tree):
    nested = ChildSpec(id="ships", props=spec_of(tree.child("one"), tree.child("two")))
    tree.grow(tree.child("a"), nested, tree.child("z"))
    assert tree.ask(Shutdown(), seconds=1) == ()
    assert [note[0] for note in tree.seen() if note[1] == "stop"] == ["z", "two", "one", "a"]


def test_what_a_nested_supervisor_had_to_abandon_is_reported_by_the_root(tree):
    deaf = tree.child("deaf", shutdown=1.0, budget=1e8)
    tree.grow(tree.child("a"), ChildSpec(id="ships", props=spec_of(deaf), shutdown=5))
    tree.tell("ships/deaf", hang)
    assert tree.ask(Shutdown(), seconds=2) == (f"{ROOT}/ships/deaf",)


def test_an_abandoned_supervisor_leaves_nobody_running_below_it(tree, virtual):
    deaf = tree.child("deaf", shutdown=100.0, budget=1e8)
    nested = spec_of(tree.child("one"), deaf)
    tree.grow(ChildSpec(id="ships", props=nested, shutdown=2))
    tree.tell("ships/deaf", hang)
    assert tree.ask(Shutdown(), seconds=3) == (f"{ROOT}/ships",)
    names = [("ships",), ("ships", "one"), ("ships", "deaf")]
    assert {tree.state(*name) for name in names} == {"stopped"}


def test_a_supervisor_that_waits_for_its_restart_is_shut_down_in_order_too(tree):
    nested = spec_of(tree.child("one"), tree.child("two"))
    tree.grow(
        ChildSpec(id="ships", props=nested),
        intensity=Intensity(restarts=0, within=60),
        quarantine=1000,
    )
    tree.tell("ships", Poison())
    assert tree.state("ships") == "down"
    assert tree.ask(Shutdown(), seconds=1) == ()
    assert [note[0] for note in tree.seen() if note[1] == "stop"] == ["two", "one"]


def test_a_nested_supervisor_restarted_with_its_siblings_restarts_what_is_below(tree):
    nested = spec_of(tree.child("one"), tree.child("two"))
    tree.grow(tree.child("a"), ChildSpec(id="ships", props=nested), strategy="one_for_all")
    tree.tell("a", crash, seconds=1)
    assert [tree.number("ships", name) for name in ["one", "two"]] == [3, 3]
    assert {tree.state("ships", name) for name in ["one", "two"]} == {"running"}


# -- monitors and parents that are no supervisors


def test_monitors_get_a_down_for_each_life_that_ends(tree, virtual):
    downs = []
    tree.grow(tree.child("a", budget=2))
    watcher = virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else downs.append(m))
    watcher.tell(lambda ctx: ctx.monitor(tree.at("a")))
    virtual.run()
    tree.tell("a", crash, seconds=10)
    tree.tell("a", hang, seconds=10)
    tree.ask(StopChild("a"), seconds=10)
    assert all(isinstance(down, Down) and down.address == tree.at("a") for down in downs)
    assert [(down.reason, down.incarnation) for down in downs] == [
        ("crash", 1),
        ("hung", 3),
        ("stopped", 5),
    ]
    assert "Crash: as told" in downs[0].detail


def test_who_monitors_nobody_is_told_so_at_once(virtual):
    downs = []
    watcher = virtual.spawn(receive=lambda ctx, m: m(ctx) if callable(m) else downs.append(m))
    watcher.tell(lambda ctx: ctx.monitor(ctx.address("/nobody")))
    virtual.run()
    assert [(down.reason, down.detail) for down in downs] == [("stopped", "no actor")]


def test_children_of_an_actor_do_not_outlive_it(virtual):
    parent = virtual.spawn("/parent", receive=lambda ctx, m: ctx.spawn("child", virtual.props()))
    parent.tell("spawn")
    virtual.run()
    virtual.system.stop("/parent")
    virtual.run()
    assert virtual.system.has_ended("/parent/child")


def test_a_child_that_dies_after_its_parent_closes(virtual):
    parent = virtual.spawn(
        "/parent", receive=lambda ctx, m: ctx.spawn("child", virtual.props(budget=5))
    )
    parent.tell("spawn")
    virtual.run()
    virtual.system.address("/parent/child").tell(hang)
    virtual.run()
    virtual.system.stop("/parent")
    virtual.run(10)
    assert virtual.events.records("actor.hung", actor="/parent/child")
    assert virtual.system.has_ended("/parent/child")


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
