"""One ship is bought at a time; whoever is unsure counts first."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.fleet_plan import Purchase
from fleet.actors.purchasing import LATER, OWNER, PAGE, PAUSE, Purchasing, Worth
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Expired, UnknownOutcome
from fleet.protocol.fleet import BUCKET, TREASURY, CreditsSeen, Granted, Release, Reserve
from fleet.protocol.wire.market import Agent, ShipPurchase, ShipPurchased

PROBE = Purchase("SHIP_PROBE", "X1-T-Y", 20_000, 50_000)


class Buyer:
    """A purchasing inside an actor; what it says is noted."""

    def __init__(self, stage: Any, ship: Any) -> None:
        self.stage = stage
        self.ship = ship
        stage.spawn(BUCKET)
        stage.spawn(TREASURY)
        self.purchasing = Purchasing("TEST", Worth(1_000))
        self.actor = stage.spawn("/fleet/conductor")

    def act(self, act: Any) -> Any:
        out: list[Any] = []
        self.actor.tell(lambda ctx: out.append(act(ctx)))
        self.stage.run()
        return out[0]

    def buy(self) -> None:
        """Reserve and send a purchase."""
        self.act(lambda ctx: self.purchasing.reserve(ctx, PROBE, lambda answer: answer))
        self.act(lambda ctx: self.purchasing.buy(ctx, PROBE))

    def end(self, kind: Any, *more: Any) -> Any:
        """Bring the newest request to an end; gives the ships it told of."""
        request = self.requests[-1]
        outcome = kind(request.number, *([] if kind is Expired else [request.operation]), *more)
        return self.act(lambda ctx: self.purchasing.takes(ctx, outcome))

    def bought(self) -> Any:
        return self.end(ApiReply, self.purchased())

    def purchased(self) -> ShipPurchased:
        agent = Agent(symbol="TEST", headquarters="X1-T-A", credits=80_500)
        deal = ShipPurchase(
            waypoint_symbol="X1-T-Y", ship_type="SHIP_PROBE", price=19_500, timestamp=""
        )
        return ShipPurchased(agent=agent, ship=self.ship, transaction=deal)

    @property
    def free(self) -> bool:
        return self.purchasing.free(self.stage.clock.game())

    def heard(self, kind: type) -> list[Any]:
        return [note for note in self.stage.notes.all if isinstance(note, kind)]

    @property
    def requests(self) -> list[ApiRequest]:
        return self.heard(ApiRequest)

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]


@pytest.fixture
def buyer(virtual: Any, snapshot: Any) -> Buyer:
    return Buyer(virtual, snapshot.ships[0])


def test_the_price_and_a_margin_are_set_aside_over_the_floor(buyer: Buyer) -> None:
    buyer.act(lambda ctx: buyer.purchasing.reserve(ctx, PROBE, lambda answer: answer))
    (reserve,) = buyer.heard(Reserve)
    assert reserve == Reserve(owner=OWNER, amount=22_000, floor=48_000)
    assert not buyer.free
    assert buyer.purchasing.yard == "X1-T-Y"
    assert buyer.requests == []
    assert buyer.heard(Granted) == []


def test_a_purchase_is_told_to_the_purse_and_frees_the_rest(buyer: Buyer) -> None:
    buyer.buy()
    assert buyer.bought() == (buyer.ship,)
    assert buyer.requests[0].body == {"shipType": "SHIP_PROBE", "waypointSymbol": "X1-T-Y"}
    assert buyer.heard(CreditsSeen) == [CreditsSeen(80_500, OWNER, 19_500)]
    assert buyer.heard(Release) == [Release(OWNER)]
    assert buyer.purchasing.worth.value == 20_500
    assert buyer.free
    assert buyer.purchasing.yard == ""


def test_a_refusal_is_not_tried_again_at_once(buyer: Buyer) -> None:
    buyer.buy()
    assert buyer.end(ApiRefusal, 400, 4214, "no", {}) == ()
    assert buyer.heard(Release) == [Release(OWNER)]
    assert not buyer.free
    buyer.stage.run(PAUSE)
    assert buyer.free


def test_while_nobody_is_at_the_yard_it_is_looked_again_soon(buyer: Buyer) -> None:
    buyer.purchasing.look()
    assert not buyer.free
    buyer.act(buyer.purchasing.postpone)
    assert not buyer.free
    buyer.stage.run(LATER)
    assert buyer.free


@pytest.mark.parametrize("kind", [UnknownOutcome, Expired])
def test_whoever_does_not_know_counts_all_pages_before_buying_again(
    buyer: Buyer, kind: Any
) -> None:
    buyer.buy()
    assert buyer.end(kind, *(["lost"] if kind is UnknownOutcome else [])) == ()
    assert not buyer.free
    page = (buyer.ship,) * PAGE
    assert buyer.end(ApiReply, page) == page
    assert not buyer.free
    assert buyer.end(ApiReply, (buyer.ship,)) == (buyer.ship,)
    assert buyer.operations == ["purchase-ship", "get-my-ships", "get-my-ships"]
    assert [dict(request.query)["page"] for request in buyer.requests[1:]] == ["1", "2"]
    buyer.stage.run(PAUSE)
    assert buyer.free


def test_a_count_that_fails_is_made_again(buyer: Buyer) -> None:
    buyer.act(buyer.purchasing.count)
    for kind, more in ((Expired, ()), (ApiRefusal, (500, 3000, "no", {}))):
        counts = len(buyer.operations)
        buyer.end(kind, *more)
        buyer.act(buyer.purchasing.count_again)
        assert len(buyer.operations) == counts, "a list that can't be had takes all permits"
        buyer.stage.run(LATER)
        assert not buyer.free
        buyer.act(buyer.purchasing.count_again)
        assert buyer.operations[counts:] == ["get-my-ships"]


def test_a_replaced_conductor_counts_once_nothing_of_it_is_in_flight(buyer: Buyer) -> None:
    buyer.purchasing.doubt()
    buyer.act(lambda ctx: buyer.purchasing.withdrawn(ctx, (1_000_001,)))
    assert buyer.requests == []
    lost = UnknownOutcome(1_000_001, "purchase-ship", "replaced")
    buyer.act(lambda ctx: buyer.purchasing.takes(ctx, lost))
    assert buyer.operations == ["get-my-ships"]


def test_what_an_earlier_conductor_bought_is_paid_and_counted_before_more_is_bought(
    buyer: Buyer,
) -> None:
    buyer.purchasing.doubt()
    late = ApiReply(1_000_001, "purchase-ship", buyer.purchased())
    assert buyer.act(lambda ctx: buyer.purchasing.takes(ctx, late)) == ()
    assert buyer.heard(CreditsSeen) == [CreditsSeen(80_500, OWNER, 19_500)]
    assert buyer.purchasing.worth.value == 20_500
    assert not buyer.free
    buyer.act(lambda ctx: buyer.purchasing.withdrawn(ctx, ()))
    assert buyer.operations == ["get-my-ships"]
    assert buyer.end(ApiReply, (buyer.ship,)) == (buyer.ship,)
    buyer.stage.run(PAUSE)
    assert buyer.free


@pytest.mark.parametrize("in_flight", [(), (-1_000_001,)])
def test_what_else_is_in_flight_keeps_nobody_from_counting(
    buyer: Buyer, in_flight: tuple[int, ...]
) -> None:
    buyer.purchasing.doubt()
    buyer.act(lambda ctx: buyer.purchasing.withdrawn(ctx, in_flight))
    assert buyer.operations == ["get-my-ships"]


def test_a_late_outcome_of_an_earlier_request_means_nothing(buyer: Buyer) -> None:
    buyer.buy()
    stale = ApiRefusal(buyer.requests[-1].number - 1, "purchase-ship", 400, 1, "no", {})
    assert buyer.act(lambda ctx: buyer.purchasing.takes(ctx, stale)) == ()
    assert not buyer.free
    assert buyer.heard(Release) == []
