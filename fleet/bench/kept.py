"""The figures of a bench that was interrupted, so that `--resume` goes on after them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from fleet.bench.figure import Figure

Row = dict[str, Any]


def as_row(figure: Figure, part: str) -> Row:
    """Render a figure as the JSON object that programs read."""
    told: Row = {"why": figure.why} if figure.why else {}
    if figure.bound:
        told["bound"] = True
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "spread": figure.spread,
        "runs": figure.runs,
        "paired_with": figure.paired_with or None,
        "ratio": figure.ratio,
        "reach": None if figure.reach is None else str(figure.reach),
        "ok": figure.ok,
        "part": part,
    } | told


class Kept:
    """The rows of each part that was measured to its end, in one file per bench."""

    def __init__(self, file: Path, *, resume: bool) -> None:
        self._file = file
        self._parts: dict[str, list[Row]] = self._read() if resume else {}

    def _read(self) -> dict[str, list[Row]]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, list[Row]])
        # A file that was cut off, or is of another version, is as good as none.
        except (OSError, msgspec.DecodeError):
            return {}

    def rows(self, part: str) -> list[Row] | None:
        """Show what a part measured; None when it must be measured."""
        return self._parts.get(part)

    def keep(self, part: str, rows: list[Row]) -> None:
        """Write down what a part measured."""
        self._parts[part] = rows
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(self._parts))
        fresh.replace(self._file)

    def forget(self) -> None:
        """Delete the file: the bench is complete."""
        self._file.unlink(missing_ok=True)
