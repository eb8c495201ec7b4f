from __future__ import annotations

import pytest

from fleet.storage.experiment_runs import ExperimentRun, experiment_runs, keep_runs


def _run(arm: str, seed: int, **changes) -> ExperimentRun:
    values = {"definition": "d", "seconds": 3600.0, "digest": "x", "wall_seconds": 1.5}
    values |= {"metrics": {"net_worth_gain": 5.5}, "failed": "", **changes}
    return ExperimentRun(experiment="e", arm=arm, seed=seed, **values)


def test_kept_runs_are_read_by_arm_and_seed_and_kept_again_they_are_replaced(copy_url, opened):
    store = opened(copy_url)
    runs = [_run("b", 1), _run("a", 2**40), _run("a", 1, failed="it fell")]
    keep_runs(store, "e", runs)
    assert experiment_runs(store) == (runs[2], runs[1], runs[0])
    keep_runs(store, "other", [])
    keep_runs(store, "e", [_run("a", 1, metrics={})])
    assert experiment_runs(store, "e") == (_run("a", 1, metrics={}),)
    assert experiment_runs(store, "other") == ()


def test_runs_that_cannot_all_be_kept_leave_what_was_there(copy_url, opened):
    store = opened(copy_url)
    keep_runs(store, "e", [_run("a", 1)])
    with pytest.raises(Exception, match=r"UNIQUE|duplicate"):
        keep_runs(store, "e", [_run("b", 1), _run("b", 1)])
    assert experiment_runs(store) == (_run("a", 1),)
