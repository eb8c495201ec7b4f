"""What a restarted fleet reads is what was written before it stopped."""

from __future__ import annotations

import pytest

from fleet.protocol.rows import Append, Delete, Upsert
from fleet.storage import resume as resumed
from fleet.storage.batch import Batch
from fleet.storage.ledger import opening
from fleet.storage.namespaces import fresh_epoch, namespaces, open_namespace
from fleet.storage.tables import METADATA, Kind, kind

AGENT = {
    "headquarters": "X1-AB1-A1",
    "faction": "COSMIC",
    "credits": 10**12,
    "ship_count": 2,
    "seen_at": 5.0,
}
TASK = {"version": 2, "goal": "IRON", "bought": 12}
RESERVATION = {
    "kind": "credits",
    "owner": "/fleet/ships/AGENT-1",
    "subject": "credits",
    "amount": 500,
    "detail": None,
    "created_at": 5.0,
    "expires_at": None,
    "released_at": None,
}
SURVEY = {
    "waypoint": "X1-AB1-B1",
    "size": "SMALL",
    "deposits": ["IRON_ORE"],
    "expires_at": 99.0,
    "exhausted": False,
    "seen_at": 5.0,
    "body": {"signature": "sig"},
}
STATE = [
    Upsert(
        "experiments",
        ("fuel",),
        {"status": "over", "plan": {}, "result": [1], "started_at": 1.0, "ended_at": 2.0},
    ),
    Upsert(
        "assignments",
        ("AGENT-1",),
        {"behaviour": "trade_best_route", "task": TASK, "version": 2, "updated_at": 5.0},
    ),
    Upsert("reservations", ("open",), RESERVATION),
    Upsert("reservations", ("done",), {**RESERVATION, "released_at": 6.0}),
    Upsert(
        "contracts",
        ("c1",),
        {
            "faction": "COSMIC",
            "type": "PROCUREMENT",
            "accepted": True,
            "fulfilled": False,
            "deadline_to_accept": None,
            "deadline": 100.0,
            "on_accepted": 1000,
            "on_fulfilled": 5000,
            "body": {"id": "c1"},
        },
    ),
    Upsert(
        "systems",
        ("X1-AB1",),
        {"type": "RED_STAR", "x": -5, "y": 7, "factions": ["COSMIC"], "seen_at": 5.0},
    ),
    Upsert(
        "waypoints",
        ("X1-AB1-A1",),
        {
            "system": "X1-AB1",
            "type": "PLANET",
            "x": 1,
            "y": -2,
            "orbits": None,
            "orbitals": ["X1-AB1-A2"],
            "traits": ["MARKETPLACE"],
            "modifiers": [],
            "faction": "COSMIC",
            "charted": True,
            "under_construction": False,
            "seen_at": 5.0,
        },
    ),
    Upsert("jump_gates", ("X1-AB1-J",), {"connections": ["X1-CD2-J"], "seen_at": 5.0}),
    Upsert(
        "shipyards",
        ("X1-AB1-A1",),
        {
            "system": "X1-AB1",
            "ship_types": ["SHIP_PROBE"],
            "modification_fee": 100,
            "seen_at": 5.0,
        },
    ),
    Upsert(
        "shipyard_prices",
        ("X1-AB1-A1", "SHIP_PROBE"),
        {"price": 20_000, "supply": None, "activity": None, "seen_at": 5.0},
    ),
    Upsert("surveys", ("sig",), SURVEY),
    Upsert("surveys", ("used",), {**SURVEY, "exhausted": True}),
    Upsert(
        "construction",
        ("X1-AB1-J",),
        {"complete": False, "materials": [{"tradeSymbol": "FAB_MATS"}], "seen_at": 5.0},
    ),
    Upsert("metrics_minute", ("requests", 3), {"value": 1.5}),
]
"""What depends on nothing that a test makes."""


@pytest.fixture
def name(store, namespace):
    return next(row.agent_symbol for row in namespaces(store) if row.id == namespace)


@pytest.fixture
def rows(samples, name):
    return [
        *STATE,
        Upsert("agents", (name,), AGENT),
        samples.ship("AGENT-1", arrival=7.25, price_paid=30_000, origin="X1-AB1-B2"),
        samples.cargo("AGENT-1", "IRON", 12),
        samples.part("AGENT-1", "mount 1", "MOUNT_MINING_LASER_I"),
        samples.alert("ships idle"),
        samples.alert("writer away", resolved_at=9.0),
        samples.market("X1-AB1-A1"),
        samples.good("X1-AB1-A1", "IRON", seen_at=40.0),
        opening(1000, row_id="1-1", at=1.0),
        samples.ledger("1-2", 5),
    ]


