"""The book takes facts in, answers from them, and keeps its claims through a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from fleet.actors.market_book import Knowledge, book_props
from fleet.actors.price_curve import Quote
from fleet.protocol.clock import GameTime
from fleet.protocol.fleet import (
    BOOK,
    WRITER,
    BookQuery,
    BookView,
    Charted,
    Craft,
    Describe,
    FindSale,
    FindSource,
    FindTrade,
    MarketSeen,
    NoRoute,
    NoTrade,
    PlanRoute,
    ReleaseTrade,
    Route,
    Sale,
    Source,
    Traded,
    TradePlan,
    YardSeen,
)
from fleet.protocol.rows import Append, Rows, Upsert
from fleet.protocol.wire.market import Market, Shipyard, Symbol, TradeGood, YardShip, YardType
from fleet.protocol.wire.place import Waypoint
from fleet.runtime import Envelope, Future
from fleet.runtime.chaos import Misbehave
from fleet.simulator.rules.prices import prices

MARKETPLACE = (Symbol(symbol="MARKETPLACE"),)
PLACES = tuple(
    Waypoint(symbol=name, type="PLANET", system_symbol="X1-T", x=x, y=0, traits=MARKETPLACE)
    for name, x in {"X1-T-A": 0, "X1-T-B": 40, "X1-T-C": 44}.items()
)
A, B, C = (place.symbol for place in PLACES)
AT = GameTime(1_782_000_000.0)


def good(symbol: str, kind: str, base: float, s: float, volume: int = 20) -> TradeGood:
    ask, bid = prices(kind, base, 8, s)  # type: ignore[arg-type]
    return TradeGood(
        symbol=symbol,
        type=kind,
        trade_volume=volume,
        supply="MODERATE",
        purchase_price=ask,
        sell_price=bid,
    )


def market(symbol: str, *goods: TradeGood) -> Market:
    def listed(kind: str) -> tuple[Symbol, ...]:
        return tuple(Symbol(symbol=each.symbol) for each in goods if each.type == kind)

    return Market(
        symbol=symbol,
        exports=listed("EXPORT"),
        imports=listed("IMPORT"),
        exchange=listed("EXCHANGE"),
        trade_goods=goods,
    )


SELLS = market(A, good("TOOLS", "EXPORT", 1_000, 4.0), good("FUEL", "EXCHANGE", 70, 0.0))
BUYS = market(B, good("TOOLS", "IMPORT", 1_200, -3.0))
ALSO_BUYS = market(C, good("TOOLS", "IMPORT", 1_200, -3.0))


def craft(symbol: str = "S-1", free: int = 80) -> Craft:
    return Craft(symbol=symbol, at=A, fuel=100, fuel_capacity=100, speed=10, cargo_free=free)


def find(symbol: str = "S-1", free: int = 80) -> FindTrade:
    return FindTrade(craft=craft(symbol, free), budget=1_000_000)


class Book:
    """A book in virtual time, and a writer that notes the rows it gets."""

    def __init__(self, stage: Any, known: Callable[[], Knowledge]) -> None:
        self.stage = stage
        stage.spawn(WRITER)
        self.address = stage.system.spawn(BOOK, book_props(known, 7))
        stage.run()

    def tell(self, *messages: Any) -> None:
        for message in messages:
            self.address.tell(message)
        self.stage.run()

    def ask(self, message: Any) -> Any:
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post(BOOK, Envelope(message, system.next_id(), future=answer))
        self.stage.run()
        return answer.get(0.0)

    def crash(self) -> None:
        self.tell(Misbehave("crash"))

    @property
    def claims(self) -> list[Any]:
        return [lease.note for lease in self.stage.cell(self.address).mailbox.leases.values()]

    def rows(self, kind: type, table: str) -> list[Any]:
        notes = self.stage.notes.all
        rows = [row for note in notes for row in (note.rows if isinstance(note, Rows) else [note])]
        return [row for row in rows if isinstance(row, kind) and row.table == table]


@pytest.fixture
def book(virtual: Any) -> Book:
    """A book that knows the map and nothing else."""
    return Book(virtual, lambda: Knowledge(waypoints={place.symbol: place for place in PLACES}))


@pytest.fixture
def priced(book: Book) -> Book:
    """A book that has seen one seller and two buyers of tools."""
    book.tell(MarketSeen(SELLS, AT), MarketSeen(BUYS, AT), MarketSeen(ALSO_BUYS, AT))
    return book


def test_a_book_that_knows_no_prices_finds_nothing(book: Book) -> None:
    assert isinstance(book.ask(find()), NoTrade)
    assert isinstance(book.ask(FindSale(craft(), (("TOOLS", 5),))), NoTrade)
    assert isinstance(book.ask(FindSource(craft(), "TOOLS", 5)), NoTrade)
    assert book.claims == []


def test_markets_that_were_seen_make_trips_sales_and_sources(priced: Book) -> None:
    plan = priced.ask(find())
    assert isinstance(plan, TradePlan)
    assert (plan.good, plan.buy_at) == ("TOOLS", A)
    assert isinstance(priced.ask(FindSale(craft(), (("TOOLS", 5),))), Sale)
    source = priced.ask(FindSource(craft(), "TOOLS", 20))
    assert source == Source(A, 20 * SELLS.trade_goods[0].purchase_price, 20)  # type: ignore[index]


def test_a_good_that_is_only_listed_is_bought_at_the_nearest_market_at_a_guessed_price(
    book: Book,
) -> None:
    unpriced = Market(symbol=C, exports=(Symbol(symbol="TOOLS"),))
    book.tell(MarketSeen(unpriced, AT), MarketSeen(BUYS, AT))
    source = book.ask(FindSource(craft(), "TOOLS", 10))
    assert isinstance(source, Source)
    assert source.at == C
    assert source.cost == 10 * BUYS.trade_goods[0].sell_price  # type: ignore[index]


def test_a_look_from_afar_does_not_wipe_out_prices(priced: Book) -> None:
    priced.tell(MarketSeen(Market(symbol=A, exports=(Symbol(symbol="TOOLS"),)), AT))
    assert isinstance(priced.ask(find()), TradePlan)


def test_a_trade_of_ours_moves_the_price_that_the_next_one_is_planned_with(priced: Book) -> None:
    before = priced.ask(FindSource(craft(), "TOOLS", 20))
    priced.tell(Traded("S-2", A, "TOOLS", 40, 1_000))
    after = priced.ask(FindSource(craft(), "TOOLS", 20))
    assert after.cost > before.cost
    priced.tell(Traded("S-2", A, "TOOLS", -40, 1_000), Traded("S-2", "X1-T-Z", "TOOLS", 1, 1))
    assert abs(priced.ask(FindSource(craft(), "TOOLS", 20)).cost - before.cost) <= 20


def test_ways_follow_the_map_and_where_fuel_is_sold(book: Book) -> None:
    far = Waypoint(symbol="X1-T-F", type="ASTEROID", system_symbol="X1-T", x=141, y=0)
    assert isinstance(book.ask(PlanRoute(craft(), "X1-T-F")), NoRoute)
    book.tell(Charted((far,)))
    way = book.ask(PlanRoute(craft(), "X1-T-F"))
    assert isinstance(way, Route)
    assert [hop.to for hop in way.hops] == [C, "X1-T-F"]
    # Once it is known what C trades, nobody goes there for fuel.
    book.tell(MarketSeen(ALSO_BUYS, AT))
    without = book.ask(PlanRoute(craft(), "X1-T-F"))
    assert C not in [hop.to for hop in without.hops]
    assert without.seconds > way.seconds
    assert book.ask(Describe("X1-T-F")) == far
    assert book.ask(Describe("X1-T-Z")) is None


def test_a_claim_keeps_the_next_ship_off(priced: Book) -> None:
    first = priced.ask(find("S-1"))
    second = priced.ask(find("S-2"))
    assert first.sell_at != second.sell_at
    assert len(priced.claims) == 2
    priced.tell(ReleaseTrade("S-1"), ReleaseTrade("S-2"), ReleaseTrade("S-3"))
    assert priced.claims == []
    assert priced.ask(find("S-3")) == first


def test_a_ship_has_one_claim_at_most(priced: Book) -> None:
    first = priced.ask(find("S-1"))
    assert priced.ask(find("S-1")) == first
    assert [claim.units for claim in priced.claims] == [first.units]
    keep = FindTrade(craft=craft("S-1"), budget=0, keep=("TOOLS", A, B, 5))
    kept = priced.ask(keep)
    assert (kept.good, kept.buy_at, kept.sell_at, kept.units) == ("TOOLS", A, B, 5)
    assert [claim.units for claim in priced.claims] == [5]


def test_a_ship_that_asks_twice_before_it_is_heard_gets_both_answers_and_one_claim(
    priced: Book,
) -> None:
    answers: list[Future[Any]] = [Future(), Future()]
    system = priced.stage.system
    for answer in answers:
        system.post(BOOK, Envelope(find("S-1"), system.next_id(), future=answer))
    priced.stage.run()
    first, second = (answer.get(0.0) for answer in answers)
    assert isinstance(first, TradePlan)
    assert second == first
    assert len(priced.claims) == 1
    assert priced.stage.cell(priced.address).restarts == 0


def test_who_only_looks_is_told_of_the_trip_and_claims_nothing(priced: Book) -> None:
    looked = priced.ask(replace(find("S-1"), claim=False))
    assert isinstance(looked, TradePlan)
    assert priced.claims == []
    assert priced.ask(find("S-2")) == looked


def test_a_trip_that_brings_less_than_is_asked_for_is_none(priced: Book) -> None:
    found = priced.ask(replace(find("S-1"), claim=False))
    rate = found.gain / found.seconds
    assert isinstance(priced.ask(replace(find("S-1"), least=rate * 1.01)), NoTrade)
    assert priced.ask(replace(find("S-1"), least=rate * 0.99)) == found


def test_a_ship_that_finds_nothing_has_no_claim(priced: Book) -> None:
    assert isinstance(priced.ask(find("S-1")), TradePlan)
    assert isinstance(priced.ask(find("S-1", free=0)), NoTrade)
    assert priced.claims == []


def test_a_replaced_book_keeps_the_claims_and_reads_its_knowledge_anew(virtual: Any) -> None:
    seen = {
        place.symbol: (place_market, AT)
        for place, place_market in zip(PLACES, (SELLS, BUYS, ALSO_BUYS), strict=True)
    }
    book = Book(virtual, lambda: Knowledge({place.symbol: place for place in PLACES}, dict(seen)))
    first = book.ask(find("S-1"))
    book.crash()
    assert len(book.claims) == 1
    second = book.ask(find("S-2"))
    assert second.sell_at != first.sell_at
    book.tell(ReleaseTrade("S-1"))
    assert [claim.sell_at for claim in book.claims] == [second.sell_at]
    assert book.ask(find("S-3")).sell_at == first.sell_at


def test_a_question_that_waits_while_the_book_dies_is_answered_by_the_next(priced: Book) -> None:
    answer: Future[Any] = Future()
    system = priced.stage.system
    priced.address.tell(Misbehave("crash"))
    system.post(BOOK, Envelope(find("S-1"), system.next_id(), future=answer))
    priced.stage.run()
    assert isinstance(answer.get(0.0), NoTrade)
    assert priced.claims == []


def test_what_was_seen_is_told_to_the_writer_and_a_price_only_when_it_has_changed(
    book: Book,
) -> None:
    book.tell(MarketSeen(SELLS, AT), MarketSeen(SELLS, GameTime(AT + 60)))
    history = book.rows(Append, "price_history")
    assert [row.values["good"] for row in history] == ["TOOLS", "FUEL"]
    assert [row.values["seen_at"] for row in book.rows(Upsert, "markets")] == [AT, AT + 60]
    assert len(book.rows(Upsert, "trade_goods")) == 2, "the market's row tells when they were seen"
    dearer = market(A, good("TOOLS", "EXPORT", 1_000, 2.0), good("FUEL", "EXCHANGE", 70, 0.0))
    book.tell(MarketSeen(dearer, GameTime(AT + 90)))
    history = book.rows(Append, "price_history")
    assert [row.values["good"] for row in history] == ["TOOLS", "FUEL", "TOOLS"]
    assert len({row.id for row in history}) == 3
    book.tell(Charted(PLACES))
    assert [row.key for row in book.rows(Upsert, "waypoints")] == [(A,), (B,), (C,)]


def test_readings_that_tell_nothing_new_are_written_now_and_then_only(book: Book) -> None:
    for seconds in range(0, 65, 8):
        book.tell(MarketSeen(SELLS, GameTime(AT + seconds)))
    seen = [row.values["seen_at"] - AT for row in book.rows(Upsert, "markets")]
    assert seen == [0, 32, 64]
    assert book.ask(BookQuery()).markets_seen == ((A, AT + 64),)


def test_a_price_that_our_own_deal_has_moved_is_written_as_it_is_read(book: Book) -> None:
    book.tell(MarketSeen(SELLS, AT), Traded("S-1", A, "TOOLS", 20, 1_000))
    (tools, fuel) = SELLS.trade_goods or ()
    moved = Quote("TOOLS", "EXPORT", tools.purchase_price, tools.sell_price, 20).after(20)
    read = structs.replace(tools, purchase_price=moved.ask, sell_price=moved.bid)
    book.tell(MarketSeen(market(A, read, fuel), GameTime(AT + 5)))
    asks = [row.values["ask"] for row in book.rows(Upsert, "trade_goods") if row.key[1] == "TOOLS"]
    assert asks == [tools.purchase_price, moved.ask], "as it was predicted, and all the same new"
    assert len(book.rows(Append, "price_history")) == 3


def test_a_reading_takes_back_what_was_predicted_though_it_tells_what_the_last_one_told(
    priced: Book,
) -> None:
    before = priced.ask(find())
    priced.tell(ReleaseTrade("S-1"), Traded("S-1", A, "TOOLS", 200, 1_000))
    assert priced.ask(find()) != before
    priced.tell(ReleaseTrade("S-1"), MarketSeen(SELLS, GameTime(AT + 5)))
    assert priced.ask(find()) == before


def test_a_yard_is_offered_at_the_price_that_was_last_seen(book: Book) -> None:
    types = (YardType(type="SHIP_PROBE"), YardType(type="SHIP_SURVEYOR"))
    book.tell(YardSeen(Shipyard(symbol=A, ship_types=types), AT))
    assert book.ask(BookQuery()).offers == ((A, "SHIP_PROBE", 0), (A, "SHIP_SURVEYOR", 0))
    offer = YardShip(type="SHIP_PROBE", purchase_price=22_000)
    book.tell(YardSeen(Shipyard(symbol=A, ship_types=types, ships=(offer,)), AT))
    book.tell(YardSeen(Shipyard(symbol=A, ship_types=types), GameTime(AT + 9)))
    view = book.ask(BookQuery())
    assert isinstance(view, BookView)
    assert view.offers == ((A, "SHIP_PROBE", 22_000), (A, "SHIP_SURVEYOR", 0))
    assert [row.values["price"] for row in book.rows(Upsert, "shipyard_prices")] == [22_000]


def test_the_view_tells_which_markets_are_listed_and_which_are_priced(book: Book) -> None:
    book.tell(MarketSeen(Market(symbol=C, exports=(Symbol(symbol="TOOLS"),)), AT))
    book.tell(MarketSeen(BUYS, AT))
    view = book.ask(BookQuery())
    assert view.listed == {B, C}
    assert view.markets_seen == ((B, AT),)
    assert view.waypoints == PLACES


def test_more_questions_than_it_answers_in_a_turn_are_all_answered(book: Book) -> None:
    """Nobody asks after them, so that nothing else would remind it of those that are left."""
    system, answers = book.stage.system, [Future[Any]() for _ in range(250)]
    for answer in answers:
        system.post(BOOK, Envelope(find(), system.next_id(), future=answer))
    book.stage.run()
    assert {type(answer.get(0.0)) for answer in answers} == {NoTrade}
