"""A picture of a comparison: what each seed says, with the interval; needs matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet.experiments.comparison import Comparison, differences
from fleet.experiments.outcome import Outcome
from fleet.protocol.errors import SetupError

WIDTH, HEIGHT = 9.0, 2.2
"""Inches: of the picture, and of each arm's panel."""

SEED, MEAN, GAIN, LOSS = "#8c959f", "#1f2328", "#2da44e", "#cf222e"


def plot(found: Sequence[Comparison], outcomes: Sequence[Outcome], path: Path, title: str) -> None:
    """Draw each arm's differences to the baseline, seed by seed, with their mean and interval.

    Raises SetupError without matplotlib, or where the file can't be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SetupError(
            "Charts need matplotlib; install it with: pip install 'fleet[plot]'."
        ) from None
    figure = Figure(figsize=(WIDTH, HEIGHT * len(found) + 0.5), layout="constrained", dpi=110)
    figure.suptitle(title)
    panels = figure.subplots(len(found), 1, sharex=True, squeeze=False)[:, 0]
    for axes, one in zip(panels, found, strict=True):
        _panel(axes, one, differences(one.metric, one.arm, one.baseline, outcomes))
    panels[-1].set_xlabel(f"{found[0].metric}: difference to {found[0].baseline}, same seed")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise SetupError(f"The chart cannot be written to {path}: {error}.") from None


def _panel(axes: Any, found: Comparison, by_seed: dict[int, float]) -> None:
    """Draw a dot per seed from the worst to the best, and mean and interval across them."""
    values = sorted(by_seed.values())
    places = [(place + 0.5) / len(values) for place in range(len(values))]
    axes.axvline(0, color="0.6", linewidth=1, zorder=0)
    axes.scatter(values, places, color=SEED, s=18, label=f"{len(values)} seeds", zorder=2)
    color = MEAN
    if found.decided:
        color = GAIN if found.difference > 0 else LOSS
    if math.isfinite(found.high - found.low):
        label = f"95 % interval {found.low:+,.0f} to {found.high:+,.0f}"
        axes.axvspan(found.low, found.high, color=color, alpha=0.15, label=label, zorder=0)
    mean = f"mean {found.difference:+,.0f}"
    axes.axvline(found.difference, color=color, linewidth=2, label=mean, zorder=1)
    axes.set_ylabel(found.arm)
    axes.set_yticks([])
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    axes.grid(visible=True, axis="x", color="0.92")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small")
