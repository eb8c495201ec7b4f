"""Plays an experiment for whoever waits at a terminal, and keeps its runs in file and database."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fleet.cli.output import terminal
from fleet.config import Config
from fleet.durations import parse_duration
from fleet.experiment_check import check_universes
from fleet.experiment_play import play
from fleet.experiments.engine import Engine
from fleet.experiments.experiment import Experiment
from fleet.experiments.experiment_file import digest, parse, read
from fleet.experiments.outcomes import Header, Outcomes
from fleet.experiments.runner import Progress as Step
from fleet.experiments.runner import run
from fleet.protocol.errors import SetupError, UsageError
from fleet.storage.engine import Store, open_store
from fleet.storage.errors import StoreUnavailable
from fleet.storage.experiment_runs import ExperimentRun, keep_runs

SCHEDULER = re.compile(r"[^\s/]+:[0-9]{1,5}")
"""Host and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line says differently from the file; None for what it does not."""

    name: str | None = None
    seeds: int | None = None
    length: str | None = None
    """Game time of a run, such as 6h."""

    engine: str = "processes"
    workers: int | None = None
    fresh: bool = False
    """Forget the runs that are kept."""

    quiet: bool = False
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Played:
    """What there is now."""

    experiment: Experiment
    outcomes: Outcomes
    failed: int
    """Runs of this time that came to no end."""


def run_experiment(config: Config, file: Path, wishes: Wishes) -> Played:
    """Play what is missing. Raises UsageError or SetupError before any kept run is touched."""
    source = read(file)
    experiment = _shaped(parse(file, source), wishes)
    check_universes(experiment)
    engine = _engine(wishes.engine, wishes.workers)
    with closing(_store(config)) as store:
        outcomes = Outcomes(config.data_dir / "experiments" / f"{experiment.name}.jsonl")
        header = _header(experiment, source)
        outcomes.open(header, fresh=wishes.fresh)
        steps = run(experiment, str(file.resolve()), source, outcomes, engine, play)
        try:
            failed = _play(experiment.name, steps, quiet=wishes.quiet)
        finally:
            _keep(store, header, outcomes)
    return Played(experiment, outcomes, failed)


def _shaped(experiment: Experiment, wishes: Wishes) -> Experiment:
    if wishes.name is not None:
        experiment = replace(experiment, name=wishes.name)
    if wishes.seeds is not None:
        experiment = replace(experiment, seeds=tuple(range(1, wishes.seeds + 1)))
    if wishes.length is not None:
        try:
            experiment = replace(experiment, seconds=parse_duration(wishes.length))
        except ValueError as error:
            raise UsageError(f"--game: {error}") from error
    experiment.check()
    return experiment


def _header(experiment: Experiment, source: bytes) -> Header:
    return Header(
        name=experiment.name,
        definition=digest(source),
        seconds=experiment.seconds,
        arms=tuple(arm.name for arm in experiment.arms),
        metric=experiment.metric,
    )


def _engine(name: str, workers: int | None) -> Engine:
    if workers is not None and workers < 1:
        raise UsageError("--workers must be 1 or more")
    if name.startswith("dask://"):
        if workers is not None:
            raise UsageError("--workers is for processes; a dask cluster has its own workers")
        from fleet.experiments.dask_engine import DaskEngine

        address = name.removeprefix("dask://")
        if not SCHEDULER.fullmatch(address):
            raise UsageError(f"{name} names no scheduler; give dask://HOST:PORT")
        return DaskEngine(address)
    if name != "processes":
        raise UsageError(f"there is no engine {name!r}; give processes or dask://HOST:PORT")
    from fleet.experiments.processes import Processes

    return Processes(workers or os.cpu_count() or 1)


def _store(config: Config) -> Store:
    if config.database is None:
        try:
            config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as failure:
            raise SetupError(f"{config.data_dir} cannot be made: {failure.strerror}.") from None
    return open_store(config.database_url)


def _play(name: str, steps: Iterator[Step], *, quiet: bool) -> int:
    """Play what is missing under a progress bar; tells how many runs failed."""
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[runs]}"))
    with Progress(*columns, TimeRemainingColumn(), console=terminal(), disable=quiet) as bar:
        task = bar.add_task(name, total=None, runs="")
        for step in steps:
            failed += bool(step.outcome.failed)
            runs = f"{step.done} of {step.wanted} runs"
            bar.update(task, total=step.wanted, completed=step.done, runs=runs)
            if step.outcome.failed:
                one = step.outcome
                typer.echo(f"{one.arm}, seed {one.seed}, failed: {one.failed}", err=True)
    return failed


def _keep(store: Store, header: Header, outcomes: Outcomes) -> None:
    """Copy all finished runs into the database; those that are kept in the file stay there."""
    runs = [
        ExperimentRun(
            experiment=header.name,
            definition=header.definition,
            seconds=header.seconds,
            **msgspec.structs.asdict(one),
        )
        for one in outcomes.read()
    ]
    try:
        keep_runs(store, header.name, runs)
    except StoreUnavailable as failure:
        typer.echo(f"The runs are in {outcomes.file}, but not in the database: {failure}", err=True)
