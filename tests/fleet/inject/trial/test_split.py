"""Arms are dealt out at random, evenly, and the same way again from the same seed."""

from __future__ import annotations

import itertools
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fleet.inject.trial.split import arm_of_turn, split

names = st.text("abcdef", min_size=1, max_size=3)
strata = st.dictionaries(names, st.sets(names, min_size=1, max_size=9), min_size=1, max_size=4)


@given(strata, st.integers())
def test_every_unit_is_in_one_arm_and_no_stratum_is_uneven(
    drawn: dict[str, set[str]], seed: int
) -> None:
    apart = {name: sorted(f"{name} {unit}" for unit in units) for name, units in drawn.items()}
    arms = split(apart, random.Random(seed))
    assert sorted(arms) == sorted(unit for units in apart.values() for unit in units)
    for units in apart.values():
        counts = Counter(arms[unit] for unit in units)
        assert abs(counts["A"] - counts["B"]) <= 1
    backwards = {name: units[::-1] for name, units in reversed(apart.items())}
    assert split(backwards, random.Random(seed)) == arms


def test_each_unit_is_as_often_in_one_arm_as_in_the_other() -> None:
    units = [f"ship {number}" for number in range(5)]
    counts: Counter[str] = Counter()
    for seed in range(2_000):
        arms = split({"all": units}, random.Random(seed))
        counts.update(unit for unit in units if arms[unit] == "B")
    # Four standard deviations of a fair coin, from seeds that stay the same.
    assert all(910 <= counts[unit] <= 1_090 for unit in units)


@given(st.integers(), st.integers(min_value=0, max_value=1_000))
def test_each_pair_of_turns_has_both_arms(seed: int, pair: int) -> None:
    both = [arm_of_turn(seed, 2 * pair), arm_of_turn(seed, 2 * pair + 1)]
    assert sorted(both) == ["A", "B"]
    assert both == [arm_of_turn(seed, 2 * pair), arm_of_turn(seed, 2 * pair + 1)]


def test_which_arm_of_a_pair_comes_first_is_a_toss() -> None:
    first = [arm_of_turn(7, 2 * pair) for pair in range(1_000)]
    assert 437 <= first.count("A") <= 563
    same = sum(one == other for one, other in itertools.pairwise(first))
    assert 437 <= same <= 563
