"""Shows plain JSON to people: records as lines, lists of records as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PROSE = frozenset({"description"})
COLUMNS = 8
"""Columns of a table at most; `--json` has everything."""

FIRST = (
    *("symbol", "id", "registration.role", "nav.waypointSymbol", "nav.status"),
    *("fuel.current", "cargo.units", "cargo.capacity", "cooldown.remainingSeconds"),
)
"""What is looked for first: in the game's own order a ship's crew and frame stand before it."""


def render(data: Any) -> str:
    """Write data as text, one fact per line."""
    if data is None:
        return "Done; the API answers with nothing."
    if isinstance(data, list) and not data:
        return "None."
    return "\n".join(_lines(data, 0))


def _lines(data: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _field(name, value, depth)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        if all(isinstance(each, Mapping) for each in data):
            yield from (indent + line for line in _table(data))
        else:
            yield from (f"{indent}{_scalar(each)}" for each in data)
    else:
        yield f"{indent}{_scalar(data)}"


def _field(name: str, value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, Mapping | list) and value:
        yield f"{indent}{name}:"
        yield from _lines(value, depth + 1)
    else:
        yield f"{indent}{name}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case None | [] | {}:
            return "none"
        case _:
            return str(value)


def _table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    flat = [dict(_cells(record)) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    heads = sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    heads = heads[:COLUMNS]
    rows = [heads, *([record.get(name, "") for name in heads] for record in flat)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cells(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten one level: a ship's place and fuel belong into its line."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            if not prefix:
                yield from _cells(value, f"{name}.")
        elif not isinstance(value, list) and name not in PROSE:
            yield f"{prefix}{name}", _scalar(value)
