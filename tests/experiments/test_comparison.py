"""Arms are paired by seed, and an interval says how sure the difference is."""

from __future__ import annotations

import math
import random

from fleet.experiments.comparison import compare
from fleet.experiments.outcome import Outcome
from fleet.experiments.verdict import verdict


def runs(arm: str, gains: list[float]) -> list[Outcome]:
    return [
        Outcome(arm=arm, seed=seed, metrics={"gain": gain})
        for seed, gain in enumerate(gains, start=1)
    ]


def test_what_all_seeds_share_does_not_hide_a_small_difference() -> None:
    rng = random.Random(1)
    luck = [rng.gauss(1_000_000, 300_000) for _ in range(20)]
    plain = runs("plain", luck)
    better = runs("better", [gain + 10_000 + rng.gauss(0, 5_000) for gain in luck])
    found = compare("gain", "better", "plain", plain + better)
    assert found.decided
    assert found.low < 10_000 < found.high
    assert found.low > 5_000
    assert "better has" in verdict(found)
    assert "more gain than plain" in verdict(found)


def test_no_difference_is_said_with_how_many_seeds_might_decide() -> None:
    rng = random.Random(2)
    one = runs("one", [rng.gauss(100, 30) for _ in range(12)])
    other = runs("other", [rng.gauss(101, 30) for _ in range(12)])
    found = compare("gain", "other", "one", one + other)
    assert not found.decided
    assert found.low < 0 < found.high
    assert found.seeds_needed > 12
    assert "can't be told apart" in verdict(found)


def test_few_pairs_tell_nothing() -> None:
    found = compare("gain", "b", "a", runs("a", [1, 2, 3]) + runs("b", [9, 9, 9]))
    assert not found.decided
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert "too few" in verdict(found)


def test_only_seeds_that_both_have_finished_count() -> None:
    failed = Outcome(arm="b", seed=3, failed="its process died")
    rows = [*runs("a", [1, 2, 3, 4]), *runs("b", [2, 3]), failed]
    found = compare("gain", "b", "a", rows)
    assert found.pairs == 2
    assert found.better == 2
    assert found.difference == 1


def test_a_difference_that_never_varies_is_its_own_interval() -> None:
    found = compare("gain", "b", "a", runs("a", [1.0] * 6) + runs("b", [3.0] * 6))
    assert (found.low, found.high) == (2.0, 2.0)
    assert found.decided
    assert found.share == 2.0


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = random.Random(3)
    held = 0
    for _ in range(60):
        a = runs("a", [rng.gauss(0, 10) for _ in range(15)])
        b = runs("b", [one.metrics["gain"] + rng.gauss(5, 4) for one in a])
        found = compare("gain", "b", "a", a + b)
        held += found.low <= 5 <= found.high
    assert 50 <= held <= 60
