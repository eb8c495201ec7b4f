"""The interval finds an effect that is there, and seldom one that is not."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inject.trial.estimate import LEAST_PAIRS, Estimate, paired, welch
from fleet.inject.trial.split import arm_of_turn, split

TRIALS = 300
numbers = st.floats(-1e6, 1e6)


def in_turns(seed: int, pairs: int, effect: float, kept: float) -> Estimate:
    """Play turns whose income drifts as a random process that remembers a share of itself."""
    rng = random.Random(f"income {seed}")
    income, level = [], rng.gauss(0, 1)
    for number in range(2 * pairs):
        level = kept * level + rng.gauss(0, 1)
        income.append(level + effect * (arm_of_turn(seed, number) == "B"))
    told = []
    for pair in range(pairs):
        turns = (2 * pair, 2 * pair + 1)
        arms = {arm_of_turn(seed, number): income[number] for number in turns}
        told.append((arms["A"], arms["B"]))
    found = paired(told)
    assert found is not None
    return found


def side_by_side(seed: int, effect: float) -> Estimate:
    """Split two kinds of ships, of which one earns more and varies more."""
    rng = random.Random(f"income {seed}")
    strata = {"hauler": [f"H{n}" for n in range(9)], "miner": [f"M{n}" for n in range(6)]}
    arms = split(strata, random.Random(seed))
    values: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in strata}
    for name, units in strata.items():
        for unit in units:
            base, spread = (10.0, 3.0) if name == "hauler" else (2.0, 1.0)
            income = rng.gauss(base, spread) + effect * (arms[unit] == "B")
            values[name][arms[unit] == "B"].append(income)
    found = welch(values)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "play",
    [
        lambda seed: in_turns(seed, 6, 0.0, 0.0),
        lambda seed: in_turns(seed, 12, 0.0, 0.8),
        lambda seed: side_by_side(seed, 0.0),
    ],
    ids=["few turns", "turns alike", "ships"],
)
def test_where_there_is_no_difference_nineteen_of_twenty_intervals_hold_zero(
    play: Callable[[int], Estimate],
) -> None:
    held = sum(not play(seed).decided for seed in range(TRIALS))
    # The seeds are fixed, so this is one number: no more than three standard deviations from 95 %.
    assert 0.91 <= held / TRIALS <= 0.99


def test_an_effect_is_found_and_its_size_told() -> None:
    for play in (lambda seed: in_turns(seed, 12, 4.0, 0.8), lambda seed: side_by_side(seed, 4.0)):
        found = [play(seed) for seed in range(100)]
        assert statistics.fmean(one.difference for one in found) == pytest.approx(4.0, abs=0.3)
        held = sum(one.low < 4.0 < one.high for one in found if one.low and one.high)
        assert 0.88 <= held / 100 <= 1.0
        assert sum(one.decided for one in found) / 100 > 0.5


def test_a_difference_that_lasts_over_neighbouring_pairs_widens_the_interval() -> None:
    waves = [(0.0, 1.0)] * 6 + [(0.0, -1.0)] * 6
    mixed = [(0.0, 1.0), (0.0, -1.0)] * 6
    one, other = paired(waves), paired(mixed)
    assert one is not None
    assert other is not None
    assert one.high is not None
    assert other.high is not None
    assert one.high > 1.4 * other.high


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12))
def test_a_difference_is_that_of_the_means_and_lies_in_its_interval(
    pairs: list[tuple[float, float]],
) -> None:
    found = paired(pairs)
    assert found is not None
    assert found.difference == pytest.approx(found.b - found.a, abs=1e-6)
    if len(pairs) < LEAST_PAIRS:
        assert (found.low, found.decided) == (None, False)
    else:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.difference <= found.high
    turned = paired([(b, a) for a, b in pairs])
    assert turned is not None
    assert turned.difference == pytest.approx(-found.difference, abs=1e-6)
    assert turned.decided == found.decided


def test_without_enough_there_is_nothing_to_tell() -> None:
    assert paired([]) is None
    assert welch({}) is None
    assert welch({"hauler": ([1.0], [2.0, 3.0])}) is None
    assert paired([(0.0, 0.0)] * 9) == paired([(0.0, 0.0)] * 9)
    still = paired([(0.0, 0.0)] * 9)
    assert still is not None
    assert not still.decided
    assert still.share is None
