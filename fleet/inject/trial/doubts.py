"""What makes a comparison less than fair, as the books tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from fleet.durations import show_duration
from fleet.inject.trial.outcome import requests_per_minute
from fleet.inject.trial.plan import Plan
from fleet.inject.trial.split import Arm
from fleet.inject.trial.takings import Taking

STRANGE: Final = 0.05
"""Of an arm's requests, so many may come from whom it does not belong to."""

NEAR: Final = 0.9
"""An arm that sends so much of its quota was probably held up by it."""


def doubts(
    plan: Plan, takings: Sequence[Taking], *, quota: float, budget: int, spent: int
) -> tuple[str, ...]:
    """List what to know before a difference is believed, most telling first."""
    return (
        *_markets(plan, takings),
        *_strangers(takings),
        *_held_up(takings, quota=quota, budget=budget, spent=spent),
        *_left_out(plan),
    )


def _markets(plan: Plan, takings: Sequence[Taking]) -> Iterator[str]:
    trades: dict[Arm, Counter[str]] = {"A": Counter(), "B": Counter()}
    for one in takings:
        trades[one.arm].update(one.trades)
    both = sorted(trades["A"].keys() & trades["B"].keys())
    if not both:
        return
    every = trades["A"].keys() | trades["B"].keys()
    total = sum(trades["A"].values()) + sum(trades["B"].values())
    there = sum(trades[arm][market] for arm in trades for market in both)
    named = ", ".join(both[:3]) + (", …" if len(both) > 3 else "")
    where = f"in {len(both)} of {len(every)} markets ({named}; {there / total:.0%} of all trades)"
    if plan.design == "parallel":
        yield (
            f"Both arms traded {where}, at the same time: what one did to the prices, the other "
            "met. Let them take turns instead: --design switchback."
        )
    else:
        washed = show_duration(plan.terms.washed)
        yield (
            f"Both arms traded {where}, in turns: prices that take longer than the wash-out "
            f"({washed}) to recover carry over, which makes the difference look smaller."
        )


def _strangers(takings: Sequence[Taking]) -> Iterator[str]:
    arms: tuple[Arm, ...] = ("A", "B")
    for arm in arms:
        mine = [one for one in takings if one.arm == arm]
        requests, strange = sum(one.requests for one in mine), sum(one.strange for one in mine)
        if strange > STRANGE * requests:
            yield (
                f"{strange / requests:.0%} of the requests in arm {arm} were not sent by it: some "
                "ships did not change over in time, so the difference looks smaller than it is."
            )


def _held_up(takings: Sequence[Taking], *, quota: float, budget: int, spent: int) -> Iterator[str]:
    if spent >= budget and any(one.purchases for one in takings if one.arm == "A"):
        has = f"has spent its budget of {budget:,} credits" if budget else "has no --budget"
        yield f"Arm B {has} and could buy nothing more, while arm A buys as it likes."
    rate = requests_per_minute(takings, "B")
    if rate >= NEAR * quota:
        yield (
            f"Arm B sent {rate:.0f} requests a minute of its quota of {quota:g}, which held it up; "
            "arm A has no quota."
        )


def _left_out(plan: Plan) -> Iterator[str]:
    if plan.left_out:
        ships = ", ".join(plan.left_out)
        yield f"{ships} took no part: there were too few ships to compare with."
