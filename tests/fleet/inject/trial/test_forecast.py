"""When a comparison is decided is foretold from what was seen."""

from __future__ import annotations

import random

import pytest

from fleet.inject.trial.estimate import LEAST_PAIRS, paired
from fleet.inject.trial.forecast import pairs_needed, turns_needed


def test_as_many_pairs_as_foretold_mostly_decide() -> None:
    rng = random.Random(5)
    needed = pairs_needed([rng.gauss(1.0, 2.0) for _ in range(500)])
    assert needed is not None
    decided = 0
    for _ in range(200):
        found = paired([(0.0, rng.gauss(1.0, 2.0)) for _ in range(needed)])
        assert found is not None
        decided += found.decided
    # 80 % is what was asked for; the wider of two errors takes some of it.
    assert 0.66 <= decided / 200 <= 0.9


def test_a_clear_difference_needs_few_pairs_and_none_at_all_needs_no_end() -> None:
    assert pairs_needed([10.0, 10.1, 9.9]) == LEAST_PAIRS
    assert pairs_needed([1.0, -1.0]) is None
    assert pairs_needed([1000.0, -1001.0]) is None
    assert pairs_needed([1.0]) is None


def units(rng: random.Random, lasting: float, passing: float, base: float) -> list[list[float]]:
    """Make many units over six turns that differ among themselves and from turn to turn."""
    found = []
    for _ in range(400):
        own = rng.gauss(base, lasting)
        found.append([rng.gauss(own, passing) for _ in range(6)])
    return found


def test_more_time_mends_only_what_time_brings() -> None:
    rng = random.Random(3)
    passing = {"all": (units(rng, 0.0, 4.0, 10.0), units(rng, 0.0, 4.0, 11.0))}
    lasting = {"all": (units(rng, 4.0, 0.1, 10.0), units(rng, 4.0, 0.1, 11.0))}
    needed = turns_needed(passing, 0.25)
    assert needed is not None
    # 16 / n * (1 / 400 + 1 / 400) = (0.25 / 2.8)^2
    assert needed == pytest.approx(10, rel=0.4)
    assert turns_needed(lasting, 0.25) is None
    assert turns_needed(passing, 0.0) is None
    assert turns_needed({"all": ([[1.0]], [[2.0]])}, 1.0) is None
