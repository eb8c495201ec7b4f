"""All missing runs are played, pairs first, and none twice."""

from __future__ import annotations

from pathlib import Path

from fleet.experiments.engine import InOrder
from fleet.experiments.experiment import Experiment
from fleet.experiments.outcome import Job, Outcome
from fleet.experiments.outcomes import Header, Outcomes
from fleet.experiments.runner import missing, run

HEADER = Header(name="ab", definition="d", seconds=1.0, arms=("a", "b"), metric="net_worth_gain")


def opened(folder: Path) -> Outcomes:
    kept = Outcomes(folder / "ab.jsonl")
    kept.open(HEADER, fresh=False)
    return kept


def play(job: Job) -> Outcome:
    return Outcome(arm=job.arm, seed=job.seed, metrics={"gain": float(job.seed)})


def test_all_arms_of_a_seed_are_played_before_the_next_seed(experiment: Experiment) -> None:
    jobs = missing(experiment, "f", b"", [])
    assert [(job.seed, job.arm) for job in jobs[:4]] == [
        (1, "plain"),
        (1, "better"),
        (2, "plain"),
        (2, "better"),
    ]
    assert len(jobs) == 12


def test_an_interrupted_experiment_goes_on_where_it_was(
    experiment: Experiment, tmp_path: Path
) -> None:
    first = run(experiment, "f", b"", opened(tmp_path), InOrder(), play)
    for _ in range(5):
        next(first)
    first.close()
    rest = list(run(experiment, "f", b"", opened(tmp_path), InOrder(), play))
    assert len(rest) == 7
    assert (rest[0].done, rest[-1].done, rest[-1].wanted) == (6, 12, 12)
    assert len(opened(tmp_path).read()) == 12


def test_a_run_that_fails_is_told_kept_and_played_again_next_time(
    experiment: Experiment, tmp_path: Path
) -> None:
    def fragile(job: Job) -> Outcome:
        if job.seed == 2:
            raise ZeroDivisionError("an arm divides by zero")
        return play(job)

    steps = list(run(experiment, "f", b"", opened(tmp_path), InOrder(), fragile))
    failed = [step.outcome for step in steps if step.outcome.failed]
    assert {one.seed for one in failed} == {2}
    assert failed[0].failed == "ZeroDivisionError: an arm divides by zero"
    assert steps[-1].done == 10
    again = list(run(experiment, "f", b"", opened(tmp_path), InOrder(), play))
    assert [(step.outcome.seed, step.outcome.arm) for step in again] == [
        (2, "plain"),
        (2, "better"),
    ]
