"""Says in a sentence which arm is better, by how much and how sure, or when that will be known."""

from __future__ import annotations

from fleet.durations import show_duration
from fleet.inject.trial.estimate import Estimate

UNITS = {"switchback": "pairs of turns", "parallel": "units side by side"}


def sentence(
    name: str, design: str, found: Estimate | None, *, left: float | None, over: bool
) -> str:
    """Say what a trial has found.

    `left` is game seconds after the last turn, None for never; nothing is foretold once it is over.
    """
    if found is None or found.low is None or found.high is None:
        when = f" The first interval takes {show_duration(left)} of game time" if left else ""
        when += ", from the last turn's end on." if when else ""
        return f"{name} has played too little to tell its arms apart.{'' if over else when}"
    interval = f"95 % interval {found.low:+,.0f} to {found.high:+,.0f}"
    basis = f"{found.units} {UNITS[design]}"
    so_far = "" if over else " so far"
    if not found.decided:
        wait = "" if over else f"; {_wait(left)}"
        return (
            f"The arms of {name} can't be told apart{so_far}: B earns {found.difference:+,.0f} "
            f"credits per ship and hour against A, {interval}, {basis}{wait}."
        )
    word = "more" if found.difference > 0 else "less"
    share = "" if found.share is None else f" ({abs(found.share):.0%})"
    return (
        f"B of {name} earns {abs(found.difference):,.0f} credits per ship and hour{share} {word} "
        f"than A{so_far}: {interval}, {basis}."
    )


def _wait(left: float | None) -> str:
    if left is None:
        return "if it stays like this, more turns alone will hardly decide it"
    if left <= 0:
        return "by what was seen, that should have been decided: a few more turns will tell"
    return f"if it stays like this, that takes {show_duration(left)} more of game time"
