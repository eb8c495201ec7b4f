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
