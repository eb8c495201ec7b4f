"""The ladders of prices, held against what the simulator really asks and pays."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.price_curve import SHARE, STEP, Quote
from fleet.simulator.rules.prices import prices

LOTS = 8
# What the curve is read from, ask - 2 bid, is rounded by up to this many credits.
ROUNDED = 2.0


def allowed(price: int, lots: float) -> float:
    """One per cent, or what the rounding of the two prices seen makes of it."""
    return max(0.01 * price, ROUNDED / SHARE * abs(STEP**lots - 1) + 1)


def quote(role: str, base: float, margin: int, s: float, volume: int = 20) -> Quote:
    ask, bid = prices(role, base, margin, s)  # type: ignore[arg-type]
    return Quote("GOOD", role, ask, bid, volume)


def seen(market: Any) -> dict[str, Quote]:
    return {
        good.symbol: Quote(
            good.symbol, good.type, good.purchase_price, good.sell_price, good.trade_volume
        )
        for good in market.trade_goods
    }


@pytest.fixture
def rich(snapshot: Any) -> Any:
    """A world whose ship has room and credits for everything."""

    def enrich(world: Any) -> None:
        (ship,) = world.ships.values()
        ship.capacity = 100_000
        next(iter(world.agents.values())).credits = 1_000_000_000

    return snapshot.altered(enrich)


def deals(rich: Any, kind: str, operation: str) -> list[tuple[Quote, list[int]]]:
    """Trade every good of a kind at every market, lot by lot; give first quote and prices."""
    out = []
    server = rich.serve()
    ship = server.world.ships["TEST-1"]
    for symbol in list(server.world.markets):
        ship.nav.waypoint = symbol
        market = server.get("get-market", systemSymbol=rich.home[:-1], waypointSymbol=symbol)
        for first in seen(market).values():
            if first.type != kind:
                continue
            paid = []
            if operation == "sell-cargo":
                ship.put(first.good, LOTS * first.volume)
            for _ in range(LOTS):
                body = {"symbol": first.good, "units": first.volume}
                reply = server.post(operation, body, shipSymbol="TEST-1")
                paid.append(reply.transaction.price_per_unit)
            out.append((first, paid))
    return out


def test_the_ladder_of_asks_is_what_the_simulator_asks_for_each_lot_bought(rich: Any) -> None:
    bought = deals(rich, "EXPORT", "purchase-cargo")
    assert len(bought) >= 8
    for first, paid in bought:
        ladder = list(itertools.islice(first.asks(), LOTS))
        assert paid[-1] > paid[0]
        for lots, (told, real) in enumerate(zip(ladder, paid, strict=True)):
            assert abs(told - real) <= allowed(real, lots), (first, lots, told, real)


def test_the_ladder_of_bids_is_what_the_simulator_pays_for_each_lot_sold(rich: Any) -> None:
    sold = deals(rich, "IMPORT", "sell-cargo")
    assert len(sold) > 8
    for first, paid in sold:
        ladder = list(itertools.islice(first.bids(), LOTS))
        assert paid[-1] < paid[0]
        for lots, (told, real) in enumerate(zip(ladder, paid, strict=True)):
            assert abs(told - real) <= allowed(real, lots), (first, lots, told, real)


def test_dear_goods_are_told_to_one_per_cent_of_their_price(rich: Any) -> None:
    dear = [
        (told, real, paid[0])
        for kind, operation in (("EXPORT", "purchase-cargo"), ("IMPORT", "sell-cargo"))
        for first, paid in deals(rich, kind, operation)
        if first.ask >= 2_000
        for told, real in zip(
            first.asks() if kind == "EXPORT" else first.bids(), paid, strict=False
        )
    ]
    assert len(dear) > 50
    assert [row for row in dear if abs(row[0] - row[1]) > 0.01 * row[2]] == []


@given(
    role=st.sampled_from(["EXPORT", "IMPORT"]),
    base=st.floats(100, 20_000),
    margin=st.integers(7, 11),
    s=st.floats(-5, 5),
    lots=st.integers(0, 6),
)
def test_a_ladder_follows_the_curve_wherever_it_begins(
    role: str, base: float, margin: int, s: float, lots: int
) -> None:
    start = quote(role, base, margin, s)
    ladder = start.asks() if role == "EXPORT" else start.bids()
    told = next(itertools.islice(ladder, lots, None))
    moved = quote(role, base, margin, s - lots if role == "EXPORT" else s + lots)
    real = moved.ask if role == "EXPORT" else moved.bid
    assert abs(told - real) <= allowed(real, lots)


@given(
    role=st.sampled_from(["EXPORT", "IMPORT"]),
    base=st.floats(500, 20_000),
    s=st.floats(-5, 5),
    units=st.integers(-100, 100),
)
def test_a_deal_of_ours_moves_a_quote_as_the_server_moves_its_prices(
    role: str, base: float, s: float, units: int
) -> None:
    told = quote(role, base, 8, s).after(units)
    real = quote(role, base, 8, s - units / 20)
    bound = 2 * allowed(real.ask, units / 20)
    assert abs(told.ask - real.ask) <= bound
    assert abs(told.bid - real.bid) <= bound


@given(
    role=st.sampled_from(["EXPORT", "IMPORT", "EXCHANGE"]),
    base=st.floats(2, 20_000),
    s=st.floats(-8, 8),
    taken=st.integers(0, 200),
    units=st.integers(0, 200),
)
def test_prices_only_get_worse_and_never_fall_below_a_credit(
    role: str, base: float, s: float, taken: int, units: int
) -> None:
    start = quote(role, base, 8, s)
    asks = list(itertools.islice(start.asks(taken), 8))
    bids = list(itertools.islice(start.bids(taken), 8))
    assert asks == sorted(asks)
    assert bids == sorted(bids, reverse=True)
    assert bids[-1] >= 1
    assert start.cost(units, taken) >= units * start.ask
    assert units <= start.proceeds(units, taken) or not units
    assert start.proceeds(units, taken) <= units * start.bid


@given(base=st.floats(100, 5_000), first=st.integers(1, 5), then=st.integers(1, 5))
def test_what_others_have_taken_is_paid_for_by_the_next(base: float, first: int, then: int) -> None:
    start = quote("EXPORT", base, 8, 1.0)
    both = start.cost((first + then) * 20)
    assert start.cost(first * 20) + start.cost(then * 20, taken=first * 20) == both


def test_a_lot_that_is_not_full_costs_what_a_full_one_would_per_unit() -> None:
    start = quote("EXPORT", 1_000, 8, 0.0)
    second = list(itertools.islice(start.asks(), 2))[1]
    assert start.cost(30) == 20 * start.ask + 10 * second
