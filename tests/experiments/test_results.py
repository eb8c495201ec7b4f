"""Every run is a row."""

from __future__ import annotations

import csv
import io

from fleet.experiments.outcome import Outcome
from fleet.experiments.results import write_csv


def test_runs_become_rows_by_seed_and_arm_with_a_column_for_each_figure() -> None:
    rows = [
        Outcome(arm="b", seed=2, failed="died, in\nvain"),
        Outcome(arm="b", seed=1, metrics={"gain": 2.5}, digest="x", wall_seconds=1.0),
        Outcome(arm="a", seed=1, metrics={"gain": 1.5, "ships": 3.0}),
    ]
    out = io.StringIO()
    write_csv(rows, out)
    read = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [(row["seed"], row["arm"]) for row in read] == [("1", "a"), ("1", "b"), ("2", "b")]
    assert read[0]["ships"] == "3.0"
    assert read[1]["ships"] == ""
    assert read[2]["failed"] == "died, in\nvain"
