"""The memory of what was written: exact, forgetful on purpose, and bounded."""

from __future__ import annotations

from fleet.protocol.rows import Upsert
from fleet.storage.written import Written

SHIP = Upsert("ships", ("AGENT-1",), {"fuel": 1})
CARGO = Upsert("ship_cargo", ("AGENT-1", "IRON"), {"units": 5})
OTHER = Upsert("ship_cargo", ("AGENT-11", "IRON"), {"units": 5})


def _holds(written: Written, row: Upsert, **changes: int) -> bool:
    return written.of(row.table).get(row.key) == {**row.values, **changes}


def test_only_the_same_values_are_held():
    written = Written()
    written.begin(1)
    written.keep([CARGO])
    assert _holds(written, CARGO)
    assert not _holds(written, CARGO, units=6)
    assert not _holds(written, OTHER)


def test_a_forgotten_row_takes_its_children_along_and_no_others():
    written = Written()
    written.begin(1)
    written.keep([SHIP, CARGO, OTHER])
    written.forget("ships", ("AGENT-1",))
    assert not _holds(written, SHIP)
    assert not _holds(written, CARGO)
    assert _holds(written, OTHER)


def test_the_oldest_of_a_table_is_forgotten_beyond_the_limit():
    written = Written(limit=2)
    written.begin(1)
    third = Upsert("ship_cargo", ("AGENT-2", "IRON"), {"units": 5})
    written.keep([OTHER, CARGO, SHIP, OTHER, third])
    assert _holds(written, OTHER)
    assert _holds(written, SHIP)
    assert _holds(written, third)
    assert not _holds(written, CARGO)


def test_what_comes_only_once_is_not_remembered():
    written = Written()
    written.begin(1)
    once = [
        Upsert("surveys", ("X1-AB-1-123456",), {"size": "SMALL"}),
        Upsert("metrics_minute", ("requests", 29_000_000), {"value": 3.0}),
        Upsert("alerts", ("7-1",), {"rule": "actor.hung"}),
    ]
    written.keep([*once, SHIP])
    assert not any(_holds(written, row) for row in once)
    assert _holds(written, SHIP)


def test_another_namespace_has_nothing_of_this_one():
    written = Written()
    written.begin(1)
    written.keep([SHIP])
    written.begin(2)
    assert not _holds(written, SHIP)
    written.keep([SHIP])
    written.begin(2)
    assert _holds(written, SHIP)
