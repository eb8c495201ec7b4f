from hypothesis import given
from hypothesis import strategies as st

from fleet.supervision.resources.peak import Peak


def test_growth_by_more_than_half_is_told_once_with_the_peak_before():
    peak = Peak(0.5)
    assert [peak.take(value) for value in (100, 160, 160, 165)] == [None, 100, None, None]


def test_growth_by_less_is_not_told():
    peak = Peak(0.5)
    assert [peak.take(value) for value in (100, 140, 149, 150)] == [None] * 4


def test_the_mark_is_raised_after_the_comparison_only():
    peak = Peak(0.5)
    peak.take(100)
    assert (peak.take(151), peak.highest) == (100, 151)


def test_a_slow_leak_is_told_as_well():
    peak = Peak(0.5)
    told = [previous for value in range(100, 400, 3) if (previous := peak.take(value))]
    assert told == [100, 151, 229, 346][: len(told)]
    assert len(told) == 3


@given(st.lists(st.integers(1, 10**6), min_size=1))
def test_each_crossing_is_told_once(values):
    peak, mark, told = Peak(0.5), 0, 0
    for value in values:
        expected = mark if mark and value > mark * 1.5 else None
        assert peak.take(value) == expected
        mark = value if expected or not mark else mark
        told += expected is not None
    assert peak.highest == max(values)
    assert told <= 35
