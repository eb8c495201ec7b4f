"""The price curve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.simulator.rules.prices import prices, solve, supply_label

bases = st.integers(15, 60_000)
margins = st.integers(5, 13)
supplies = st.floats(-20, 20)


def test_balanced_fuel_costs_72_and_fetches_68():
    assert prices("EXCHANGE", 70, 8, 0.0) == (72, 68)


def test_balanced_antimatter_costs_5052_and_fetches_4948():
    assert prices("EXCHANGE", 5000, 10, 0.0) == (5052, 4948)


@pytest.mark.parametrize(("net", "ask"), [(100, 2768), (99, 2775)])
def test_full_ship_plating_is_near_the_export_floor(net, ask):
    assert prices("EXPORT", 5400, 10, net / 6)[0] == pytest.approx(ask, rel=0.01)


@given(bases, margins, supplies, st.sampled_from(["EXPORT", "IMPORT", "EXCHANGE"]))
def test_asks_are_above_bids_and_nothing_is_free(base, margin, s, role):
    ask, bid = prices(role, base, margin, s)
    assert ask >= bid >= 1


@given(
    bases, margins, st.tuples(supplies, supplies), st.sampled_from(["EXPORT", "IMPORT", "EXCHANGE"])
)
def test_more_supply_never_raises_a_price(base, margin, pair, role):
    low, high = sorted(pair)
    dear, cheap = prices(role, base, margin, low), prices(role, base, margin, high)
    assert dear[0] >= cheap[0]
    assert dear[1] >= cheap[1]


@given(bases, margins, supplies)
def test_exports_have_a_floor_and_imports_a_ceiling(base, margin, s):
    assert prices("EXPORT", base, margin, s)[0] >= int(base * (1 - 0.05 * margin))
    assert prices("IMPORT", base, margin, s)[1] <= base * (1 + 0.05 * margin) + 1


@pytest.mark.parametrize(
    ("s", "label"),
    [
        (4, "ABUNDANT"),
        (3.99, "HIGH"),
        (2, "HIGH"),
        (1.99, "MODERATE"),
        (-2, "MODERATE"),
        (-2.01, "LIMITED"),
        (-4, "LIMITED"),
        (-4.01, "SCARCE"),
    ],
)
def test_supply_labels_change_at_two_and_four_volumes(s, label):
    assert supply_label(s) == label


@given(
    st.integers(1000, 60_000),
    st.integers(7, 10),
    st.integers(-150, 150),
    st.sampled_from(["EXPORT", "IMPORT"]),
)
def test_solving_a_price_pair_finds_prices_that_are_the_same(base, margin, net, role):
    ask, bid = prices(role, base, margin, net / 20)
    found_margin, found_net = solve(role, base, 20, ask, bid, supply_label(net / 20))
    again = prices(role, base, found_margin, found_net / 20)
    assert again == (pytest.approx(ask, rel=2e-3, abs=1), pytest.approx(bid, rel=2e-3, abs=1))
