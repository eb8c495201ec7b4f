"""Holds are written down with the reply that changed them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.actors.hold_rows import hold_rows
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.rows import Append, Delete, Upsert
from fleet.protocol.wire.decoding import decode_body

CARGO = {"capacity": 40, "units": 7, "inventory": [{"symbol": "IRON", "units": 7}]}


def request(operation: str, body: Any = None) -> ApiRequest:
    return ApiRequest(number=1, operation=operation, lane=Lane.ACTION, ship="S-1", body=body)


def rows_of(operation: str, reply: dict[str, Any], body: Any = None) -> list[Any]:
    read = decode_body(operation, msgspec.json.encode({"data": reply}))
    told = ApiReply(1, operation, read)
    return hold_rows(request(operation, body), told, "1-2", GameTime(5.0))


def test_what_an_extraction_brought_is_written_with_the_hold() -> None:
    found = {"shipSymbol": "S-1", "yield": {"symbol": "IRON", "units": 3}}
    cooldown = {"shipSymbol": "S-1", "totalSeconds": 70, "remainingSeconds": 70}
    reply = {"extraction": found, "cooldown": cooldown, "cargo": CARGO}
    survey = {"signature": "X1-A-B-1", "symbol": "X1-A-B", "deposits": []}
    rows = rows_of("extract-resources-with-survey", reply, survey)
    assert rows[0] == Upsert("ship_cargo", ("S-1", "IRON"), {"units": 7})
    assert isinstance(rows[1], Append)
    assert (rows[1].table, rows[1].id) == ("extractions", "1-2")
    assert rows[1].values == {
        "ship": "S-1",
        "waypoint": "X1-A-B",
        "survey": "X1-A-B-1",
        "good": "IRON",
        "units": 3,
        "at": 5.0,
    }


@pytest.mark.parametrize(("good", "gone"), [("GOLD", True), ("IRON", False)])
def test_a_good_that_was_thrown_out_altogether_goes(good: str, gone: bool) -> None:
    rows = rows_of("jettison", {"cargo": CARGO}, {"symbol": good, "units": 1})
    assert (Delete("ship_cargo", ("S-1", good)) in rows) is gone
    assert Upsert("ship_cargo", ("S-1", "IRON"), {"units": 7}) in rows


def test_a_transfer_fills_the_other_hold_too() -> None:
    target = {"capacity": 40, "units": 2, "inventory": [{"symbol": "GOLD", "units": 2}]}
    body = {"shipSymbol": "S-2", "tradeSymbol": "GOLD", "units": 2}
    rows = rows_of("transfer-cargo", {"cargo": CARGO, "targetCargo": target}, body)
    assert Upsert("ship_cargo", ("S-2", "GOLD"), {"units": 2}) in rows
    assert Delete("ship_cargo", ("S-1", "GOLD")) in rows


def test_a_refusal_changes_no_hold() -> None:
    refusal = ApiRefusal(1, "jettison", 400, 4217, "no such cargo", {})
    assert hold_rows(request("jettison"), refusal, "1-2", GameTime(5.0)) == []
