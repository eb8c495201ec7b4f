"""Writing: batching never shows, writing twice changes nothing, a bad row costs only itself."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.storage.batch import Batch
from fleet.storage.engine import Store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.lease import Lease, acquire
from fleet.storage.namespaces import open_namespace
from fleet.storage.tables import ASSIGNMENTS, EVENTS, METADATA, SHIP_IDS, Kind, kind

SHIPS_KNOWN = ("AGENT-1", "AGENT-2", "AGENT-ß")
GOODS = ("IRON", "GOLD")

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


def _rows(samples: Any, **size: int) -> st.SearchStrategy[list[Row]]:
    ships, goods = st.sampled_from(SHIPS_KNOWN), st.sampled_from(GOODS)
    ids = st.integers(0, 6).map(lambda number: f"1-{number}")
    one = st.one_of(
        st.builds(
            lambda symbol, fuel, text: samples.ship(
                symbol, fuel=fuel, origin=text, waypoint=text, arrival=fuel / 3
            ),
            ships,
            st.integers(0, 3),
            TEXTS,
        ),
        st.builds(samples.cargo, ships, goods, st.integers(1, 3)),
        st.builds(lambda symbol: Delete("ships", (symbol,)), ships),
        st.builds(lambda symbol, good: Delete("ship_cargo", (symbol, good)), ships, goods),
        st.builds(samples.ledger, ids, st.integers(-9, 9)),
        st.builds(samples.event, ids, st.none() | ships),
        st.builds(samples.price, ids, st.just("X1-A-B"), goods, st.integers(0, 9), st.just(2.5)),
    )
    return st.lists(one, **size).map(_sensible)


def _sensible(rows: Sequence[Row]) -> list[Row]:
    """Leave out cargo of a ship that isn't there: its sender always writes the ship first."""
    there: set[Any] = set()
    kept: list[Row] = []
    for row in rows:
        if row.table == "ships" and isinstance(row, Upsert):
            there.add(row.key[0])
        if row.table == "ships" and isinstance(row, Delete):
            there.discard(row.key[0])
        if row.table != "ship_cargo" or row.key[0] in there:  # type: ignore[union-attr]
            kept.append(row)
    return kept


def _namespace(store: Store) -> int:
    return open_namespace(store, f"AGENT-{uuid.uuid4().hex}", "2026-11-01", now=1.0).id


