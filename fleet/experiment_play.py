"""Plays one run of an experiment: a whole fleet and its universe in virtual time."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from fleet.actors.behaviours import Behaviours
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import Experiment
from fleet.experiments.experiment_file import parse
from fleet.experiments.outcome import Job, Outcome
from fleet.host.tree import Plan
from fleet.inject.script import place_in
from fleet.protocol.errors import FleetError, UsageError
from fleet.quiet_heap import quiet_heap
from fleet.runtime.clocks import SystemClock
from fleet.simulator import Rules
from fleet.virtual_fleet import VirtualFleet


def play(job: Job) -> Outcome:
    """Play a run in a folder that is gone afterwards; takes seconds of this core."""
    experiment = parse(Path(job.file), job.source)
    arm = experiment.arm(job.arm)
    clock = SystemClock()
    began = clock.monotonic()
    with tempfile.TemporaryDirectory(prefix="fleet-run-") as folder:
        metrics, digest = _play(experiment, arm, job, Path(folder))
    took = clock.monotonic() - began
    return Outcome(arm=arm.name, seed=job.seed, metrics=metrics, digest=digest, wall_seconds=took)


class FirstCrash:
    """An event sink that keeps what an actor crashed of: an arm at fault proves nothing."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.first = ""
        """What happened, with the line of the experiment's file where it has one; or empty."""

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        """Look at an event."""
        if event == "actor.crashed" and not self.first:
            place = place_in(str(fields.get("stack", "")), self._file)
            self.first = text if place == self._file else f"{place}: {text}"


def _play(experiment: Experiment, arm: Arm, job: Job, folder: Path) -> tuple[dict[str, float], str]:
    crashes = FirstCrash(job.file)
    fleet = VirtualFleet(
        job.seed,
        folder,
        events=crashes,
        scenario=experiment.scenario,
        ships=arm.ships,
        latency=experiment.latency,
        faults=experiment.faults,
        rules=rules_of({**experiment.universe, **arm.universe}),
        change=lambda plan: changed(plan, arm),
    )
    try:
        start = fleet.net_worth()
        with quiet_heap():
            fleet.run_while(lambda: not crashes.first, limit=job.seconds)
        if crashes.first:
            raise FleetError(crashes.first)
        digest, metrics = fleet.digest(), metrics_of(fleet, start)
        # Last: it may take game time.
        return {**metrics, "owed": float(fleet.owed())}, digest
    finally:
        fleet.close()


def rules_of(given: Mapping[str, Any]) -> Rules | None:
    """Make rules of the universe of those that differ. Raises UsageError for an unknown one."""
    if not given:
        return None
    try:
        return msgspec.convert(dict(given), Rules)
    except msgspec.ValidationError as error:
        raise UsageError(f"the universe has no such rule: {error}") from error


def changed(plan: Plan, arm: Arm) -> Plan:
    """Build an arm into the plan of the tree."""
    conductor = replace(
        plan.conductor,
        wants=arm.wants,
        rules=arm.rules,
        parking=arm.parking,
        behaviours=Behaviours(arm.behaviours),
    )
    return replace(plan, conductor=conductor, bucket=replace(plan.bucket, policy=arm.policy))


def metrics_of(fleet: VirtualFleet, start: int) -> dict[str, float]:
    """Count what a run came to: credits, requests, ships, and income by behaviour."""
    gain = fleet.net_worth() - start
    seen = fleet.observe()
    income: dict[str, float] = {}
    for ship in seen.ships:
        for behaviour, amount in ship.income:
            income[f"income.{behaviour}"] = income.get(f"income.{behaviour}", 0.0) + amount
    requests = seen.bucket.requests if seen.bucket else 0
    return {
        "net_worth_gain": float(gain),
        "credits": float(fleet.credits),
        "requests": float(requests),
        "credits_per_request": gain / requests if requests else 0.0,
        "refused_429": float(seen.bucket.outcomes.get("limited", 0) if seen.bucket else 0),
        "ships": float(len(seen.ships)),
        "contracts_fulfilled": float(seen.fleet.contracts_fulfilled if seen.fleet else 0),
        **income,
    }
