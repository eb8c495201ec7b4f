"""Audit: a difference is found and named, and one row settles it."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.protocol.rows import Append
from fleet.storage.audit import CargoDifference, audit, balance, corrections, reconcile
from fleet.storage.batch import Batch
from fleet.storage.books import books
from fleet.storage.ledger import opening
from fleet.storage.namespaces import open_namespace


def _books(store, namespace):
    return next(row for row in books(store) if row.namespace.id == namespace)


def test_a_new_namespace_has_nothing(store, namespace):
    assert balance(store, namespace) == 0


def test_an_audit_without_a_difference_agrees(store, lease, namespace, samples):
    rows = [
        opening(1000, row_id="1-1", at=1.0),
        samples.ledger("1-2", -70),
        samples.ship("AGENT-1"),
        samples.cargo("AGENT-1", "IRON", 10),
    ]
    store.write(Batch(namespace, rows), lease)
    report = audit(
        store, namespace, credits=930, ships=["AGENT-1"], cargo={"AGENT-1": {"IRON": 10}}
    )
    assert report.agrees
    assert (report.balance, report.difference) == (930, 0)
    with pytest.raises(ValueError, match="nothing to reconcile"):
        reconcile(report, row_id="1-3", at=2.0)


def test_each_kind_of_difference_is_named(store, lease, namespace, samples):
    rows = [
        samples.ship("AGENT-1"),
        samples.ship("AGENT-2"),
        samples.cargo("AGENT-1", "IRON", 10),
        samples.cargo("AGENT-1", "GOLD", 1),
    ]
    store.write(Batch(namespace, rows), lease)
    report = audit(
        store,
        namespace,
        credits=5,
        ships=["AGENT-1", "AGENT-3"],
        cargo={"AGENT-1": {"IRON": 7}, "AGENT-3": {"FUEL": 2}},
    )
    assert not report.agrees
    assert report.difference == 5
    assert (report.missing_ships, report.extra_ships) == (("AGENT-3",), ("AGENT-2",))
    assert report.cargo == (
        CargoDifference(ship="AGENT-1", good="GOLD", stored=1, actual=0),
        CargoDifference(ship="AGENT-1", good="IRON", stored=10, actual=7),
        CargoDifference(ship="AGENT-3", good="FUEL", stored=0, actual=2),
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deltas=st.lists(st.integers(-(10**12), 10**12), max_size=8),
    credits_now=st.integers(-(10**12), 10**13),
)
def test_one_reconciled_row_settles_any_difference(store, lease, samples, deltas, credits_now):
    namespace = open_namespace(store, str(uuid.uuid4()), "2026-11-01", now=1.0).id
    rows = [samples.ledger(f"1-{number}", delta) for number, delta in enumerate(deltas)]
    store.write(Batch(namespace, rows), lease)
    report = audit(store, namespace, credits=credits_now, ships=[], cargo={})
    assert report.difference == credits_now - sum(deltas)
    if report.difference:
        store.write(Batch(namespace, [reconcile(report, row_id="2-1", at=3.0)]), lease)
    assert audit(store, namespace, credits=credits_now, ships=[], cargo={}).agrees


def test_namespaces_do_not_mix(store, lease, namespace, samples):
    other = open_namespace(store, f"OTHER-{namespace}", "2026-11-01", now=1.0).id
    store.write(Batch(other, [opening(77, row_id="1-1", at=1.0)]), lease)
    assert balance(store, namespace) == 0
    assert balance(store, other) == 77


def test_books_show_what_was_reconciled(store, lease, namespace):
    rows = [
        opening(1000, row_id="1-1", at=1.0),
        Append("ledger", "1-2", {"kind": "reconciled", "delta": -30, "at": 2.0}),
    ]
    store.write(Batch(namespace, rows), lease)
    found = _books(store, namespace)
    assert found.opened
    assert (found.balance, found.reconciled, found.reconciliations) == (970, -30, 1)


def test_books_find_credits_that_no_row_explains(store, lease, namespace, samples):
    rows = [opening(1000, row_id="1-1", at=1.0), samples.ledger("1-2", 5, credits_after=1105)]
    store.write(Batch(namespace, rows), lease)
    found = _books(store, namespace)
    assert (found.balance, found.told, found.difference) == (1005, 1105, 100)


def test_books_do_not_mind_replies_that_arrive_out_of_order(store, lease, namespace, samples):
    rows = [
        opening(1000, row_id="1-1", at=1.0),
        samples.ledger("1-3", 10, credits_after=1005),
        samples.ledger("1-2", -5, credits_after=995),
    ]
    store.write(Batch(namespace, rows), lease)
    assert _books(store, namespace).difference == 0


def test_corrections_bring_cargo_and_ships_to_what_the_api_says(store, lease, namespace, samples):
    rows = [samples.ship(ship) for ship in ("AGENT-1", "AGENT-2", "SOLD")]
    rows += [samples.cargo("AGENT-1", "IRON", 5), samples.cargo("AGENT-1", "GOLD", 2)]
    rows += [samples.cargo("SOLD", "FUEL", 1)]
    store.write(Batch(namespace, rows), lease)
    truth = {"AGENT-1": {"GOLD": 3}, "AGENT-2": {"ICE": 1}, "NEW": {"ORE": 9}}
    told = {"credits": 0, "ships": ["AGENT-1", "AGENT-2", "NEW"], "cargo": truth}
    report = audit(store, namespace, **told)
    assert store.write(Batch(namespace, corrections(report)), lease).rejected == ()
    after = audit(store, namespace, **told)
    assert (after.missing_ships, after.extra_ships) == (("NEW",), ())
    assert [(found.ship, found.good) for found in after.cargo] == [("NEW", "ORE")]
