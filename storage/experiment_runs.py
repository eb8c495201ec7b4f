"""The runs of offline experiments, for reports and for comparing them later.

They belong to no agent: a run plays a universe of its own. `fleet experiment` resumes from its
own file; what stands here is the copy that others can query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from fleet.storage.lease import Transactional
from fleet.storage.reader import Source
from fleet.storage.tables import EXPERIMENT_RUNS


class ExperimentRun(msgspec.Struct, frozen=True, kw_only=True):
    """One arm with one seed, played to its end."""

    experiment: str
    arm: str
    seed: int
    definition: str
    """Digest of the experiment's file."""

    seconds: float
    """Game time that was played."""

    metrics: dict[str, Any]
    """By name; credits, requests, ships, or shares of one."""

    digest: str
    """Equal for equal runs."""

    wall_seconds: float
    failed: str
    """Why it came to no end; empty for one that did."""


def keep_runs(store: Transactional, experiment: str, runs: Sequence[ExperimentRun]) -> None:
    """Replace all runs of an experiment by these, in one transaction. Raises StoreUnavailable."""
    column = EXPERIMENT_RUNS.c.experiment
    with store.transaction() as connection:
        connection.execute(delete(EXPERIMENT_RUNS).where(column == experiment))
        if runs:
            connection.execute(insert(EXPERIMENT_RUNS), [msgspec.to_builtins(run) for run in runs])


def experiment_runs(source: Source, experiment: str | None = None) -> tuple[ExperimentRun, ...]:
    """List the runs of an experiment, or of all, by arm and seed. Raises StoreUnavailable."""
    columns = EXPERIMENT_RUNS.c
    query = select(EXPERIMENT_RUNS).order_by(columns.experiment, columns.arm, columns.seed)
    if experiment is not None:
        query = query.where(columns.experiment == experiment)
    with source.reading() as connection:
        return tuple(ExperimentRun(**row._mapping) for row in connection.execute(query))
