"""The memory of what was written: exact, forgetful on purpose, and bounded."""

from __future__ import annotations

from fleet.storage.written import Written

SHIP = ("ships", (1, "AGENT-1"))
CARGO = ("ship_cargo", (1, "AGENT-1", "IRON"))
OTHER = ("ship_cargo", (1, "AGENT-11", "IRON"))


def test_only_the_same_values_are_held():
    written = Written()
    written.keep(CARGO, (1, "AGENT-1", "IRON", 5))
    assert written.holds(CARGO, (1, "AGENT-1", "IRON", 5))
    assert not written.holds(CARGO, (1, "AGENT-1", "IRON", 6))
    assert not written.holds(OTHER, (1, "AGENT-1", "IRON", 5))


def test_a_forgotten_row_takes_its_children_along_and_no_others():
    written = Written()
    for key in (SHIP, CARGO, OTHER):
        written.keep(key, key[1])
    written.forget(SHIP)
    assert not written.holds(SHIP, SHIP[1])
    assert not written.holds(CARGO, CARGO[1])
    assert written.holds(OTHER, OTHER[1])


def test_the_oldest_is_forgotten_beyond_the_limit():
    written = Written(limit=2)
    for key in (SHIP, CARGO, SHIP, OTHER):
        written.keep(key, key[1])
    assert written.holds(SHIP, SHIP[1])
    assert written.holds(OTHER, OTHER[1])
    assert not written.holds(CARGO, CARGO[1])
