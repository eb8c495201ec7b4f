"""A report as a table: columns with names, rows with values."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `field` names the value in a row, `title` what people read."""

    field: str
    title: str
    unit: str = ""
    """`time`, `number`, `ratio`, or nothing for text."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a report tells."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Any, ...]
    """Structs with the columns' fields."""

    def text(self) -> str:
        """Render for a terminal of any kind."""
        if not self.rows:
            return f"{self.title}: there is nothing yet."
        cells = [[column.title for column in self.columns], *map(self._cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join([self.title, *(self._line(row, widths) for row in cells)])

    def _cells(self, row: Any) -> list[str]:
        return [_shown(getattr(row, column.field), column.unit) for column in self.columns]

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            cell.rjust(width) if column.unit else cell.ljust(width)
            for cell, width, column in zip(cells, widths, self.columns, strict=True)
        ]
        return "  ".join(padded).rstrip()

    def csv(self) -> str:
        """Render as CSV: names of fields, raw values, nothing where there is none."""
        output = io.StringIO()
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow([column.field for column in self.columns])
        for row in self.rows:
            values = [getattr(row, column.field) for column in self.columns]
            writer.writerow(["" if value is None else value for value in values])
        return output.getvalue().rstrip("\n")


def _shown(value: Any, unit: str) -> str:
    if value is None:
        return "-"
    match unit:
        case "time":
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M}"
        case "number":
            return f"{value:,.0f}"
        case "ratio":
            return f"{value:,.2f}"
    return str(value)
