"""What COPY is given: every value survives, whatever it holds."""

from __future__ import annotations

import pytest

from fleet.storage.bulk import copy_line, copy_lines

ROWS = [
    ((1, "IRON"), '1,"IRON"\n'),
    ((None, ""), 'null,""\n'),
    (("null", None), '"null",null\n'),
    (("\\", 'a"b'), '"\\\\","a\\"b"\n'),
    (("],[", "]["), '"],[","]["\n'),
    (("\\n", "\\."), '"\\\\n","\\\\."\n'),
    ((True, False), "true,false\n"),
    ((0.1, 1e300, -5), "0.1,1e300,-5\n"),
    (("ünï 🚀",), '"ünï 🚀"\n'),
]


@pytest.mark.parametrize(("row", "line"), ROWS)
def test_a_row_is_one_line_in_which_texts_are_quoted(row, line):
    assert copy_lines([row]).decode() == line


@pytest.mark.parametrize("odd", ["tab\there", "line\nend", "re\rturn", "\\\n", "]\n[", "\x01"])
def test_what_json_escapes_otherwise_stands_as_it_is(odd):
    rows = [(number, "plain", None, 0.5) for number in range(60)]
    rows[30] = (30, odd, "x", 0.5)
    assert copy_lines(rows).decode() == "".join(map(copy_line, rows))
    assert f'"30","{odd}"'.replace("\\", "\\\\") in copy_lines(rows).decode()
