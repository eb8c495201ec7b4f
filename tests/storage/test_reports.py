"""Figures of reports: sums that can be checked by hand, the same on both databases."""

from __future__ import annotations

import pytest

from fleet.protocol.rows import Append
from fleet.storage.activity import last_active, last_request
from fleet.storage.batch import Batch
from fleet.storage.earnings import earnings_by_good, earnings_by_route, earnings_by_ship
from fleet.storage.hours import hours, saturation, uptime
from fleet.storage.namespaces import namespaces
from fleet.storage.prices import price_history, slow_operations
from fleet.storage.queries import Span

BASE = 36_000.0


def _trade(row_id, kind, units, total, at=BASE, waypoint="M-1"):
    values = {"type": kind, "ship": "S-1", "waypoint": waypoint, "good": "IRON", "units": units}
    return Append("transactions", row_id, {**values, "total_price": total, "at": at})


def _sent(samples, number, at, **changes):
    times = {"queued_at": at - 2.0, "sent_at": at, "answered_at": at + 0.5}
    values = {**times, "wait": 2.0, "duration": 0.5, "ship": "S-1", **changes}
    return samples.request(f"1-{number}", **values)


@pytest.fixture
def filled(store, lease, namespace, samples):
    rows = [
        _sent(samples, 1, BASE + 10),
        _sent(samples, 2, BASE + 30, outcome="refusal", wait=8.0),
        _sent(samples, 3, BASE + 40, outcome="limited"),
        _sent(samples, 4, BASE + 3700, ship="S-2"),
        samples.ledger("1-1", 500, ship="S-1", at=BASE + 10),
        samples.ledger("1-4", -200, ship="S-2", at=BASE + 3700),
        samples.ledger("1-9", -9000, operation="purchase-ship", at=BASE + 20),
        samples.ledger("1-0", 1000, kind="opening", at=BASE),
        _trade("1-1", "PURCHASE", 10, 100),
        _trade("1-2", "SELL", 10, 150, waypoint="M-2"),
        _trade("1-3", "REFUEL", 1, 70),
        *(samples.price(f"1-{n}", "M-1", "IRON", 10 + n, BASE + n * 1000) for n in range(5)),
    ]
    assert store.write(Batch(namespace, rows), lease).rejected == ()
    return store


def test_an_hour_tells_credits_per_hour_and_per_request_without_ships(filled, namespace):
    first, second = hours(filled, namespace)
    assert (first.at, first.credits, first.spent_on_ships) == (BASE, 500, 9000)
    assert (first.requests, first.limited, first.refusals) == (2, 1, 1)
    assert (first.per_hour, first.per_request) == (500, 250)
    assert (second.at, second.credits, second.per_request) == (BASE + 3600, -200, -200)


def test_a_half_hour_counts_double(filled, namespace):
    assert hours(filled, namespace, bucket=1800.0)[0].per_hour == 1000


def test_saturation_tells_waits_and_the_time_between_requests(filled, namespace):
    first, second = saturation(filled, namespace)
    assert first.requests == 3
    assert first.seconds_per_request == pytest.approx(15.0)
    assert (first.wait, first.longest_wait) == (pytest.approx(4.0), 8.0)
    assert second.seconds_per_request is None


def test_uptime_leaves_long_pauses_out(filled, namespace):
    assert uptime(filled, namespace) == pytest.approx(30.0)
    assert uptime(filled, namespace, gap=4000.0) == pytest.approx(3690.0)


def test_earnings_by_ship_know_those_that_only_sent_requests(filled, namespace):
    found = {row.ship: row for row in earnings_by_ship(filled, namespace)}
    assert (found["S-1"].delta, found["S-1"].requests, found["S-1"].refusals) == (500, 3, 1)
    assert found["S-2"].per_request == -200
    assert found[None].delta == -9000
    early = earnings_by_ship(filled, namespace, span=Span(until=BASE + 3600))
    assert "S-2" not in {row.ship for row in early}


def test_earnings_by_good_and_route_leave_fuel_for_ships_out(filled, namespace):
    (iron,) = earnings_by_good(filled, namespace)
    assert (iron.good, iron.bought, iron.sold, iron.delta) == ("IRON", 10, 10, 50)
    assert (iron.paid_per_unit, iron.got_per_unit) == (10, 15)
    routes = earnings_by_route(filled, namespace)
    assert [(row.waypoint, row.type, row.total) for row in routes] == [
        ("M-2", "SELL", 150),
        ("M-1", "PURCHASE", 100),
    ]


def test_price_history_gives_the_range_of_each_bucket(filled, namespace):
    first, second = price_history(filled, namespace, "M-1", "IRON")
    assert (first.changes, first.lowest_ask, first.highest_ask) == (4, 10, 13)
    assert (second.changes, second.lowest_bid) == (1, 13)
    assert price_history(filled, namespace, "M-1", "GOLD") == ()


def test_slow_operations_tell_what_a_ship_did_before_for_how_long(
    filled, namespace, samples, store
):
    slowest, *_ = slow_operations(filled, namespace, most=2)
    assert (slowest.ship, slowest.outcome, slowest.since_last) == ("S-1", "refusal", 19.5)
    assert len(slow_operations(filled, namespace, most=2)) == 2


def test_the_agent_that_played_last_is_found(filled, namespace):
    mine = [row for row in namespaces(filled) if row.id == namespace]
    assert last_active(filled, mine).id == namespace
    assert last_request(filled, namespace) == BASE + 3698
