"""Contestants take turns."""

from __future__ import annotations

import pytest

from fleet.bench.interleaved import interleaved, ratio


def test_each_round_runs_everybody_and_every_other_round_backwards() -> None:
    order: list[str] = []

    def contestant(name: str, value: float) -> float:
        order.append(name)
        return value * len(order)

    found = interleaved({"a": lambda: contestant("a", 1), "b": lambda: contestant("b", 2)}, 2)
    assert order == ["a", "b", "b", "a"]
    assert found["a"].values == (1, 4)
    assert found["b"].spread == (4, 6)


def test_the_ratio_is_taken_within_the_rounds() -> None:
    speeds = iter([10.0, 100.0, 30.0])
    fast = iter([20.0, 200.0, 60.0])
    found = interleaved({"slow": lambda: next(speeds), "fast": lambda: next(fast)}, 3)
    assert ratio(found["fast"], found["slow"]) == pytest.approx(2.0)
