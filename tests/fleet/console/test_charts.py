"""Bars and curves made of characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.console.charts import BLOCKS, bar, curve, resample

VALUES = st.lists(st.integers(-(10**9), 10**9), max_size=300)


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "━━━━"), (0.5, "━━━━"), (0.6, "━━╸━"), (1, "━━━━"), (7, "━━━━"), (-1, "━━━━")],
)
def test_a_bar_has_its_width_whatever_the_share(share: float, drawn: str) -> None:
    assert bar(share, 4, "green").plain == drawn


def test_a_bar_is_coloured_as_far_as_it_is_full() -> None:
    spans = {span.style: (span.start, span.end) for span in bar(0.5, 10, "green").spans}
    assert spans == {"green": (0, 5), "bright_black": (5, 10)}


def test_a_rising_curve_rises() -> None:
    assert curve([0, 1, 2, 3, 4, 5, 6, 7], 8, 1) == ["▁▂▃▄▅▆▇█"]
    assert curve([0, 10], 2, 2) == [" █", "▁█"]


def test_a_flat_curve_is_seen() -> None:
    assert curve([5, 5, 5], 3, 2) == ["   ", "▁▁▁"]
    assert curve([], 3, 2) == ["   ", "   "]


@given(VALUES, st.integers(1, 80), st.integers(1, 20))
def test_a_curve_fills_its_field_and_shows_the_highest(
    values: list[int], width: int, height: int
) -> None:
    lines = curve(values, width, height)
    assert [len(line) for line in lines] == [width] * height
    assert set("".join(lines)) <= set(BLOCKS)
    if len(set(values)) > 1 and len(values) <= width:
        assert "█" in lines[0]


@given(VALUES.filter(bool), st.integers(1, 80))
def test_resampled_values_stay_within_the_range_and_in_order(values: list[int], width: int) -> None:
    columns = resample(sorted(values), width)
    assert len(columns) == width
    assert columns == sorted(columns)
    assert min(values) <= columns[0] <= columns[-1] <= max(values)
