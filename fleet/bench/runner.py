"""Runs the parts of a bench, one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from fleet.bench.figure import Figure
from fleet.bench.kept import Kept, Row, as_row
from fleet.bench.plan import Part, Plan


def measure(
    parts: Mapping[str, Part],
    kept: Kept,
    *,
    quick: bool,
    options: Mapping[str, str],
    say: Callable[[str], None],
) -> Iterator[Row]:
    """Measure each part, or show what is kept of it; yields the rows as they are known.

    A part that raises has failed alone: its row tells why, and the others are measured.
    """
    for name, part in parts.items():
        known = kept.rows(name)
        if known is not None:
            yield from known
            continue
        rows: list[Row] = []
        complete = True
        try:
            with tempfile.TemporaryDirectory(prefix="fleet-bench-") as folder:
                for figure in part(Plan(quick, Path(folder), say, options)):
                    rows.append(as_row(figure, name))
                    yield rows[-1]
        except Exception as failure:
            complete = False
            why = f"{type(failure).__name__}: {failure}"
            yield as_row(Figure(name, None, "", why=why), name)
        if complete:
            kept.keep(name, rows)
