"""Ids as numbers: they sort as they were made and never meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.storage.keys import row_number

EPOCHS, NUMBERS, PARTS = (
    st.integers(0, (1 << 19) - 1),
    st.integers(0, 9_999_999_999),
    st.integers(0, 999),
)
IDS = st.tuples(EPOCHS, NUMBERS, PARTS)


@given(IDS, IDS)
def test_numbers_sort_by_epoch_then_number_then_part(one, other):
    first, second = (row_number("-".join(map(str, parts))) for parts in (one, other))
    assert (first < second) == (one < other)
    assert (first == second) == (one == other)


@given(IDS)
def test_every_number_fits_into_the_column(parts):
    assert 0 <= row_number("-".join(map(str, parts))) < 1 << 63


def test_no_part_is_part_zero():
    assert row_number("3-7") == row_number("3-7-0")


@pytest.mark.parametrize(
    "row_id",
    ["", "7", "a-b", "1-2-3-4", "-1-2", "1-2 ", "٣-7", "9999999-1", "1-99999999999", None, 7],
)
def test_an_id_of_another_form_is_refused(row_id):
    with pytest.raises(ValueError, match=r"the id .* is"):
        row_number(row_id)
