"""Whatever happens to the writer or the database, nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from fleet.actors.database_writer import writer_props
from fleet.protocol.rows import Append, Delete, Flush, Rows, Upsert
from fleet.storage.engine import Store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.tables import ASSIGNMENTS


def assignment(ship: str, behaviour: str = "mine") -> Upsert:
    values = {"behaviour": behaviour, "task": {"n": 1}, "version": 1, "updated_at": 1.0}
    return Upsert("assignments", (ship,), values)


def money(number: int, delta: int = 1) -> Append:
    return Append("ledger", f"1-{number}", {"kind": "request", "delta": delta, "at": 1.0})


# -- the database fails


def test_while_the_database_is_away_everything_waits(bench: Any, control: Any):
    control.shut = True
    for n in range(30):
        bench.tell(money(n), assignment(f"A-{n}"))
        bench.stage.run(1)
    assert bench.status.failing
    assert bench.pending == 60
    assert len(bench.stage.events.records("database.failed")) == 1
    assert control.attempts <= 12
    control.shut = False
    bench.stage.run(11)
    assert control.money == [f"1-{n}" for n in range(30)]
    assert len(bench.stage.events.records("database.recovered")) == 1
    assert not bench.status.failing


def test_a_flush_while_the_database_is_away_is_answered_after_it_is_back(bench: Any, control: Any):
    control.shut = True
    bench.tell(money(1))
    answer = bench.start_asking(Flush())
    bench.stage.run(30)
    with pytest.raises(Exception, match="no answer"):
        answer.get(0)
    control.shut = False
    bench.stage.run(11)
    assert answer.get(0) is True


def test_a_writer_that_cannot_open_the_database_keeps_trying(
    virtual: Any, control: Any, benches: Any
):
    control.refuses_to_open = True
    bench = benches(virtual, control)
    bench.tell(money(1))
    virtual.run(20)
    assert bench.status.failing
    control.refuses_to_open = False
    virtual.run(11)
    assert control.money == ["1-1"]


def test_a_real_lock_of_another_process_is_waited_out(threads: Any, control: Any):
    writer = threads.system.spawn("/writer", writer_props(control.settings(period=0.01)))
    assert writer.ask(Flush(), timeout=30)
    trying = threading.Event()
    control.before = lambda _: trying.set()
    with control.store.transaction() as connection:
        connection.execute(text("UPDATE writer_lease SET owner = owner"))
        writer.tell(money(1))
        assert trying.wait(30)
    assert writer.ask(Flush(), timeout=40) is True
    assert control.money == ["1-1"]


# -- the writer fails


def _crash(_: Store) -> None:
    raise RuntimeError("the writer broke")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_writer_that_crashes_around_the_commit_loses_and_doubles_nothing(
    bench: Any, control: Any, when: str
):
    def once(store: Store) -> None:
        setattr(control, when, lambda _: None)
        _crash(store)

    setattr(control, when, once)
    bench.tell(*(money(n) for n in range(5)), assignment("A-1", "first"))
    bench.stage.run(0.2)
    bench.tell(assignment("A-1", "second"), money(5))
    bench.stage.run(5)
    assert control.money == [f"1-{n}" for n in range(6)]
    assert control.read(ASSIGNMENTS, ASSIGNMENTS.c.behaviour) == ["second"]
    assert bench.pending == 0
    assert bench.stage.events.records("actor.crashed")


def test_a_hung_writer_is_cut_off_and_its_rows_are_written_by_the_next(threads: Any, control: Any):
    hung, writer_settings = threading.Event(), control.settings(period=0.01, budget=0.3)

    def hang(_: Store) -> None:
        control.before = lambda _: None
        hung.set()
        assert control.interrupted.wait(30)
        raise StoreUnavailable("interrupted")

    control.before = hang
    parent = threads.spawn("/parent", receive=lambda ctx, down: ctx.restart(down.address, "hung"))
    props = writer_props(writer_settings)
    writer = threads.system.spawn("/parent/writer", props, parent=parent.path)
    for n in range(20):
        writer.tell(money(n))
    assert hung.wait(30)
    assert threads.events.wait_for("actor.hung")
    assert writer.ask(Flush(), timeout=40) is True
    assert control.money == [f"1-{n}" for n in range(20)]
    # The next life knew that the database was to be left alone, and for how long.
    assert threads.events.wait_for("database.recovered")


def test_a_zombies_transaction_is_refused_by_the_database(threads: Any, control: Any):
    held, go = threading.Event(), threading.Event()
    outcome: list[str] = []

    def hang(store: Any) -> None:
        control.before = lambda _: None
        control.after = lambda _: outcome.append("written")
        held.set()
        go.wait(30)

    control.before = hang
    parent = threads.spawn("/parent", receive=lambda ctx, down: ctx.restart(down.address, "hung"))
    props = writer_props(control.settings(period=0.01, budget=0.3))
    writer = threads.system.spawn("/parent/writer", props, parent=parent.path)
    writer.tell(assignment("A-1", "old"))
    assert held.wait(30)
    assert threads.events.wait_for("actor.hung")
    writer.tell(assignment("A-1", "new"))
    assert writer.ask(Flush(), timeout=40) is True
    written = len(outcome)
    go.set()
    assert threads.events.wait_for("zombie.crashed")
    assert len(outcome) == written
    assert control.read(ASSIGNMENTS, ASSIGNMENTS.c.behaviour) == ["new"]


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("money"), st.integers(1, 4)),
            st.tuples(st.just("state"), st.integers(0, 2)),
            st.tuples(st.just("delete"), st.integers(0, 2)),
            st.tuples(st.sampled_from(["shut", "open", "crash before", "crash after"]), st.just(0)),
            st.tuples(st.just("wait"), st.integers(1, 20)),
        ),
        max_size=40,
    )
)
def test_whatever_happens_the_database_ends_with_what_was_told(
    stages: Any,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int]],
    benches: Any,
    controls: Any,
):
    control = controls(tmp_path_factory.mktemp("writer"))
    bench = benches(stages(), control, most=3)
    expected: dict[str, str] = {}
    numbers: list[str] = []
    for n, (step, count) in enumerate(steps):
        match step:
            case "money":
                batch = [money(n * 10 + k) for k in range(count)]
                numbers += [row.id for row in batch]
                bench.tell(Rows(tuple(batch)))
            case "state":
                expected[f"S-{count}"] = f"b{n}"
                bench.tell(assignment(f"S-{count}", f"b{n}"))
            case "delete":
                expected.pop(f"S-{count}", None)
                bench.tell(Delete("assignments", (f"S-{count}",)))
            case "wait":
                bench.stage.run(count / 10)
            case _:
                _disturb(control, step)
    control.shut, control.before, control.after = False, lambda _: None, lambda _: None
    bench.stage.run(60)
    assert control.money == numbers
    found = dict(control.read(ASSIGNMENTS, ASSIGNMENTS.c.ship, ASSIGNMENTS.c.behaviour))
    assert found == expected
    assert bench.pending == 0
    control.store.close()


def _disturb(control: Any, step: str) -> None:
    def once(when: str) -> Callable[[Store], None]:
        def crash(store: Store) -> None:
            setattr(control, when, lambda _: None)
            _crash(store)

        return crash

    if step in ("shut", "open"):
        control.shut = step == "shut"
    else:
        when = step.split()[1]
        setattr(control, when, once(when))
