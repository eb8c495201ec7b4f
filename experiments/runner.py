"""Plays what is not played yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fleet.experiments.engine import Engine
from fleet.experiments.experiment import Experiment
from fleet.experiments.outcome import Job, Outcome, Play
from fleet.experiments.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an experiment is."""

    done: int
    """Runs that are kept, those of earlier sessions too."""

    wanted: int
    outcome: Outcome


def missing(experiment: Experiment, file: str, source: bytes, kept: list[Outcome]) -> list[Job]:
    """List the runs to play: all arms of a seed before the next seed, so that pairs get whole."""
    done = {(one.arm, one.seed) for one in kept if not one.failed}
    return [
        Job(file=file, source=source, arm=arm.name, seed=seed, seconds=experiment.seconds)
        for seed in experiment.seeds
        for arm in experiment.arms
        if (arm.name, seed) not in done
    ]


def run(
    experiment: Experiment,
    file: str,
    source: bytes,
    outcomes: Outcomes,
    engine: Engine,
    play: Play,
) -> Iterator[Progress]:
    """Play all missing runs and keep each before it is told of."""
    jobs = missing(experiment, file, source, outcomes.read())
    wanted = len(experiment.seeds) * len(experiment.arms)
    done = wanted - len(jobs)
    for outcome in engine.play(jobs, play):
        outcomes.keep(outcome)
        done += not outcome.failed
        yield Progress(done, wanted, outcome)