def test_everything_comes_back_as_it_was_written(store, lease, namespace, name, rows):
    assert store.write(Batch(namespace, rows), lease).rejected == ()
    epoch = fresh_epoch(store, "runtime", now=9.0)
    found = resumed.resume(store, name, "2026-11-01")
    assert found is not None
    assert found.namespace.id == namespace
    assert [row.credits for row in found.agents] == [10**12]
    (ship,) = found.ships
    assert (ship.symbol, ship.arrival, ship.price_paid) == ("AGENT-1", 7.25, 30_000)
    assert (ship.origin, ship.departure) == ("X1-AB1-B2", None)
    assert [(row.ship, row.good, row.units) for row in found.cargo] == [("AGENT-1", "IRON", 12)]
    assert [(row.slot, row.symbol) for row in found.parts] == [("mount 1", "MOUNT_MINING_LASER_I")]
    assert [row.id for row in found.alerts] == ["ships idle"]
    (assignment,) = found.assignments
    assert (assignment.behaviour, assignment.version) == ("trade_best_route", 2)
    assert assignment.task == {"version": 2, "goal": "IRON", "bought": 12}
    assert [row.id for row in found.reservations] == ["open"]
    (contract,) = found.contracts
    assert (contract.accepted, contract.fulfilled) == (True, False)
    assert [row.factions for row in found.systems] == [["COSMIC"]]
    (waypoint,) = found.waypoints
    assert (waypoint.traits, waypoint.charted) == (["MARKETPLACE"], True)
    assert [row.connections for row in found.jump_gates] == [["X1-CD2-J"]]
    assert [row.exports for row in found.markets] == [["IRON"]]
    (good,) = found.trade_goods
    assert (good.ask, good.bid, good.age(100.0)) == (12, 10, 60.0)
    assert [row.ship_types for row in found.shipyards] == [["SHIP_PROBE"]]
    assert [row.price for row in found.shipyard_prices] == [20_000]
    assert [row.signature for row in found.surveys] == ["sig"]
    assert [row.complete for row in found.construction] == [False]
    assert found.ledger_seq == 2
    assert found.process_epoch == epoch


def test_the_sample_has_a_row_for_every_state_table(rows):
    written = {row.table for row in rows}
    states = {table.name for table in METADATA.sorted_tables if kind(table) is Kind.STATE}
    assert states <= written


def test_surveys_that_have_expired_are_left_where_they_are(store, lease, namespace, rows):
    store.write(Batch(namespace, rows), lease)
    assert [row.signature for row in resumed.surveys(store, namespace, 98.0)] == ["sig"]
    assert resumed.surveys(store, namespace, 99.0) == ()


def test_an_agent_that_never_played_has_nothing(store):
    assert resumed.resume(store, "NOBODY", "2026-11-01") is None


def test_each_reset_is_a_namespace_of_its_own(store, lease, namespace, name, samples):
    store.write(Batch(namespace, [samples.ship("AGENT-1")]), lease)
    later = open_namespace(store, name, "2026-12-01", now=2.0)
    assert later.id != namespace
    found = resumed.resume(store, name, "2026-12-01")
    assert found is not None
    assert found.ships == ()
    assert [row.reset_date for row in namespaces(store, name)] == ["2026-11-01", "2026-12-01"]


def test_waypoints_can_be_asked_for_by_system(store, lease, namespace, rows):
    store.write(Batch(namespace, rows), lease)
    assert len(resumed.waypoints(store, namespace, system="X1-AB1")) == 1
    assert resumed.waypoints(store, namespace, system="X1-ZZ9") == ()


def test_recall_gives_all_columns_but_the_key(store, lease, namespace, samples):
    row = samples.ship("AGENT-1", fuel=3, departure=4.5)
    store.write(Batch(namespace, [row]), lease)
    found = resumed.recall(store, namespace, "ships", ("AGENT-1",))
    assert found == row.values
    # The library's own kind of str would go into messages, and those into recordings.
    assert {type(name) for name in found} == {str}
    every = resumed.recall_all(store, namespace, "ships")
    assert {type(name) for values in every.values() for name in values} == {str}
    store.write(Batch(namespace, [Delete("ships", ("AGENT-1",))]), lease)
    assert resumed.recall(store, namespace, "ships", ("AGENT-1",)) is None


@pytest.mark.parametrize(
    ("table", "key", "reason"),
    [("songs", ("x",), "no table 'songs'"), ("ship_cargo", ("x",), "key of ship_cargo is")],
)
def test_recall_of_what_cannot_exist_is_a_value_error(store, namespace, table, key, reason):
    with pytest.raises(ValueError, match=reason):
        resumed.recall(store, namespace, table, key)


def test_process_epochs_are_never_handed_out_twice(store, shared_url, opened):
    other = opened(shared_url)
    epochs = [fresh_epoch(source, "p", now=1.0) for source in (store, other, store)]
    assert epochs == sorted(set(epochs))
    assert resumed.process_epoch(store) == epochs[-1]


def test_the_ledger_goes_on_where_it_stopped(store, lease, shared_url, opened, namespace, samples):
    store.write(Batch(namespace, [samples.ledger("1-1", 5), samples.ledger("1-2", 6)]), lease)
    opened(shared_url).write(Batch(namespace, [samples.ledger("2-1", 7)]), lease)
    assert resumed.ledger_seq(store, namespace) == 3


def test_a_place_in_the_ledger_that_the_sender_chose_is_kept(store, lease, namespace, samples):
    rows = [samples.ledger("1-1", 5, seq=40), samples.ledger("1-2", 6)]
    assert store.write(Batch(namespace, rows), lease).rejected == ()
    assert resumed.ledger_seq(store, namespace) == 41


def test_a_wrong_place_in_the_ledger_is_a_bad_row(store, lease, namespace, samples):
    report = store.write(Batch(namespace, [samples.ledger("1-1", 5, seq="first")]), lease)
    assert "takes a whole number" in report.rejected[0].reason


def test_rows_of_an_unknown_namespace_are_refused(store, lease, samples):
    report = store.write(
        Batch(10**6, [Append("ledger", "1-1", samples.ledger("1-1", 1).values)]), lease
    )
    assert len(report.rejected) == 1
