"""Charts of a report as a PNG; needs matplotlib (the extra `plot`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet.protocol.errors import SetupError
from fleet.report.table import Table

WIDTH, HEIGHT = 9.0, 2.4
"""Inches: of the chart, and of each of its panels."""

MOST_BARS = 25
PANELS = {
    "hourly": (("per_hour", "credits per hour"), ("per_request", "credits per request")),
    "saturation": (
        ("seconds_per_request", "seconds per request"),
        ("wait", "mean wait in the queue, s"),
        ("longest_wait", "longest wait, s"),
    ),
}
"""Lines over time: which column, and what stands beside it."""

BARS = {"ships": ("ship", "delta"), "goods": ("good", "delta")}
"""Bars: which column names them, and which tells their length."""

LINE, GAIN, LOSS = "#1f6feb", "#2da44e", "#cf222e"


def plot(kind: str, table: Table, path: Path) -> None:
    """Draw a report. Raises SetupError without matplotlib or where the file can't be written."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SetupError(
            "Charts need matplotlib; install it with: pip install 'fleet[plot]'."
        ) from None
    figure = Figure(layout="constrained", dpi=110)
    if kind in PANELS:
        _lines(figure, kind, table)
    else:
        _bars(figure, kind, table)
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise SetupError(f"The chart cannot be written to {path}: {error}.") from None


def _lines(figure: Any, kind: str, table: Table) -> None:
    panels = PANELS[kind]
    figure.set_size_inches(WIDTH, HEIGHT * len(panels))
    figure.suptitle(table.title)
    first = table.rows[0].at if table.rows else 0.0
    all_axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)
    for axes, (field, label) in zip(all_axes[:, 0], panels, strict=True):
        points = [row for row in table.rows if getattr(row, field) is not None]
        x = [(row.at - first) / 3600 for row in points]
        axes.plot(x, [getattr(row, field) for row in points], color=LINE, marker=".")
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        axes.set_ylabel(label)
        axes.grid(visible=True, color="0.92")
        axes.yaxis.set_major_formatter(_number)
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[-1, 0].set_xlabel("game hours since the first bucket")


def _bars(figure: Any, kind: str, table: Table) -> None:
    name, value = BARS[kind]
    rows = [row for row in table.rows if getattr(row, value)]
    # The best and the worst tell most.
    shown = rows if len(rows) <= MOST_BARS else [*rows[: MOST_BARS - 8], *rows[-8:]]
    figure.set_size_inches(WIDTH, max(HEIGHT, 0.26 * len(shown) + 1.0))
    axes = figure.subplots()
    lengths = [getattr(row, value) for row in reversed(shown)]
    names = [str(getattr(row, name) or "(fleet)") for row in reversed(shown)]
    axes.barh(names, lengths, color=[GAIN if length > 0 else LOSS for length in lengths])
    title = table.title if shown is rows else f"{table.title}: the best and the worst"
    axes.set_title(title)
    axes.set_xlabel("credits")
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    axes.grid(visible=True, axis="x", color="0.92")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _number(value: float, _place: int) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 or value == 0 else f"{value:.3g}"
