"""COPY's text format: every value survives, whatever it holds."""

from __future__ import annotations

import pytest

from fleet.storage.bulk import copy_line, copy_text

ROWS = [
    ((1, "IRON"), "1\tIRON\n"),
    ((None, ""), "None\t\n"),
    (("None", None), "\\x4eone\tNone\n"),
    (("\\N", "\\."), "\\\\N\t\\\\.\n"),
    (("a\tb\nc\rd\\e",), "a\\tb\\nc\\rd\\\\e\n"),
    ((True, False), "True\tFalse\n"),
    ((0.1, 1e300, -5), "0.1\t1e+300\t-5\n"),
    (("ünï 🚀",), "ünï 🚀\n"),
]


@pytest.mark.parametrize(("row", "line"), ROWS)
def test_a_row_is_one_line_with_its_special_characters_escaped(row, line):
    assert copy_line(row) == line
    assert copy_text([row], len(row)) == line


@pytest.mark.parametrize(
    "odd", ["tab\there", "back\\slash", "line\nend", "re\rturn", "None", "Nones"]
)
def test_one_odd_value_among_many_rows_keeps_its_place(odd):
    rows = [(number, "plain", None) for number in range(60)]
    rows[30] = (30, odd, "x")
    lines = copy_text(rows, 3).splitlines(keepends=True) if "\r" not in odd else None
    assert copy_text(rows, 3) == "".join(map(copy_line, rows))
    assert lines is None or len(lines) == 60
