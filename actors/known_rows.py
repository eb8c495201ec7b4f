"""What a reply tells of contracts and of the universe, as rows: made where the reply is read."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fleet.protocol.api import ApiReply
from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.rows import Upsert
from fleet.protocol.wire.contract import Contract
from fleet.protocol.wire.place import Construction, JumpGate, System

TELLING = frozenset(
    {
        "get-contracts",
        "get-contract",
        "negotiate-contract",
        "accept-contract",
        "deliver-contract",
        "fulfill-contract",
        "get-systems",
        "get-system",
        "get-jump-gate",
        "get-construction",
        "supply-construction",
    }
)
"""Operations whose replies hold such things; of all others nothing is looked at."""


def known_rows(reply: object, at: GameTime) -> Iterator[Upsert]:
    """Make the rows of what a reply tells."""
    if not isinstance(reply, ApiReply) or reply.operation not in TELLING:
        return
    told = reply.data
    things = told if isinstance(told, list | tuple) else (told, *_held(told))
    for thing in things:
        row = _row(thing, at)
        if row is not None:
            yield row


def _held(told: object) -> Iterator[object]:
    """Give what a mutating operation tells beside the rest."""
    for name in ("contract", "construction"):
        if (held := getattr(told, name, None)) is not None:
            yield held


def _row(thing: object, at: GameTime) -> Upsert | None:
    match thing:
        case Contract():
            return _contract(thing)
        case System():
            factions = [faction.symbol for faction in thing.factions]
            place = {"type": thing.type, "x": thing.x, "y": thing.y}
            return Upsert("systems", (thing.symbol,), place | {"factions": factions, "seen_at": at})
        case JumpGate():
            values = {"connections": list(thing.connections), "seen_at": at}
            return Upsert("jump_gates", (thing.symbol,), values)
        case Construction():
            materials = msgspec.to_builtins(thing.materials)
            values = {"complete": thing.is_complete, "materials": materials, "seen_at": at}
            return Upsert("construction", (thing.symbol,), values)
    return None


def _contract(told: Contract) -> Upsert | None:
    deadline = _time(told.terms.deadline)
    if deadline is None:
        return None
    values = {
        "faction": told.faction_symbol,
        "type": told.type,
        "accepted": told.accepted,
        "fulfilled": told.fulfilled,
        "deadline_to_accept": _time(told.deadline_to_accept or told.expiration),
        "deadline": deadline,
        "on_accepted": told.terms.payment.on_accepted,
        "on_fulfilled": told.terms.payment.on_fulfilled,
        "body": msgspec.to_builtins(told),
    }
    return Upsert("contracts", (told.id,), values)


def _time(text: str) -> float | None:
    try:
        return from_iso(text)
    except ValueError:
        return None
