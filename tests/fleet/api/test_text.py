from __future__ import annotations

from fleet.api.text import render


def test_a_record_has_a_line_per_fact():
    shown = render({"symbol": "A-1", "credits": 1234567, "docked": True, "fuel": {"current": 5}})
    assert shown == "symbol: A-1\ncredits: 1,234,567\ndocked: yes\nfuel:\n  current: 5"


def test_records_are_a_table_with_what_stands_one_level_below():
    shown = render(
        [
            {"symbol": "A-1", "nav": {"status": "DOCKED", "route": {"x": 1}}, "mounts": []},
            {"symbol": "A-10", "nav": {"status": "IN_ORBIT"}, "description": "long"},
        ]
    )
    assert shown.splitlines() == ["symbol  nav.status", "A-1     DOCKED", "A-10    IN_ORBIT"]


def test_nothing_is_told_as_such():
    assert render([]) == "None."
    assert render(None).startswith("Done")
    assert render({"chart": None, "orbitals": []}) == "chart: none\norbitals: none"


def test_lists_of_words_stand_below_their_name():
    assert render({"connections": ["X1-A-I1", "X1-B-I1"]}) == "connections:\n  X1-A-I1\n  X1-B-I1"


def test_a_ships_place_and_load_come_before_its_crew_and_frame():
    ship = {
        "symbol": "A-1",
        "registration": {"name": "A-1", "role": "COMMAND"},
        "nav": {"systemSymbol": "X1-A", "waypointSymbol": "X1-A-B2", "status": "DOCKED"},
        "crew": {"current": 57, "required": 57, "rotation": "STRICT", "morale": 100},
        "cooldown": {"remainingSeconds": 0},
        "cargo": {"capacity": 40, "units": 12},
        "fuel": {"current": 400, "capacity": 400},
    }
    head, row = render([ship]).splitlines()
    assert head.split() == [
        *("symbol", "registration.role", "nav.waypointSymbol", "nav.status", "fuel.current"),
        *("cargo.units", "cargo.capacity", "cooldown.remainingSeconds"),
    ]
    assert row.split() == ["A-1", "COMMAND", "X1-A-B2", "DOCKED", "400", "12", "40", "0"]
