"""Answers as a later version of the server may give them: with fields and words that are new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fleet.protocol.transport import HttpResponse

FIELD, WORD = "unheardOf", "UNHEARD_OF"
CLOSED = frozenset({"flightMode", "supply", "activity"})
"""Fields with closed sets of words (official) in which a bot can go on with a new one."""


def newer(answer: HttpResponse) -> HttpResponse:
    """Add a field to what was asked for, and put a new word into each closed set of it."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return answer
    told = body.get("data") if isinstance(body, dict) else None
    if told is None:
        return answer
    for each in told if isinstance(told, list) else [told]:
        if isinstance(each, dict):
            each[FIELD] = True
    fresh = msgspec.json.encode({**body, "data": _reworded(told)})
    return HttpResponse(status=answer.status, headers=answer.headers, body=fresh)


def _reworded(value: Any) -> Any:
    if isinstance(value, list):
        return [_reworded(each) for each in value]
    if isinstance(value, Mapping):
        return {
            name: WORD if name in CLOSED and isinstance(inner, str) else _reworded(inner)
            for name, inner in value.items()
        }
    return value
