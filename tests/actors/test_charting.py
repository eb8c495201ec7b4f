"""The home system is read once: pages of places, then what each market lists."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.charting import LATER, PAGE, Charting
from fleet.protocol.api import ApiReply, ApiRequest, Expired, Lane
from fleet.protocol.fleet import BOOK, BUCKET, BookView, Charted, MarketSeen
from fleet.protocol.wire.market import Market, Symbol
from fleet.protocol.wire.place import Waypoint


def place(number: int, *traits: str) -> Waypoint:
    return Waypoint(
        symbol=f"X1-T-{number}",
        type="PLANET",
        system_symbol="X1-T",
        x=number,
        y=0,
        traits=tuple(Symbol(symbol=trait) for trait in traits),
    )


def view(*places: Waypoint, listed: frozenset[str] = frozenset()) -> BookView:
    return BookView(waypoints=places, markets_seen=(), listed=listed, offers=())


class Chart:
    """A charting inside an actor; requests and facts are noted."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        stage.spawn(BUCKET)
        stage.spawn(BOOK)
        self.charting = Charting("X1-T-HQ")
        self.actor = stage.spawn("/fleet/conductor")

    def act(self, act: Any) -> Any:
        """Run something in the actor's turn."""
        out: list[Any] = []
        self.actor.tell(lambda ctx: out.append(act(ctx)))
        self.stage.run()
        return out[0]

    def begin(self, known: int = 0) -> bool:
        return bool(self.act(lambda ctx: self.charting.goes_on(ctx, known)))

    def look(self, seen: BookView) -> None:
        self.act(lambda ctx: self.charting.look_around(ctx, seen))

    def reply(self, data: Any) -> bool:
        outcome = ApiReply(self.requests[-1].number, self.requests[-1].operation, data)
        return bool(self.act(lambda ctx: self.charting.takes(ctx, outcome)))

    def heard(self, kind: type) -> list[Any]:
        return [note for note in self.stage.notes.all if isinstance(note, kind)]

    @property
    def requests(self) -> list[ApiRequest]:
        return self.heard(ApiRequest)


@pytest.fixture
def chart(virtual: Any) -> Chart:
    return Chart(virtual)


def test_pages_are_read_until_one_is_not_full(chart: Chart) -> None:
    chart.begin()
    first = tuple(place(number) for number in range(PAGE))
    assert chart.reply(first)
    assert chart.reply((place(99),))
    assert [request.query[0] for request in chart.requests] == [("page", "1"), ("page", "2")]
    assert {request.params["systemSymbol"] for request in chart.requests} == {"X1-T"}
    assert chart.heard(Charted) == [Charted(first), Charted((place(99),))]


def test_reading_is_not_begun_twice_at_once_but_again_after_a_failure(chart: Chart) -> None:
    chart.begin()
    chart.begin()
    assert len(chart.requests) == 1
    lost = Expired(chart.requests[-1].number)
    assert chart.act(lambda ctx: chart.charting.takes(ctx, lost))
    chart.begin()
    assert len(chart.requests) == 1, "a page that can't be had takes all permits"
    chart.stage.run(LATER)
    chart.begin()
    assert len(chart.requests) == 2


def test_a_map_that_was_half_read_by_another_is_read_to_its_end(chart: Chart) -> None:
    assert chart.begin(known=2 * PAGE)
    assert chart.requests[-1].query[0] == ("page", "3")
    assert chart.reply((place(99),))
    assert not chart.begin(known=2 * PAGE + 1)
    assert len(chart.requests) == 1


def test_a_whole_map_is_not_read_again(chart: Chart) -> None:
    assert not chart.begin(known=PAGE + 7)
    assert chart.requests == []


def test_markets_are_looked_up_one_at_a_time_in_the_background_and_each_once(chart: Chart) -> None:
    market, listed = place(2, "MARKETPLACE"), place(3, "MARKETPLACE")
    seen = view(place(1), market, listed, listed=frozenset({listed.symbol}))
    chart.look(seen)
    chart.look(seen)
    (request,) = chart.requests
    assert request.params["waypointSymbol"] == market.symbol
    assert request.lane is Lane.BACKGROUND
    assert chart.reply(Market(symbol=market.symbol))
    (fact,) = chart.heard(MarketSeen)
    assert fact.market.symbol == market.symbol
    chart.look(seen)
    assert len(chart.requests) == 1


def test_what_answers_somebody_else_is_left_to_him(chart: Chart) -> None:
    chart.begin()
    assert not chart.act(lambda ctx: chart.charting.takes(ctx, Expired(7)))
    assert chart.act(lambda ctx: chart.charting.takes(ctx, Expired(-7)))
    assert chart.heard(Charted) == []
