"""Each example in scripts/examples is played, in a short form."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from fleet.experiment_play import play
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import FIGURES, INCOME
from fleet.experiments.experiment_file import parse, read
from fleet.experiments.outcome import Job
from fleet.inject.beginning import begin
from fleet.inject.laboratory import laboratory_props
from fleet.inject.order import Order
from fleet.inject.register import Entry, Register
from fleet.inject.script import load
from fleet.inject.trusted import trusted_props
from fleet.inject.wallet import Wallet
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.virtual_fleet import VirtualFleet

EXAMPLES = Path(__file__).resolve().parents[2] / "scripts" / "examples"
FILES = sorted(file for file in EXAMPLES.iterdir() if file.suffix in {".py", ".toml"})
SHORT = 30.0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_arm_of_an_example_can_be_played(file: Path) -> None:
    experiment = parse(file, read(file))
    digests: dict[str, list[Arm]] = {}
    for arm in experiment.arms:
        job = Job(file=str(file), source=read(file), arm=arm.name, seed=1, seconds=SHORT)
        outcome = play(job)
        assert outcome.metrics["requests"] > 0
        assert outcome.metrics["owed"] == 0
        assert {name for name in outcome.metrics if not name.startswith(INCOME)} == set(FIGURES)
        digests.setdefault(outcome.digest, []).append(arm)
    # A rule is asked at once, so an arm with one never plays as another does.
    assert all(len(arms) == 1 for arms in digests.values() if any(arm.rules for arm in arms))


def test_the_price_watcher_tells_of_every_price_that_it_sees_change(tmp_path: Path) -> None:
    events = MemoryEventLog()
    laboratory = laboratory_props(Register())
    fleet = VirtualFleet(
        1, tmp_path, events=events, change=lambda plan: replace(plan, laboratory=laboratory)
    )
    file = EXAMPLES / "injected" / "price_watcher.py"
    home = fleet.reading.agent.headquarters
    order = Order(
        name="price_watcher",
        file=str(file),
        source=file.read_text(encoding="utf-8"),
        settings={"market": home, "good": "FUEL", "every": "20"},
    )
    try:
        script = load(order.source, order.file, order.name, order.settings)
        entry = Entry(order, script.kind, Wallet(order.name, 0), lambda: None, asked=0.0)
        begin(fleet.ask, entry, trusted_props(script, entry, 2.0))
        fleet.run_for(600.0)
        assert entry.wallet.requests == pytest.approx(600 / 20, abs=1)
    finally:
        fleet.close()
    prices = [record["price"] for record in events.records("price.changed")]
    assert 1 <= len(prices) < entry.wallet.requests
    assert all(before != after for before, after in pairwise(prices))
