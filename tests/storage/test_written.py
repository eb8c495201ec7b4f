"""The memory of what was written: exact, forgetful on purpose, and bounded."""

from __future__ import annotations

from fleet.protocol.rows import Upsert
from fleet.storage.written import Written

SHIP = Upsert("ships", ("AGENT-1",), {"fuel": 1})
CARGO = Upsert("ship_cargo", ("AGENT-1", "IRON"), {"units": 5})
OTHER = Upsert("ship_cargo", ("AGENT-11", "IRON"), {"units": 5})


def _holds(written: Written, row: Upsert, **changes: int) -> bool:
    return written.holds((row.table, (1, *row.key)), {**row.values, **changes})


def test_only_the_same_values_are_held():
    written = Written()
    written.keep(1, [CARGO])
    assert _holds(written, CARGO)
    assert not _holds(written, CARGO, units=6)
    assert not _holds(written, OTHER)


def test_a_forgotten_row_takes_its_children_along_and_no_others():
    written = Written()
    written.keep(1, [SHIP, CARGO, OTHER])
    written.forget(("ships", (1, "AGENT-1")))
    assert not _holds(written, SHIP)
    assert not _holds(written, CARGO)
    assert _holds(written, OTHER)


def test_the_oldest_is_forgotten_beyond_the_limit():
    written = Written(limit=2)
    written.keep(1, [SHIP, CARGO, SHIP, OTHER])
    assert _holds(written, SHIP)
    assert _holds(written, OTHER)
    assert not _holds(written, CARGO)
