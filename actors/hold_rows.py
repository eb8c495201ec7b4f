"""What a reply did to holds, as rows: made where the reply is read, like those of the ledger.

A ship that is stopped or killed before it hears of the reply would leave a stale hold otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.protocol.api import ApiReply, ApiRequest
from fleet.protocol.clock import GameTime
from fleet.protocol.rows import Append, Delete, Row, Upsert
from fleet.protocol.wire.replies import Extracted, Siphoned
from fleet.protocol.wire.ship import Cargo

TAKES_OUT: Mapping[str, str] = {
    "sell-cargo": "symbol",
    "jettison": "symbol",
    "transfer-cargo": "tradeSymbol",
    "deliver-contract": "tradeSymbol",
    "supply-construction": "tradeSymbol",
}
"""Operations that take a good out of the hold, and where their body names it (official)."""


def hold_rows(request: ApiRequest, reply: object, row_id: str, at: GameTime) -> list[Row]:
    """Make the rows of a mutating request's reply: the hold, and what came out of the ground."""
    if not isinstance(reply, ApiReply) or not request.mutating or request.ship is None:
        return []
    body: Mapping[str, Any] = request.body or {}
    good = body.get(TAKES_OUT.get(request.operation, ""))
    rows = _cargo_rows(request.ship, good, getattr(reply.data, "cargo", None))
    target = body.get("shipSymbol")
    if isinstance(target, str):
        rows += _cargo_rows(target, None, getattr(reply.data, "target_cargo", None))
    if isinstance(reply.data, Extracted | Siphoned):
        rows.append(_extraction_row(request.ship, body, reply.data, row_id, at))
    return rows


def _cargo_rows(ship: str, taken: str | None, cargo: object) -> list[Row]:
    if not isinstance(cargo, Cargo):
        return []
    held = {item.symbol: item.units for item in cargo.inventory}
    rows: list[Row] = [
        Upsert("ship_cargo", (ship, good), {"units": units}) for good, units in held.items()
    ]
    if taken is not None and taken not in held:
        rows.append(Delete("ship_cargo", (ship, taken)))
    return rows


def _extraction_row(
    ship: str, body: Mapping[str, Any], reply: Extracted | Siphoned, row_id: str, at: GameTime
) -> Append:
    told = reply.extraction if isinstance(reply, Extracted) else reply.siphon
    # A survey goes as the body itself, or in it.
    survey = body.get("survey", body)
    values = {
        "ship": ship,
        "waypoint": survey.get("symbol"),
        "survey": survey.get("signature"),
        "good": told.yield_.symbol,
        "units": told.yield_.units,
        "at": at,
    }
    return Append("extractions", row_id, values)
