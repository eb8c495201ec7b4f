"""What a greedy script at its quota costs the fleet, in virtual time."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import statistics
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.inject.beginning import begin
from fleet.inject.laboratory import laboratory_props
from fleet.inject.order import ALLOWANCE, QUOTA, Order
from fleet.inject.register import Entry, Register
from fleet.inject.script import load
from fleet.inject.trusted import trusted_props
from fleet.inject.wallet import Wallet
from fleet.protocol.fleet import WRITER
from fleet.protocol.rows import Flush
from fleet.storage.tables import LEDGER
from fleet.virtual_fleet import VirtualFleet

SCENARIO: Final = "late"
SEEDS: Final = 10
BEFORE, MINUTES = 6, 60
"""Game minutes before the script joins, and for which both ways are compared: in a few minutes it
decides whether a dozen sales come before the end or after it."""


GREEDY: Final = """
from fleet import *

class Greedy(Actor):
    def on_start(self, ctx):
        for number in range(50):
            self.ask(ctx, number)

    def ask(self, ctx, number):
        request = ApiRequest(number=number, operation="get-my-agent", lane=Lane.ACTION, raw=True)
        ctx.tell(ctx.address(BUCKET), request)

    def receive(self, ctx, message):
        self.ask(ctx, message.number)
"""


def greedy_share(plan: Plan) -> Iterator[Figure]:
    """Play pairs of runs, with and without the script, and compare what came in."""
    seeds, minutes = (2, 6) if plan.quick else (SEEDS, MINUTES)
    losses, sent = [], []
    for seed, (alone, _), (beside, used) in _pairs(plan.folder, seeds, minutes):
        losses.append((1 - beside / alone) * 100)
        sent.append(used / minutes)
        plan.say(f"seed {seed}: {alone:,} alone, {beside:,} beside a greedy script")
    low, high = _interval(losses)
    share = QUOTA / ALLOWANCE * 100
    where = f"{SCENARIO}, live limits, virtual time, {minutes} game minutes"
    yield Figure(
        f"income lost beside a greedy script with {share:g} % of the allowance, {where}",
        statistics.fmean(losses),
        "%",
        reach=at_most(share),
        spread=(low, high),
        runs=seeds,
        why="" if high <= share else "the interval reaches beyond the share",
    )
    yield Figure(
        f"requests of a greedy script, {where}",
        statistics.fmean(sent),
        "per game minute",
        reach=at_most(QUOTA * 1.02 + 1),
        spread=(min(sent), max(sent)),
        runs=seeds,
    )


def _pairs(
    folder: Path, seeds: int, minutes: int
) -> Iterator[tuple[int, tuple[int, int], tuple[int, int]]]:
    """Play each seed both ways, on all cores: virtual time is the same on a busy one."""
    context = multiprocessing.get_context("spawn")
    numbers = range(1, seeds + 1)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        pairs = [
            [
                pool.submit(_play, folder / f"{seed}-{greedy}", seed, minutes, greedy=greedy)
                for greedy in (False, True)
            ]
            for seed in numbers
        ]
        for seed, (alone, beside) in zip(numbers, pairs, strict=True):
            yield seed, alone.result(), beside.result()


def _play(folder: Path, seed: int, minutes: int, *, greedy: bool) -> tuple[int, int]:
    """Tell what the fleet gained, and how many requests the script got through."""
    folder.mkdir()
    register = Register()
    fleet = VirtualFleet(
        seed,
        folder,
        scenario=SCENARIO,
        change=lambda made: replace(made, laboratory=laboratory_props(register)),
    )
    try:
        fleet.run_for(BEFORE * 60.0)
        entry = _inject(fleet) if greedy else None
        before = _income(fleet)
        fleet.run_for(minutes * 60.0)
        return _income(fleet) - before, entry.wallet.requests if entry else 0
    finally:
        fleet.close()


def _income(fleet: VirtualFleet) -> int:
    """Add up what came in so far: sales and payments. What was bought on the way is in holds."""
    fleet.ask(WRITER, Flush())
    came = select(func.sum(LEDGER.c.delta)).where(LEDGER.c.kind == "request", LEDGER.c.delta > 0)
    with fleet.store.reading() as connection:
        return int(connection.execute(came).scalar() or 0)


def _inject(fleet: VirtualFleet) -> Entry:
    order = Order(name="greedy", file="greedy.py", source=GREEDY)
    script = load(order.source, order.file, order.name, {})
    entry = Entry(order, script.kind, Wallet(order.name, 0), lambda: None, asked=0.0)
    begin(fleet.ask, entry, trusted_props(script, entry, 2.0))
    return entry


def _interval(values: list[float]) -> tuple[float, float]:
    """Tell the 95 % interval of the mean, by a bias-corrected, accelerated bootstrap."""
    if len(values) < 3:
        return min(values), max(values)
    stats: Any = importlib.import_module("scipy.stats")
    found = stats.bootstrap((values,), stats.tmean, method="BCa", rng=0).confidence_interval
    return float(found.low), float(found.high)
