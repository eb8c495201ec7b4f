"""What the writer makes durable, and when; reading back."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.protocol.rows import Append, Delete, Flush, Recall, Rows, Upsert
from fleet.storage.tables import ASSIGNMENTS, METRICS_MINUTE, PRICE_HISTORY


def assignment(ship: str, behaviour: str = "mine") -> Upsert:
    values = {"behaviour": behaviour, "task": {"n": 1}, "version": 1, "updated_at": 1.0}
    return Upsert("assignments", (ship,), values)


def money(number: int, delta: int = 1) -> Append:
    return Append("ledger", f"1-{number}", {"kind": "request", "delta": delta, "at": 1.0})


def price(number: int) -> Append:
    values = {"ask": 1, "bid": 1, "volume": 1, "supply": "HIGH", "market": "M", "good": "G"}
    return Append("price_history", f"1-{number}", {**values, "at": float(number)})


# -- flushing


def test_rows_are_durable_after_the_period(bench: Any, control: Any):
    bench.tell(assignment("A-1"), money(1))
    assert control.money == []
    bench.stage.run(0.3)
    assert control.money == ["1-1"]
    assert control.read(ASSIGNMENTS, ASSIGNMENTS.c.ship) == ["A-1"]
    assert bench.pending == 0
    assert control.attempts == 1


def test_a_full_batch_does_not_wait(virtual: Any, control: Any, benches: Any):
    bench = benches(virtual, control, period=3600.0, most=10)
    bench.tell(*(money(n) for n in range(25)))
    assert len(control.money) == 20
    virtual.run(3601)
    assert len(control.money) == 25


def test_rows_that_come_all_the_time_share_a_transaction_per_period(bench: Any, control: Any):
    for n in range(400):
        bench.tell(money(n), assignment(f"A-{n}"))
        bench.stage.run(0.025)
    assert control.attempts <= 41
    bench.stage.run(0.3)
    assert len(control.money) == 400


def test_a_row_never_waits_longer_than_the_period(bench: Any, control: Any):
    for n in range(20):
        bench.tell(money(n))
        bench.stage.run(0.26)
        assert control.money == [f"1-{k}" for k in range(n + 1)]


def test_in_virtual_time_a_whole_minute_goes_into_few_transactions(
    virtual: Any, control: Any, benches: Any
):
    bench = benches(virtual, control, period=60.0, most=500)
    for n in range(900):
        bench.tell(money(n))
        virtual.run(0.1)
    virtual.run(60.0)
    assert len(control.money) == 900
    assert control.attempts <= 5


def test_states_of_one_flush_coalesce_to_the_newest(bench: Any, control: Any):
    bench.tell(*(assignment("A-1", f"b{n}") for n in range(50)))
    bench.stage.run(1)
    assert control.read(ASSIGNMENTS, ASSIGNMENTS.c.behaviour) == ["b49"]
    assert bench.status.rows == 1


def test_a_message_with_several_rows_is_stored_whole(virtual: Any, control: Any, benches: Any):
    bench = benches(virtual, control, most=1)
    written: list[int] = []
    control.after = lambda _: written.append(len(control.money))
    bench.tell(Rows((money(1), money(2), money(3), assignment("A-1"))), money(4))
    virtual.run(0.3)
    assert written == [3, 4]


def test_flush_answers_when_all_before_it_is_durable(virtual: Any, control: Any, benches: Any):
    bench = benches(virtual, control, period=3600.0)
    bench.tell(*(money(n) for n in range(40)))
    assert bench.ask(Flush()) is True
    assert len(control.money) == 40


def test_a_bad_row_is_named_and_keeps_nobody_waiting(bench: Any, control: Any):
    bench.tell(Upsert("nonsense", ("x",), {}), money(1), money(2, delta="much"))  # type: ignore[arg-type]
    bench.stage.run(1)
    assert control.money == ["1-1"]
    assert bench.pending == 0
    tables = {record["table"] for record in bench.stage.events.records("row.rejected")}
    assert tables == {"nonsense", "ledger"}


def test_an_orderly_stop_writes_what_is_left(virtual: Any, control: Any, benches: Any):
    bench = benches(virtual, control, period=3600.0)
    bench.tell(money(1), assignment("A-1"))
    virtual.system.stop("/writer")
    virtual.run()
    assert control.money == ["1-1"]


def test_the_status_counts(bench: Any):
    bench.tell(money(1), money(1), assignment("A-1"))
    assert bench.status.pending == 3
    bench.stage.run(1)
    status = bench.status
    assert (status.pending, status.flushes, status.rows, status.failing) == (0, 1, 2, False)


# -- too much telemetry


def test_of_telemetry_the_oldest_goes_of_money_nothing(virtual: Any, control: Any, benches: Any):
    bench = benches(virtual, control, telemetry=10)
    control.shut = True
    for n in range(60):
        bench.tell(price(n), money(n))
        virtual.run(1)
    control.shut = False
    virtual.run(60)
    assert len(control.money) == 60
    kept = control.read(PRICE_HISTORY, PRICE_HISTORY.c.at)
    assert len(kept) < 30
    assert kept[-10:] == [float(n) for n in range(50, 60)]
    assert bench.status.dropped == 60 - len(kept)


# -- reading back


def test_recall_tells_what_waits_and_what_is_stored(bench: Any, control: Any):
    key = Recall("assignments", ("A-1",))
    assert bench.ask(key) is None
    bench.tell(assignment("A-1", "first"))
    assert bench.ask(key)["behaviour"] == "first"
    bench.stage.run(1)
    stored = bench.ask(key)
    assert stored == assignment("A-1", "first").values
    bench.tell(Rows((assignment("A-1", "second"), money(1))))
    assert bench.ask(key)["behaviour"] == "second"
    bench.tell(Delete("assignments", ("A-1",)))
    assert bench.ask(key) is None
    bench.stage.run(1)
    assert bench.ask(key) is None


def test_recall_of_a_waiting_row_works_while_the_database_is_away(bench: Any, control: Any):
    control.shut = True
    bench.tell(assignment("A-1"))
    bench.stage.run(1)
    assert bench.ask(Recall("assignments", ("A-1",)))["behaviour"] == "mine"


def test_recall_of_a_stored_row_waits_while_the_database_is_away(bench: Any, control: Any):
    bench.tell(assignment("A-1"))
    bench.stage.run(1)
    control.shut = True
    answer = bench.start_asking(Recall("assignments", ("A-1",)))
    bench.stage.run(5)
    control.shut = False
    bench.stage.run(11)
    assert answer.get(0)["behaviour"] == "mine"


@pytest.mark.parametrize("key", [Recall("nonsense", ("a",)), Recall("assignments", ("a", "b"))])
def test_recall_of_what_cannot_be_is_answered_with_the_reason(bench: Any, key: Recall):
    assert isinstance(bench.ask(key), ValueError)
    assert bench.status.pending == 0


def test_recall_finds_a_row_with_a_key_of_several_columns(bench: Any, control: Any):
    bench.tell(Upsert("metrics_minute", ("x", 7), {"value": 2.0}))
    bench.stage.run(1)
    assert bench.ask(Recall("metrics_minute", ("x", 7))) == {"value": 2.0}
    assert control.read(METRICS_MINUTE, METRICS_MINUTE.c.minute) == [7]
