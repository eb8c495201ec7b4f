"""What a reply of the API did to the credits, as rows of the ledger; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fleet.protocol.clock import from_iso
from fleet.protocol.rows import Append

OPENING = "opening"
REQUEST = "request"
RECONCILED = "reconciled"

SIGNS: Mapping[str, int] = {
    "purchase-cargo": -1,
    "sell-cargo": 1,
    "refuel-ship": -1,
    "purchase-ship": -1,
    "jump-ship": -1,
    "create-chart": 1,
    "install-mount": -1,
    "remove-mount": -1,
    "install-ship-module": -1,
    "remove-ship-module": -1,
    "repair-ship": -1,
    "scrap-ship": 1,
}
"""Operations whose reply has a transaction, and whether we get its price or pay it (official)."""

PAYMENTS: Mapping[str, str] = {
    "accept-contract": "onAccepted",
    "fulfill-contract": "onFulfilled",
}
"""Operations that pay a part of the contract in their reply (official)."""

TYPES: Mapping[str, str] = {
    "purchase-cargo": "PURCHASE",
    "sell-cargo": "SELL",
    "refuel-ship": "REFUEL",
    "purchase-ship": "SHIP",
    "jump-ship": "JUMP",
    "create-chart": "CHART",
    "install-mount": "INSTALL",
    "remove-mount": "REMOVE",
    "install-ship-module": "INSTALL",
    "remove-ship-module": "REMOVE",
    "repair-ship": "REPAIR",
    "scrap-ship": "SCRAP",
    "accept-contract": "CONTRACT_ACCEPTED",
    "fulfill-contract": "CONTRACT_FULFILLED",
}
"""How the transactions table names each operation; one name per cause of income or cost."""


class CreditEffect(msgspec.Struct, frozen=True, kw_only=True):
    """One change of credits by one reply."""

    operation: str
    ship: str | None
    delta: int
    """Credits gained, or lost if negative; 0 for fuel from the hold."""

    credits_after: int | None = None
    """What the API says the agent has now; None where the reply does not tell."""

    type: str
    good: str | None = None
    """A good, a mount or module, or the type of the ship bought."""

    units: int | None = None
    price_per_unit: int | None = None
    waypoint: str | None = None
    at: float | None = None
    """When it happened on the server's clock; None where the reply does not tell."""


def effects(operation: str, ship: str | None, reply: Mapping[str, Any]) -> tuple[CreditEffect, ...]:
    """Tell what a reply did to the credits.

    `reply` is the decoded body, with or without its `data` envelope. A reply that names no
    price has no effect here: if credits did change, the next audit finds the difference.
    """
    data = _mapping(reply.get("data")) or reply
    if operation in PAYMENTS:
        return _payment(operation, ship, data)
    if operation in SIGNS:
        return _transaction(operation, ship, data)
    return ()


def ledger_rows(
    effect: CreditEffect,
    *,
    row_id: str,
    request_id: str | None,
    behaviour: str | None,
    at: float,
) -> tuple[Append, Append]:
    """Make the ledger row and its transaction; both have the same id.

    `at` is game time, used for both unless the reply told a better one for the transaction.
    """
    ledger = {
        "kind": REQUEST,
        "request_id": request_id,
        "ship": effect.ship,
        "operation": effect.operation,
        "good": effect.good,
        "units": effect.units,
        "delta": effect.delta,
        "credits_after": effect.credits_after,
        "behaviour": behaviour,
        "at": at,
    }
    transaction = {
        "type": effect.type,
        "ship": effect.ship,
        "waypoint": effect.waypoint,
        "good": effect.good,
        "units": effect.units,
        "price_per_unit": effect.price_per_unit,
        "total_price": abs(effect.delta),
        "at": at if effect.at is None else effect.at,
    }
    return Append("ledger", row_id, ledger), Append("transactions", row_id, transaction)


def opening(amount: int, *, row_id: str, at: float) -> Append:
    """Make the first row of a namespace's ledger: the credits when the fleet met the agent."""
    values = {"kind": OPENING, "delta": amount, "credits_after": amount, "at": at}
    return Append("ledger", row_id, values)


def _transaction(
    operation: str, ship: str | None, data: Mapping[str, Any]
) -> tuple[CreditEffect, ...]:
    told = _mapping(data.get("transaction"))
    price = _whole(told.get("price" if operation == "purchase-ship" else "totalPrice"))
    if price is None:
        return ()
    return (
        CreditEffect(
            operation=operation,
            ship=ship,
            delta=SIGNS[operation] * price,
            credits_after=_credits(data),
            type=TYPES[operation],
            good=_good(operation, told),
            units=1 if operation == "purchase-ship" else _whole(told.get("units")),
            price_per_unit=_whole(told.get("pricePerUnit")),
            waypoint=_text(told.get("waypointSymbol")),
            at=_instant(told.get("timestamp")),
        ),
    )


def _payment(operation: str, ship: str | None, data: Mapping[str, Any]) -> tuple[CreditEffect, ...]:
    terms = _mapping(_mapping(data.get("contract")).get("terms"))
    paid = _whole(_mapping(terms.get("payment")).get(PAYMENTS[operation]))
    if paid is None:
        return ()
    return (
        CreditEffect(
            operation=operation,
            ship=ship,
            delta=paid,
            credits_after=_credits(data),
            type=TYPES[operation],
        ),
    )


def _good(operation: str, told: Mapping[str, Any]) -> str | None:
    if operation == "purchase-ship":
        # The server puts the type of the ship into `shipSymbol` too, for older clients.
        return _text(told.get("shipType")) or _text(told.get("shipSymbol"))
    return _text(told.get("tradeSymbol"))


def _credits(data: Mapping[str, Any]) -> int | None:
    return _whole(_mapping(data.get("agent")).get("credits"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _instant(value: Any) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        return from_iso(value)
    except ValueError:
        return None
