from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.protocol.endpoints import BY_OPERATION, ENDPOINTS
from fleet.protocol.wire.novelty import Novelty, novelties, strict_decoders

from .specification import FORMS, SERVER, Maker, described

MARKET = BY_OPERATION["get-market"].reply


def market(**changes: Any) -> dict[str, Any]:
    good = {
        "symbol": "IRON",
        "type": "EXPORT",
        "tradeVolume": 10,
        "supply": "HIGH",
        "purchasePrice": 5,
        "sellPrice": 4,
    }
    exports = [{"symbol": "IRON", "name": "Iron", "description": "Metal"}]
    return {"symbol": "M", "exports": exports, "tradeGoods": [{**good, **changes}]}


def found(value: Any) -> list[Novelty]:
    body = msgspec.json.encode({"data": value})
    try:
        strict_decoders()["get-market"].decode(body)
    except msgspec.ValidationError:
        return list(novelties(MARKET, value))
    assert list(novelties(MARKET, value)) == []
    return []


def test_what_is_known_is_no_news():
    assert found(market(activity="STRONG")) == []
    assert found({"symbol": "M"}) == []


def test_a_new_field_is_found_wherever_it_is():
    assert found(market(mood="good")) == [Novelty("TradeGood", "mood")]
    assert found(market() | {"owner": 1}) == [Novelty("Market", "owner")]


def test_a_new_word_of_a_closed_set_is_found():
    assert found(market(supply="OVERFLOWING")) == [Novelty("TradeGood", "supply", "OVERFLOWING")]


def test_what_earlier_versions_had_is_no_news():
    yard = BY_OPERATION["get-shipyard"].reply
    shown = {"symbol": "Y", "ships": [{"type": "S", "symbol": "S", "purchasePrice": 1}]}
    assert list(novelties(yard, shown)) == []
    strict_decoders()["get-shipyard"].decode(msgspec.json.encode({"data": shown}))


def test_a_new_good_is_no_news():
    assert found(market(symbol="UNOBTAINIUM")) == []


def test_it_reads_as_a_sentence_goes_on():
    assert str(Novelty("Ship", "mood")) == "the field Ship.mood"
    assert str(Novelty("Nav", "status", "LOST")) == "'LOST' in Nav.status"


@pytest.mark.parametrize("form", FORMS)
def test_what_the_servers_own_specification_allows_is_no_news(form: str):
    strict = strict_decoders()
    operations = described(SERVER)
    for row in ENDPOINTS:
        reply = operations[row.method, row.path].reply
        if reply is not None:
            told = Maker(form, 1).make(operations[row.method, row.path], reply)
            inner = told["data"] if row.wrapped else told
            assert list(novelties(row.reply, inner)) == [], row.operation
            strict[row.operation].decode(msgspec.json.encode(told))
