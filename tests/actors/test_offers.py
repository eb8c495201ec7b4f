"""What markets ask and bid: whatever was told in whatever order, it is what a scan would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.offers import Offers
from fleet.actors.price_curve import Quote

GOODS = ["FOOD", "TOOLS", "DRUGS"]
quotes = st.builds(
    Quote,
    st.sampled_from(GOODS),
    st.sampled_from(["EXPORT", "IMPORT", "EXCHANGE"]),
    st.integers(1, 500),
    st.integers(1, 500),
    st.sampled_from([6, 20]),
)
told = st.lists(
    st.tuples(st.sampled_from("ABC"), st.one_of(quotes, st.lists(quotes, max_size=3))), max_size=12
)


@given(told)
def test_offers_tell_by_good_what_they_were_told_by_market(
    news: list[tuple[str, Quote | list[Quote]]],
) -> None:
    offers, known = Offers(), dict[str, dict[str, Quote]]()
    for waypoint, each in news:
        if isinstance(each, list):
            known[waypoint] = {quote.good: quote for quote in each}
            offers.put(waypoint, known[waypoint])
        elif waypoint in known:
            known[waypoint] = {**known[waypoint], each.good: each}
            offers.change(waypoint, each)
        # Asked between the changes, too, since what is found is kept.
        assert offers.bids().keys() <= set(GOODS)
    assert offers.markets == known
    assert list(offers.sources) == list(known)
    assert [offers.place(waypoint) for waypoint in known] == list(range(len(known)))
    for waypoint, goods in known.items():
        assert offers.sources[waypoint] == [q for q in goods.values() if q.type != "IMPORT"]
    for good in GOODS:
        sinks = {
            waypoint: goods[good]
            for waypoint, goods in known.items()
            if good in goods and goods[good].type != "EXPORT"
        }
        assert offers.sinks(good) == sinks
        assert offers.bids().get(good, 0) == max((quote.bid for quote in sinks.values()), default=0)


def test_an_unknown_market_or_good_has_no_quote() -> None:
    offers = Offers({"A": {"FOOD": Quote("FOOD", "IMPORT", 10, 5, 6)}})
    assert offers.get("A", "TOOLS") is None
    assert offers.get("B", "FOOD") is None
    assert offers.get("A", "FOOD") == Quote("FOOD", "IMPORT", 10, 5, 6)
