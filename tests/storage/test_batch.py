"""Coalescing: the newest state per key wins, appended rows stay as they came."""

from __future__ import annotations

from fleet.protocol.rows import Append, Delete, Upsert
from fleet.storage.batch import Batch


def _units(ship: str, good: str, units: int) -> Upsert:
    return Upsert("ship_cargo", (ship, good), {"units": units})


def test_a_later_state_replaces_an_earlier_one():
    batch = Batch(1, [_units("S", "IRON", 1), _units("S", "GOLD", 2), _units("S", "IRON", 3)])
    assert batch.upserts == [_units("S", "GOLD", 2), _units("S", "IRON", 3)]
    assert len(batch) == 2


def test_a_deleted_state_is_not_written():
    batch = Batch(1, [_units("S", "IRON", 1), Delete("ship_cargo", ("S", "IRON"))])
    assert batch.upserts == []
    assert batch.deletes == [Delete("ship_cargo", ("S", "IRON"))]


def test_a_state_that_comes_back_is_not_deleted():
    batch = Batch(1, [Delete("ship_cargo", ("S", "IRON")), _units("S", "IRON", 1)])
    assert batch.upserts == [_units("S", "IRON", 1)]
    assert batch.deletes == []


def test_deleting_a_parent_takes_its_pending_children_along():
    batch = Batch(1, [_units("S", "IRON", 1), _units("OTHER", "IRON", 2), Delete("ships", ("S",))])
    assert batch.upserts == [_units("OTHER", "IRON", 2)]


def test_a_parent_that_comes_back_is_deleted_first_so_that_its_children_go():
    ship = Upsert("ships", ("S",), {})
    batch = Batch(1, [Delete("ships", ("S",)), ship, _units("S", "IRON", 1)])
    assert batch.deletes == [Delete("ships", ("S",))]
    assert batch.upserts == [ship, _units("S", "IRON", 1)]


def test_appended_rows_keep_their_order_and_their_repetitions():
    rows = [Append("ledger", f"1-{number}", {"delta": 1}) for number in (3, 1, 2, 1)]
    assert Batch(1, rows).appends == rows


def test_a_key_that_cannot_be_compared_does_not_stop_the_others():
    bad = Upsert("ships", ([],), {})
    batch = Batch(1, [bad, _units("S", "IRON", 1)])
    assert [letter.row for letter in batch.unusable] == [bad]
    assert batch.upserts == [_units("S", "IRON", 1)]


def test_an_empty_batch_is_false():
    assert not Batch(1)
