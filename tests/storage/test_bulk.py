"""COPY's text format: every value survives, whatever it holds."""

from __future__ import annotations

import pytest

from fleet.storage.bulk import copy_line


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ((1, "IRON"), "1\tIRON\n"),
        ((None, ""), "\\N\t\n"),
        (("\\N", "\\."), "\\\\N\t\\\\.\n"),
        (("a\tb\nc\rd\\e",), "a\\tb\\nc\\rd\\\\e\n"),
        ((True, False), "True\tFalse\n"),
        ((0.1, 1e300, -5), "0.1\t1e+300\t-5\n"),
        (("ünï 🚀",), "ünï 🚀\n"),
    ],
)
def test_a_row_is_one_line_with_its_special_characters_escaped(row, line):
    assert copy_line(row) == line
