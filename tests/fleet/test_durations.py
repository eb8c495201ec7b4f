"""Durations and sizes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.durations import UNITS, parse_duration, show_duration
from fleet.sizes import parse_size, show_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("0", 0),
        ("90s", 90),
        ("120s", 120),
        ("2h", 7_200),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("1.5h", 5_400),
        ("250ms", 0.25),
        ("1d2h3m4s5ms", 93_784.005),
        (" 2H ", 7_200),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "1x", "-5", "1h2h", "30m1h", "1e3", "inf", "nan", "1 2", "1h30", "٣"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as 90, 90s"):
        parse_duration(text)


@given(st.dictionaries(st.sampled_from(list(UNITS)), st.integers(0, 9_999), min_size=1))
def test_every_sum_of_units_is_read(parts: dict[str, int]) -> None:
    text = "".join(f"{parts[unit]}{unit}" for unit in UNITS if unit in parts)
    expected = sum(number * UNITS[unit] for unit, number in parts.items())
    assert parse_duration(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (59.4, "59s"),
        (59.6, "1m 00s"),
        (725, "12m 05s"),
        (11_400, "3h 10m"),
        (187_200, "2d 04h"),
        (-3, "0s"),
        (float("inf"), "-"),
    ],
)
def test_a_duration_is_shown_with_two_units(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown


@pytest.mark.parametrize(
    ("text", "size"),
    [("500000", 500_000), ("64KiB", 65_536), ("16 mib", 16 << 20), ("1.5kb", 1_500), ("7b", 7)],
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MiB", "-1", "1m", "1e6", "1,000"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size such as"):
        parse_size(text)


@given(st.integers(0, 1 << 40))
def test_a_shown_size_is_near_the_size(size: int) -> None:
    assert parse_size(show_size(size)) == pytest.approx(size, rel=1e-3)
