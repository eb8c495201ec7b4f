"""While the database is away the ledger goes to disk, and from there into the database, once."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.row_lanes import RowLane
from fleet.protocol.rows import Append, Delete, Flush, Rows, Upsert
from fleet.storage.outbox import Outbox
from fleet.storage.tables import ASSIGNMENTS, SHIP_CARGO


def money(number: int) -> Append:
    return Append("ledger", f"1-{number}", {"kind": "request", "delta": 1, "at": 1.0})


def assignment(ship: str, behaviour: str) -> Upsert:
    values = {"behaviour": behaviour, "task": {}, "version": 1, "updated_at": 1.0}
    return Upsert("assignments", (ship,), values)


@pytest.fixture
def bench(virtual: Any, control: Any, benches: Any) -> Any:
    """A writer with an outbox."""
    return benches(virtual, control, outbox=control.outbox)


def test_no_file_is_made_while_all_is_well(bench: Any, control: Any):
    bench.tell(money(1))
    bench.stage.run(1)
    assert control.money == ["1-1"]
    assert not control.outbox.exists()


def test_the_ledger_goes_to_disk_and_comes_back_in_order(bench: Any, control: Any):
    control.shut = True
    for n in range(40):
        bench.tell(money(n))
        bench.stage.run(1)
    status = bench.status
    assert status.spilled >= 38
    assert status.pending <= 2
    control.shut = False
    bench.tell(money(40))
    bench.stage.run(11)
    assert control.money == [f"1-{n}" for n in range(41)]
    assert bench.status.spilled == 0
    (record,) = bench.stage.events.records("outbox.replayed")
    assert record["rows"] >= 38


def test_what_is_on_disk_is_there_after_the_process_and_goes_first(
    virtual: Any, control: Any, benches: Any, stages: Any
):
    control.shut = True
    bench = benches(virtual, control, outbox=control.outbox)
    bench.tell(*(money(n) for n in range(5)))
    virtual.run(3)
    control.shut = False
    # The first process is never heard of again.
    other = benches(stages(), control, outbox=control.outbox)
    other.tell(money(5))
    assert other.ask(Flush()) is True
    assert control.money == [f"1-{n}" for n in range(6)]


def test_a_crash_between_commit_and_forgetting_doubles_nothing(bench: Any, control: Any):
    control.shut = True
    bench.tell(*(money(n) for n in range(5)))
    bench.stage.run(3)

    def crash(_: Any) -> None:
        control.after = lambda _: None
        raise RuntimeError("the writer broke after the commit")

    control.shut, control.after = False, crash
    bench.stage.run(11)
    assert bench.stage.events.records("actor.crashed")
    bench.tell(money(5))
    bench.stage.run(11)
    assert control.money == [f"1-{n}" for n in range(6)]
    assert bench.status.spilled == 0


def test_an_orderly_stop_without_a_database_puts_the_ledger_on_disk(bench: Any, control: Any):
    control.shut = True
    bench.tell(money(1), money(2))
    bench.stage.system.stop("/writer")
    bench.stage.run(1)
    outbox = Outbox(control.outbox)
    assert outbox.count(control.namespace) == 2
    outbox.close()


def test_a_disk_that_takes_nothing_either_costs_no_row(bench: Any, control: Any):
    control.outbox.mkdir()
    control.shut = True
    bench.tell(*(money(n) for n in range(5)))
    bench.stage.run(5)
    assert len(bench.stage.events.records("outbox.failed")) == 1
    control.outbox.rmdir()
    control.shut = False
    bench.stage.run(11)
    assert control.money == [f"1-{n}" for n in range(5)]


def test_states_overtaken_during_an_outage_do_not_pile_up(bench: Any, control: Any):
    control.shut = True
    for n in range(600):
        bench.tell(Rows((assignment("A-1", f"b{n}"), assignment("A-2", f"c{n}"))))
        bench.stage.run(0.1)
    assert bench.pending <= 120
    control.shut = False
    bench.stage.run(11)
    found = control.read(ASSIGNMENTS, ASSIGNMENTS.c.ship, ASSIGNMENTS.c.behaviour)
    assert sorted(found) == [("A-1", "b599"), ("A-2", "c599")]


def test_children_between_two_rows_of_their_parent_find_it(bench: Any, control: Any):
    def agentship(fuel: int) -> Upsert:
        names = ("role", "frame", "nav_status", "system", "waypoint", "flight_mode")
        numbers = ("fuel_capacity", "cargo_units", "cargo_capacity", "engine_speed")
        nulls = ("arrival", "cooldown_expiration", "price_paid", "origin", "departure")
        values = dict.fromkeys(names, "x") | dict.fromkeys(numbers, 1) | dict.fromkeys(nulls)
        return Upsert("ships", ("S",), {**values, "fuel": fuel})

    control.shut = True
    rows: list[Any] = [agentship(1), Upsert("ship_cargo", ("S", "IRON"), {"units": 1})]
    rows += [agentship(2), Delete("ship_cargo", ("S", "IRON")), agentship(3)]
    rows += [Upsert("ship_cargo", ("S", "GOLD"), {"units": 2}), agentship(4)]
    bench.tell(*rows)
    bench.stage.run(30)
    lanes = bench.stage.cell(bench.writer).mailbox
    assert lanes.depth(RowLane.STATES) < len(rows)
    control.shut = False
    bench.stage.run(11)
    assert control.read(SHIP_CARGO, SHIP_CARGO.c.good, SHIP_CARGO.c.units) == [("GOLD", 2)]
    assert not bench.stage.events.records("row.rejected")


def test_three_failures_in_a_row_reset_the_pool_and_say_so(bench: Any, control: Any):
    control.shut = True
    bench.tell(money(1))
    bench.stage.run(30)
    texts = [record["text"] for record in bench.stage.events.records()]
    wanted = [
        "Multiple consecutive database failures",
        "Resetting database connection pool",
        "Successfully reset database connection pool",
    ]
    places = [texts.index(text) for text in wanted]
    assert places == sorted(places)
