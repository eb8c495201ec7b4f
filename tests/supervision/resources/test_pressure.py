import pytest

from fleet.protocol.errors import UsageError
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.pressure import Pressure
from fleet.supervision.resources.sample import MB

LIMITS = ResourceLimits(warn=100 * MB, emergency=200 * MB, critical=300 * MB)


def levels(*sizes):
    pressure = Pressure(LIMITS)
    return [pressure.take(size * MB) for size in sizes]


def test_levels_are_told_when_they_change():
    assert levels(50, 100, 120, 200, 300, 310) == [
        None,
        "warn",
        None,
        "emergency",
        "critical",
        None,
    ]


def test_a_level_lingers_until_memory_has_really_fallen():
    assert levels(300, 299, 286, 284, 150) == ["critical", None, None, "emergency", "warn"]


def test_a_jump_skips_levels_both_ways():
    assert levels(400, 10) == ["critical", "normal"]


def test_levels_out_of_order_are_refused():
    with pytest.raises(UsageError, match="must rise"):
        ResourceLimits(warn=300, emergency=200, critical=400)
