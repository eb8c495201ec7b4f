"""Reports: sums over time, by behaviour, by outcome."""

from __future__ import annotations

import pytest

from fleet.storage.batch import Batch
from fleet.storage.ledger import opening
from fleet.storage.queries import (
    CreditsPoint,
    Income,
    Span,
    credits_over_time,
    income_by_behaviour,
    request_outcomes,
)


@pytest.fixture
def earned(store, lease, namespace, samples):
    rows = [
        opening(1000, row_id="1-1", at=5.0),
        samples.ledger("1-2", -100, at=59.9, behaviour="trade"),
        samples.ledger("1-3", 250, at=60.0, behaviour="trade"),
        samples.ledger("1-4", 40, at=200.0, behaviour="mine"),
        samples.ledger("1-5", -7, at=201.0),
        samples.ledger("1-6", 1, at=202.0, kind="reconciled"),
    ]
    assert store.write(Batch(namespace, rows), lease).rejected == ()
    return store


def test_credits_are_told_at_the_end_of_each_bucket(earned, namespace):
    assert credits_over_time(earned, namespace, bucket=60) == (
        CreditsPoint(at=0, credits=900, delta=900),
        CreditsPoint(at=60, credits=1150, delta=250),
        CreditsPoint(at=180, credits=1184, delta=34),
    )


def test_a_span_starts_with_the_credits_there_were(earned, namespace):
    points = credits_over_time(earned, namespace, bucket=60, span=Span(since=60.0, until=200.0))
    assert points == (CreditsPoint(at=60, credits=1150, delta=250),)


def test_income_is_what_requests_brought_in_by_behaviour(earned, namespace):
    assert income_by_behaviour(earned, namespace) == (
        Income(behaviour="trade", delta=150, rows=2),
        Income(behaviour="mine", delta=40, rows=1),
        Income(behaviour=None, delta=-7, rows=1),
    )
    only = income_by_behaviour(earned, namespace, span=Span(until=60.0))
    assert only == (Income(behaviour="trade", delta=-100, rows=1),)


def test_requests_are_counted_by_outcome(store, lease, namespace, samples):
    rows = [
        samples.request("1-1", wait=1.0, duration=0.5),
        samples.request("1-2", wait=3.0, duration=0.7),
        samples.request("1-3", outcome="refusal", status=400, error_code=4214, wait=1.0),
        samples.request("1-4", outcome="expired", queued_at=500.0),
    ]
    assert store.write(Batch(namespace, rows), lease).rejected == ()
    found = request_outcomes(store, namespace)
    assert [(row.outcome, row.count, row.wait) for row in found] == [
        ("reply", 2, 2.0),
        ("expired", 1, None),
        ("refusal", 1, 1.0),
    ]
    assert found[0].duration == pytest.approx(0.6)
    assert len(request_outcomes(store, namespace, span=Span(since=400.0))) == 1
