"""How the market model is held against a real system."""

import pytest

from fleet.bench.plan import Plan
from fleet.bench.real_markets import (
    captured,
    ks_distance,
    market_states,
    price_pairs,
    share_distance,
)


def test_distances_between_samples():
    assert ks_distance([1, 2, 3], [1, 2, 3]) == 0
    assert ks_distance([1, 2], [3, 4]) == 1
    assert ks_distance([1, 2, 3, 4], [3, 4, 5, 6]) == pytest.approx(0.5)
    assert share_distance(["A", "A", "B", "B"], ["A", "A", "A", "B"]) == pytest.approx(0.25)


@pytest.mark.shared
def test_the_model_is_as_near_to_the_real_system_as_it_should_be(tmp_path):
    if captured() is None:
        pytest.skip("needs the reference folder beside the checkout")
    plan = Plan(quick=True, folder=tmp_path, say=lambda _text: None)
    figures = [*price_pairs(plan), *market_states(plan)]
    assert len(figures) == 6
    assert [figure.name for figure in figures if not figure.ok] == []
