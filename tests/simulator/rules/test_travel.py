"""Travel time and fuel, against worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.simulator.rules.travel import fuel_cost, rerouted, slower, travel_seconds
from fleet.simulator.settings import Rules

RULES = Rules()


@pytest.mark.parametrize(
    ("mode", "speed", "far", "seconds"),
    [
        ("CRUISE", 36, 10, 22),
        ("CRUISE", 36, 47, 48),
        ("CRUISE", 36, 117, 96),
        ("CRUISE", 36, 300, 223),
        ("BURN", 36, 10, 18),
        ("BURN", 36, 47, 31),
        ("BURN", 36, 117, 56),
        ("BURN", 36, 300, 119),
        ("DRIFT", 36, 10, 84),
        ("DRIFT", 36, 47, 341),
        ("DRIFT", 36, 117, 828),
        ("DRIFT", 36, 300, 2098),
        ("STEALTH", 36, 10, 23),
        ("STEALTH", 36, 47, 54),
        ("STEALTH", 36, 117, 113),
        ("STEALTH", 36, 300, 265),
        ("CRUISE", 9, 10, 43),
        ("CRUISE", 9, 47, 146),
        ("CRUISE", 9, 117, 340),
        ("CRUISE", 9, 300, 848),
        ("CRUISE", 36, 0, 16),
        ("CRUISE", 9, 0, 18),
        ("DRIFT", 30, 0, 23),
    ],
)
def test_worked_values(mode, speed, far, seconds):
    assert travel_seconds(far, speed, mode, RULES) == seconds


def test_rounding_down_can_be_chosen():
    assert travel_seconds(117, 36, "BURN", Rules(travel_rounding="floor")) == 55


@pytest.mark.parametrize(
    ("mode", "fuel"), [("CRUISE", 117), ("BURN", 234), ("DRIFT", 1), ("STEALTH", 117)]
)
def test_fuel_by_mode(mode, fuel):
    assert fuel_cost(117.0, mode) == fuel


def test_a_hop_between_moons_takes_one_fuel_and_two_in_burn():
    assert (fuel_cost(0, "CRUISE"), fuel_cost(0, "BURN"), fuel_cost(0, "DRIFT")) == (1, 2, 1)


def test_modes_in_order_of_speed():
    assert slower("DRIFT", "STEALTH")
    assert slower("STEALTH", "CRUISE")
    assert slower("CRUISE", "BURN")
    assert not slower("BURN", "BURN")


@given(st.floats(0, 2000), st.floats(0, 1), st.integers(1, 60))
def test_switching_to_burn_never_costs_less_or_takes_longer(far, left, speed):
    seconds, extra = rerouted(far, left, speed, "CRUISE", "BURN")
    assert 0 <= seconds <= far * left * 25 / speed + 1
    assert extra >= 0