def _tables(store: Store, namespace: int) -> dict[str, list[tuple[Any, ...]]]:
    """Everything of a namespace, ships by name and without the namespace's number."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with store.reading() as connection:
        names = {row.id: row.symbol for row in connection.execute(select(SHIP_IDS))}
        for table in METADATA.sorted_tables:
            if kind(table) is Kind.SERVICE:
                continue
            rows = connection.execute(select(table).filter_by(namespace_id=namespace)).mappings()
            found[table.name] = sorted(
                (
                    tuple(
                        names[value] if name == "ship_id" else value
                        for name, value in row.items()
                        if name != "namespace_id"
                    )
                    for row in rows
                ),
                key=repr,
            )
    return found


def _written(store: Store, lease: Lease, rows: Sequence[Row], cuts: Sequence[int]) -> int:
    namespace = _namespace(store)
    edges = [0, *sorted(cuts), len(rows)]
    for start, end in itertools.pairwise(edges):
        assert store.write(Batch(namespace, rows[start:end]), lease).rejected == ()
    return namespace


def _expected(rows: Sequence[Row]) -> dict[str, Any]:
    """Apply rows to plain dicts, one by one."""
    ships: dict[str, Any] = {}
    cargo: dict[tuple[str, str], int] = {}
    ledger: dict[str, int] = {}
    for row in rows:
        match row:
            case Upsert("ships", (symbol,), values):
                ships[symbol] = values["fuel"]
            case Upsert("ship_cargo", key, values):
                cargo[key] = values["units"]
            case Delete("ships", (symbol,)):
                ships.pop(symbol, None)
                cargo = {key: units for key, units in cargo.items() if key[0] != symbol}
            case Delete("ship_cargo", key):
                cargo.pop(key, None)
            case Append("ledger", row_id, values):
                ledger.setdefault(row_id, values["delta"])
    return {"ships": ships, "cargo": cargo, "ledger": ledger}


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_batching_never_shows_in_the_tables(store, lease, samples, data):
    rows = data.draw(_rows(samples, max_size=30))
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=5))
    one_by_one = _tables(store, _written(store, lease, rows, range(len(rows))))
    in_batches = _tables(store, _written(store, lease, rows, cuts))
    assert in_batches == one_by_one
    expected = _expected(rows)
    assert {row[0]: row[8] for row in in_batches["ships"]} == expected["ships"]
    assert {row[:2]: row[2] for row in in_batches["ship_cargo"]} == expected["cargo"]
    assert {row[0]: row[8] for row in in_batches["ledger"]} == expected["ledger"]


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_writing_a_batch_twice_changes_nothing(store, samples, data):
    namespace = _namespace(store)
    lease = acquire(store, "test")
    batch = Batch(namespace, data.draw(_rows(samples, min_size=1, max_size=30)))
    store.write(batch, lease)
    before = _tables(store, namespace)
    # The second time by a successor, who remembers nothing of what was written.
    successor = acquire(store, "successor")
    store.write(batch, successor)
    assert _tables(store, namespace) == before


def test_a_state_equal_to_the_last_one_written_is_not_written_again(
    store, lease, namespace, samples
):
    rows = [samples.ship("AGENT-1"), samples.cargo("AGENT-1", "IRON", 3)]
    first = store.write(Batch(namespace, rows), lease)
    again = store.write(Batch(namespace, [*rows, samples.cargo("AGENT-1", "GOLD", 1)]), lease)
    assert (first.written, first.unchanged) == (2, 0)
    assert (again.written, again.unchanged) == (1, 2)


def test_cargo_written_again_after_its_ship_was_deleted_is_there(store, lease, namespace, samples):
    rows = [samples.ship("AGENT-1"), samples.cargo("AGENT-1", "IRON", 3)]
    store.write(Batch(namespace, rows), lease)
    store.write(Batch(namespace, [Delete("ships", ("AGENT-1",)), *rows]), lease)
    assert len(_tables(store, namespace)["ship_cargo"]) == 1


def test_an_appended_row_that_is_there_counts_as_unchanged(store, lease, namespace, samples):
    store.write(Batch(namespace, [samples.ledger("1-1", 5)]), lease)
    report = store.write(
        Batch(namespace, [samples.ledger("1-1", 5), samples.ledger("1-2", 6)]), lease
    )
    assert (report.written, report.unchanged) == (1, 1)


def test_the_ledger_is_numbered_in_the_order_of_arrival(store, lease, namespace, samples):
    for ids in (("1-9", "1-2"), ("1-10",), ("1-1", "1-3")):
        store.write(Batch(namespace, [samples.ledger(row_id, 1) for row_id in ids]), lease)
    rows = sorted(_tables(store, namespace)["ledger"], key=lambda row: row[1])
    assert [row[0] for row in rows] == ["1-9", "1-2", "1-10", "1-1", "1-3"]


@pytest.mark.parametrize("count", [49, 50, 400])
def test_many_rows_arrive_whole_whatever_they_hold(store, lease, namespace, count, samples):
    nasty = "None tab\tline\nreturn\rback\\slash \\N \\. 'quote' \"double\" %s ünï 🚀"
    rows = [
        samples.assignment(f"AGENT-{number}", f"{nasty}{number}", {"text": [nasty, None]})
        for number in range(count)
    ]
    assert store.write(Batch(namespace, rows), lease).written == count
    assert store.write(Batch(namespace, rows), acquire(store, "again")).written == count
    with store.reading() as connection:
        found = connection.execute(
            select(ASSIGNMENTS.c.ship, ASSIGNMENTS.c.behaviour, ASSIGNMENTS.c.task).filter_by(
                namespace_id=namespace
            )
        ).all()
    assert {row.ship: (row.behaviour, row.task) for row in found} == {
        f"AGENT-{number}": (f"{nasty}{number}", {"text": [nasty, None]}) for number in range(count)
    }


def test_two_large_batches_in_a_row_do_not_meet(store, lease, namespace, samples):
    for start in (0, 100):
        rows = [samples.ledger(f"1-{start + number}", 1) for number in range(100)]
        assert store.write(Batch(namespace, rows), lease).written == 100
    assert len(_tables(store, namespace)["ledger"]) == 200


def test_each_event_is_kept_under_its_ship(store, lease, namespace, samples):
    rows = [samples.event("1-1", "AGENT-1"), samples.event("1-2", None, credits=5)]
    store.write(Batch(namespace, rows), lease)
    with store.reading() as connection:
        query = (
            select(SHIP_IDS.c.symbol, EVENTS.c.credits)
            .join(EVENTS, EVENTS.c.ship_id == SHIP_IDS.c.id)
            .where(EVENTS.c.namespace_id == namespace)
        )
        found = {tuple(row) for row in connection.execute(query)}
    assert found == {("AGENT-1", None), ("", 5)}


BAD_ROWS = [
    (lambda s: Upsert("songs", ("x",), {}), "there is no table 'songs'"),
    (lambda s: Upsert("ledger", ("1-1",), {}), "a record table, not a state one"),
    (lambda s: Upsert("namespaces", ("x",), {}), "a service table"),
    (lambda s: Append("ships", "1-1", {}), "a state table, not a record one"),
    (
        lambda s: Upsert("ship_cargo", ("AGENT-1",), {"units": 1}),
        "key of ship_cargo is (ship, good)",
    ),
    (lambda s: Upsert("ship_cargo", ("AGENT-1", "GOLD"), {}), "lacks units"),
    (
        lambda s: Upsert("ship_cargo", ("AGENT-1", "GOLD"), {"units": 1, "mass": 2}),
        "has no column mass",
    ),
    (lambda s: s.cargo("AGENT-1", "GOLD", "many"), "takes a whole number"),
    (lambda s: s.cargo("AGENT-1", "GOLD", 1 << 40), "takes 32-bit numbers"),
    (lambda s: s.cargo("AGENT-1", "GOLD", None), "must have a value"),
    (lambda s: s.cargo("AGENT-1", "GOLD", True), "takes a whole number"),
    (lambda s: s.cargo("AGENT-1", "G\x00LD", 1), "NUL"),
    (lambda s: s.cargo("AGENT-1", "G\ud800LD", 1), "half a character"),
    (lambda s: s.assignment("AGENT-2", "mine", {"x": object()}), "takes JSON"),
    (lambda s: s.ship("AGENT-2", arrival=float("nan")), "finite number"),
    (lambda s: s.event("uuid", "AGENT-1"), "not EPOCH-NUMBER"),
    (lambda s: s.event("1-1", 7), "takes text"),
    (lambda s: s.ledger("1-1", 1, colour="red"), "has no column colour"),
    (lambda s: s.ledger("1-1", None), "must have a value"),
    (lambda s: s.cargo("NOBODY", "GOLD", 1), "FOREIGN KEY|foreign key"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_ROWS, ids=[reason for _, reason in BAD_ROWS])
def test_a_bad_row_is_returned_with_its_reason_and_costs_no_other(
    store, lease, namespace, samples, bad, reason
):
    bad = bad(samples)
    others = 100 if "FOREIGN" in reason else 3
    good = [
        samples.ship("AGENT-1"),
        *(samples.cargo("AGENT-1", f"GOOD_{number}", 1) for number in range(others)),
        *(samples.ledger(f"2-{number}", 1) for number in range(others)),
    ]
    report = store.write(Batch(namespace, [*good[:2], bad, *good[2:]]), lease)
    assert [letter.row for letter in report.rejected] == [bad]
    assert any(part in report.rejected[0].reason for part in reason.split("|"))
    assert report.written == len(good)
    found = _tables(store, namespace)
    assert len(found["ship_cargo"]) == others
    assert [row[1] for row in sorted(found["ledger"], key=lambda row: row[1])] == sorted(
        row[1] for row in found["ledger"]
    )


def test_several_bad_rows_are_all_found(store, lease, namespace, samples):
    bad = [samples.cargo(f"NOBODY-{number}", "GOLD", 1) for number in range(5)]
    rows = [samples.ship("AGENT-1"), samples.cargo("AGENT-1", "IRON", 1)]
    mixed = [row for pair in itertools.zip_longest(bad, rows) for row in pair if row]
    report = store.write(Batch(namespace, mixed), lease)
    assert [letter.row for letter in report.rejected] == bad
    assert report.written == 2


def test_a_rejected_state_is_tried_again_when_its_parent_is_there(store, lease, namespace, samples):
    store.write(Batch(namespace, [samples.cargo("AGENT-1", "IRON", 1)]), lease)
    rows = [samples.ship("AGENT-1"), samples.cargo("AGENT-1", "IRON", 1)]
    assert store.write(Batch(namespace, rows), lease).written == 2


def test_a_batch_the_database_did_not_take_can_be_written_again(store, namespace, samples):
    lease = acquire(store, "test")
    batch = Batch(namespace, [samples.ship("AGENT-1"), samples.ledger("1-1", 5)])
    with store.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger RENAME TO ledger_away")
    with pytest.raises(StoreUnavailable):
        store.write(batch, lease)
    assert _tables_of(store, "ships", namespace) == 0
    with store.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger_away RENAME TO ledger")
    assert store.write(batch, lease).written == 2


def _tables_of(store: Store, table: str, namespace: int) -> int:
    with store.reading() as connection:
        query = select(METADATA.tables[table]).filter_by(namespace_id=namespace)
        return len(connection.execute(query).all())


def test_a_large_batch_is_one_transaction(sqlite_url, opened, samples):
    store = opened(sqlite_url)
    lease, namespace = acquire(store, "test"), _namespace(store)
    statements: list[str] = []
    with store.transaction() as connection:
        connection.connection.dbapi_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
    statements.clear()
    rows = [samples.ship("AGENT-1"), *(samples.ledger(f"1-{n}", 1) for n in range(500))]
    store.write(Batch(namespace, rows), lease)
    assert [text for text in statements if text.startswith(("BEGIN", "COMMIT"))] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]
