"""The names under which an operation takes values, and the types of its body's fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

import msgspec

from fleet.protocol.endpoint import Endpoint
from fleet.protocol.errors import UsageError

PAGE = ("page", "limit")
KINDS = {str: "text", int: "whole number", bool: "true or false", float: "number"}


@dataclass(frozen=True, slots=True)
class Key:
    """One value that an operation takes."""

    name: str
    place: str
    """path, query or body."""

    needed: bool
    kind: str
    """What it takes, for people."""

    flat: bool = True
    """Whether a text can say it; the rest is written as JSON."""

    field: str = ""
    """Its name in the body, where path and body have the same name for different things."""


def keys_of(endpoint: Endpoint) -> tuple[Key, ...]:
    """List what an operation takes: path first, then body, then query."""
    query = (*endpoint.query, *(PAGE if endpoint.paged else ()))
    return (
        *(Key(name, "path", True, "text") for name in endpoint.params),
        *_body_keys(endpoint),
        *(Key(name, "query", False, "text") for name in query),
    )


def _body_keys(endpoint: Endpoint) -> list[Key]:
    if endpoint.body is None:
        return []
    rows = msgspec.structs.fields(endpoint.body)
    return [_body_key(endpoint, row.encode_name, row.required, row.type) for row in rows]


def _body_key(endpoint: Endpoint, field: str, needed: bool, type_: Any) -> Key:
    twice = field in endpoint.params
    name = f"target{field[0].upper()}{field[1:]}" if twice else field
    return Key(name, "body", needed, *_kind(_bare(type_)), field)


def _bare(kind: Any) -> Any:
    """Strip `Annotated` and `| None`."""
    inner = [each for each in get_args(kind) if each is not type(None)]
    return _bare(inner[0]) if inner and get_origin(kind) is not tuple else kind


def _kind(kind: Any) -> tuple[str, bool]:
    return (KINDS[kind], True) if kind in KINDS else ("JSON", False)


def find_key(endpoint: Endpoint, given: str) -> Key:
    """Find a key as a person writes it: any case, `-` or `_`, or an unambiguous beginning.

    Raises UsageError that tells what there is.
    """
    keys = keys_of(endpoint)
    wanted = _plain(given)
    exact = [key for key in keys if _plain(key.name) == wanted]
    begun = exact or [key for key in keys if _plain(key.name).startswith(wanted)]
    if wanted and len(begun) == 1:
        return begun[0]
    raise UsageError(f"{endpoint.operation} takes no '{given}'; {_hint(given, keys)}")


def _hint(given: str, keys: Sequence[Key]) -> str:
    names = [key.name for key in keys]
    if not names:
        return "it takes nothing."
    near = get_close_matches(given, names, 1, 0.5)
    return f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(names)}."


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()
