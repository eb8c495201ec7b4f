"""What answers hold that our models don't know: new fields, and new words in closed sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from fleet.protocol.endpoints import ENDPOINTS
from fleet.protocol.wire.base import Words
from fleet.protocol.wire.decoding import decoder

PROSE = frozenset({"name", "description"})
"""Fields that models leave out on purpose."""

OLD: Mapping[str, frozenset[str]] = {
    "Route": frozenset({"departure"}),
    "YardShip": frozenset({"symbol"}),
}
"""Fields of earlier versions (observed) that a server may send still, by model."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """One thing that is new: a field, or a word in a field."""

    model: str
    field: str
    word: str | None = None

    def __str__(self) -> str:
        where = f"{self.model}.{self.field}"
        return f"the field {where}" if self.word is None else f"{self.word!r} in {where}"


def strict_decoders() -> Mapping[str, msgspec.json.Decoder[Any]]:
    """Make decoders that refuse everything new; takes some 30 ms, in one thread.

    Asking one of them costs a few microseconds, so that every reply can be looked at.
    """
    twins = _Twins()
    return {row.operation: decoder(row, twins.of(row.reply)) for row in ENDPOINTS}


def novelties(kind: Any, value: Any, where: tuple[str, str] = ("", "")) -> Iterator[Novelty]:
    """Find everything new in plain JSON that should be of a type."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if isinstance(value, dict):
            yield from _in_struct(kind, value)
    elif get_origin(kind) is Annotated:
        words = get_args(kind)[1].words
        if isinstance(value, str) and value not in words:
            yield Novelty(*where, value)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from novelties(get_args(kind)[0], inner, where)
    elif isinstance(value, dict) and get_origin(kind) is not dict:
        for choice in get_args(kind):
            yield from novelties(choice, value, where)


def _in_struct(kind: type[msgspec.Struct], value: Mapping[str, Any]) -> Iterator[Novelty]:
    known = {row.encode_name: row for row in msgspec.structs.fields(kind)}
    for name, inner in value.items():
        if name in known:
            yield from novelties(known[name].type, inner, (kind.__name__, name))
        elif name not in PROSE | OLD.get(kind.__name__, frozenset()):
            yield Novelty(kind.__name__, name)


class _Twins:
    """Makes for each model one that takes the same and nothing else."""

    def __init__(self) -> None:
        self._made: dict[type, type] = {}

    def of(self, kind: Any) -> Any:
        """Make the twin of a type."""
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in self._made:
                self._made[kind] = self._struct(kind)
            return self._made[kind]
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated and isinstance(inner[1], Words):
            return Literal[inner[1].words]
        if origin is tuple:
            item: Any = self.of(inner[0])
            return tuple[item, ...]
        if origin is None or origin is dict:
            return kind
        return Union[tuple(self.of(each) for each in inner)]  # noqa: UP007

    def _struct(self, kind: type[msgspec.Struct]) -> type:
        rows = msgspec.structs.fields(kind)
        names = {row.name: row.encode_name for row in rows}
        ignored = PROSE | OLD.get(kind.__name__, frozenset())
        more = [(name, Any, None) for name in sorted(ignored - set(names.values()))]
        return msgspec.defstruct(
            f"Strict{kind.__name__}",
            # What the server leaves out is no news.
            [*((row.name, self.of(row.type) | None, None) for row in rows), *more],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )
