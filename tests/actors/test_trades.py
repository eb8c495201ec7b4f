"""Which trip pays best: held against lot-by-lot arithmetic and against what others claim."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.offers import Offers
from fleet.actors.price_curve import Quote
from fleet.actors.routing import Router
from fleet.actors.trades import Claim, Claimed, best_sale, best_source, best_trade
from fleet.protocol.fleet import Craft, NoTrade, Sale, Source, TradePlan
from fleet.protocol.tasks import LEAST_RATE
from fleet.protocol.wire.place import Waypoint
from fleet.simulator.rules.prices import prices

PLACES = {
    name: Waypoint(symbol=name, type="PLANET", system_symbol="X1-T", x=x, y=0)
    for name, x in {"A": 0, "B": 40, "C": 80, "D": 300}.items()
}
ROUTER = Router(PLACES, PLACES)
PLENTY = 10_000_000


def craft(free: int = 60, at: str = "A") -> Craft:
    return Craft(symbol="S-1", at=at, fuel=400, fuel_capacity=400, speed=10, cargo_free=free)


def quote(good: str, kind: str, base: float, s: float = 0.0, volume: int = 20) -> Quote:
    ask, bid = prices(kind, base, 8, s)  # type: ignore[arg-type]
    return Quote(good, kind, ask, bid, volume)


def market(*quotes: Quote) -> dict[str, Quote]:
    return {each.good: each for each in quotes}


def kinds() -> st.SearchStrategy[Quote]:
    return st.builds(
        quote,
        st.sampled_from(["FOOD", "TOOLS", "DRUGS"]),
        st.sampled_from(["EXPORT", "IMPORT", "EXCHANGE"]),
        st.floats(20, 5_000),
        st.floats(-5, 5),
        st.sampled_from([6, 20, 60]),
    )


all_quotes = st.dictionaries(
    st.sampled_from(sorted(PLACES)),
    st.lists(kinds(), max_size=3).map(lambda some: market(*some)),
    min_size=2,
)
all_claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(["FOOD", "TOOLS", "DRUGS"]),
        st.sampled_from(sorted(PLACES)),
        st.sampled_from(sorted(PLACES)),
        st.integers(1, 80),
    ),
    max_size=4,
)


def taken(plan: TradePlan, claims: list[Claim]) -> tuple[int, int]:
    mine = [claim for claim in claims if claim.good == plan.good]
    return (
        sum(claim.units for claim in mine if claim.buy_at == plan.buy_at),
        sum(claim.units for claim in mine if claim.sell_at == plan.sell_at),
    )


@given(all_quotes, all_claims, st.integers(0, 200_000), st.integers(0, 120))
def test_a_plan_keeps_to_hold_and_budget_and_no_lot_of_it_loses(
    quotes: dict[str, dict[str, Quote]], claims: list[Claim], budget: int, free: int
) -> None:
    plan = best_trade(craft(free), budget, Offers(quotes), ROUTER, Claimed(claims))
    if isinstance(plan, NoTrade):
        return
    source, sink = quotes[plan.buy_at][plan.good], quotes[plan.sell_at][plan.good]
    assert source.type != "IMPORT"
    assert sink.type != "EXPORT"
    assert plan.buy_at != plan.sell_at
    assert 0 < plan.units <= free
    assert plan.cost <= budget
    gone, brought = taken(plan, claims)
    assert plan.cost == source.cost(plan.units, gone)
    assert plan.gain == sink.proceeds(plan.units, brought) - plan.cost
    assert plan.gain > LEAST_RATE * plan.seconds
    assert plan.ask * plan.units >= plan.cost
    for units in range(source.volume, plan.units, source.volume):
        lot = min(source.volume, plan.units - units)
        paid = source.cost(units + lot, gone) - source.cost(units, gone)
        got = sink.proceeds(units + lot, brought) - sink.proceeds(units, brought)
        assert got > paid


@given(all_quotes, st.integers(1, 200_000))
def test_no_other_trip_pays_more_per_second(
    quotes: dict[str, dict[str, Quote]], budget: int
) -> None:
    """One lot per trip is easy to reckon; whatever trip it is, the plan must be as good."""
    plan = best_trade(craft(6), budget, Offers(quotes), ROUTER, Claimed())
    rate = plan.gain / plan.seconds if isinstance(plan, TradePlan) else LEAST_RATE
    for buy_at, goods in quotes.items():
        for good, source in goods.items():
            for sell_at, others in quotes.items():
                sink = others.get(good)
                if sink is None or source.type == "IMPORT" or sink.type == "EXPORT":
                    continue
                if buy_at == sell_at or 6 * source.ask > budget:
                    continue
                seconds = (
                    ROUTER.seconds(craft(), "A", buy_at) + ROUTER.seconds(craft(), buy_at, sell_at)
                ) + 30.0
                assert 6 * (sink.bid - source.ask) / seconds <= rate * 1.000001


def test_what_others_have_claimed_makes_a_trip_smaller_until_another_one_pays_better() -> None:
    quotes = {
        "A": market(quote("TOOLS", "EXPORT", 1_000, 6.0, volume=60)),
        "B": market(quote("TOOLS", "IMPORT", 1_200, -3.0)),
        "C": market(quote("TOOLS", "IMPORT", 1_200, -2.5)),
    }
    first = best_trade(craft(80), PLENTY, Offers(quotes), ROUTER, Claimed())
    assert isinstance(first, TradePlan)
    assert first.sell_at == "B"
    claim = Claim("TOOLS", first.buy_at, first.sell_at, first.units)
    second = best_trade(craft(80), PLENTY, Offers(quotes), ROUTER, Claimed((claim,)))
    assert isinstance(second, TradePlan)
    assert second.sell_at == "C"
    assert second.gain < first.gain
    many = [Claim("TOOLS", "A", to, 200) for to in "BC"]
    assert isinstance(best_trade(craft(80), PLENTY, Offers(quotes), ROUTER, Claimed(many)), NoTrade)


def test_the_nearer_of_two_like_markets_is_sold_to() -> None:
    quotes = {
        "A": market(quote("TOOLS", "EXPORT", 1_000, 3.0)),
        "C": market(quote("TOOLS", "IMPORT", 1_200, -3.0)),
        "D": market(quote("TOOLS", "IMPORT", 1_200, -3.0)),
    }
    plan = best_trade(craft(), PLENTY, Offers(quotes), ROUTER, Claimed())
    assert isinstance(plan, TradePlan)
    assert plan.sell_at == "C"


def test_without_credits_or_room_there_is_no_trip() -> None:
    quotes = {
        "A": market(quote("TOOLS", "EXPORT", 1_000, 3.0)),
        "B": market(quote("TOOLS", "IMPORT", 1_200, -3.0)),
    }
    assert isinstance(best_trade(craft(), 100, Offers(quotes), ROUTER, Claimed()), NoTrade)
    assert isinstance(best_trade(craft(), -100, Offers(quotes), ROUTER, Claimed()), NoTrade)
    assert isinstance(best_trade(craft(0), PLENTY, Offers(quotes), ROUTER, Claimed()), NoTrade)
    assert isinstance(best_trade(craft(), PLENTY, Offers(quotes), ROUTER, Claimed()), TradePlan)


def test_a_place_nobody_can_reach_is_not_traded_with() -> None:
    quotes = {
        "Z": market(quote("TOOLS", "EXPORT", 1_000, 3.0)),
        "B": market(quote("TOOLS", "IMPORT", 1_200, -3.0)),
    }
    assert isinstance(best_trade(craft(), PLENTY, Offers(quotes), ROUTER, Claimed()), NoTrade)


def test_a_hold_is_sold_where_it_brings_most_per_second_on_the_way() -> None:
    quotes = {
        "B": market(quote("ORE", "IMPORT", 50, -3.0)),
        "C": market(quote("ORE", "IMPORT", 50, -3.0), quote("GOLD", "IMPORT", 300, -3.0)),
        "D": market(quote("ORE", "IMPORT", 55, -3.0), quote("GOLD", "IMPORT", 330, -3.0)),
    }
    sale = best_sale(craft(), (("ORE", 30), ("GOLD", 10), ("ICE", 5)), Offers(quotes), ROUTER)
    assert sale == Sale("C", ("ORE", "GOLD"))
    assert best_sale(craft(), (("ORE", 30),), Offers(quotes), ROUTER) == Sale("B", ("ORE",))
    assert isinstance(best_sale(craft(), (("ICE", 5),), Offers(quotes), ROUTER), NoTrade)


def test_a_good_is_bought_where_all_of_it_costs_least() -> None:
    quotes = {
        "B": market(quote("FOOD", "EXPORT", 1_000, 0.0, volume=6)),
        "C": market(quote("FOOD", "EXPORT", 1_020, 0.0, volume=60)),
        "D": market(quote("FOOD", "IMPORT", 10, 0.0)),
    }
    few = best_source(craft(), "FOOD", 6, Offers(quotes), ROUTER)
    many = best_source(craft(), "FOOD", 60, Offers(quotes), ROUTER)
    assert few == Source("B", 6 * quotes["B"]["FOOD"].ask, 6)
    assert many == Source("C", 60 * quotes["C"]["FOOD"].ask, 60)
    assert isinstance(best_source(craft(), "TOOLS", 6, Offers(quotes), ROUTER), NoTrade)


def by_trying_all(
    hold: Craft, budget: int, quotes: dict[str, dict[str, Quote]], claims: list[Claim]
) -> float:
    """The most credits per second that one trip between two places can bring."""
    rates = [0.0]
    for buy_at, sell_at in itertools.permutations(quotes, 2):
        # Nothing but these two, so that nothing has to be chosen.
        two = {name: quotes[name] for name in (buy_at, sell_at)}
        for good in quotes[buy_at]:
            only = {name: {good: here[good]} for name, here in two.items() if good in here}
            plan = best_trade(hold, budget, Offers(only), ROUTER, Claimed(claims))
            if isinstance(plan, TradePlan):
                rates.append(plan.gain / plan.seconds)
    return max(rates)


@given(all_quotes, all_claims, st.integers(0, 200_000), st.integers(0, 120))
def test_no_other_trip_pays_better_than_the_one_chosen(
    quotes: dict[str, dict[str, Quote]], claims: list[Claim], budget: int, free: int
) -> None:
    plan = best_trade(craft(free), budget, Offers(quotes), ROUTER, Claimed(claims))
    found = plan.gain / plan.seconds if isinstance(plan, TradePlan) else 0.0
    assert found == by_trying_all(craft(free), budget, quotes, claims)


def test_of_trips_that_pay_the_same_the_first_one_in_the_order_of_the_quotes_is_made() -> None:
    tools, wanted = quote("TOOLS", "EXPORT", 1_000), quote("TOOLS", "IMPORT", 3_000)
    far = Waypoint(symbol="E", type="PLANET", system_symbol="X1-T", x=-40, y=0)
    router = Router(PLACES | {"E": far}, [*PLACES, "E"])
    for order in (("B", "E"), ("E", "B")):
        quotes = {name: market(wanted) for name in order} | {"A": market(tools)}
        plan = best_trade(craft(), PLENTY, Offers(quotes), router, Claimed())
        assert isinstance(plan, TradePlan)
        assert plan.sell_at == order[0]
