"""Finished runs are kept through any end of the process."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from fleet.experiments.outcome import Outcome
from fleet.experiments.outcomes import Header, Outcomes
from fleet.protocol.errors import SetupError, UsageError

HEADER = Header(name="ab", definition="d1", seconds=60.0, arms=("a", "b"), metric="net_worth_gain")
ONE = Outcome(arm="a", seed=1, metrics={"gain": 1.5}, digest="x")
TWO = Outcome(arm="b", seed=1, metrics={"gain": 2.5}, digest="y")


def test_what_was_kept_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = Outcomes(tmp_path / "deep" / "ab.jsonl")
    first.open(HEADER, fresh=False)
    first.keep(ONE)
    again = Outcomes(tmp_path / "deep" / "ab.jsonl")
    again.open(HEADER, fresh=False)
    again.keep(TWO)
    assert again.read() == [ONE, TWO]
    assert again.header() == HEADER


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_that_a_kill_cut_off_is_dropped_and_the_next_one_is_whole(
    tmp_path: Path, cut: int
) -> None:
    file = tmp_path / "ab.jsonl"
    kept = Outcomes(file)
    kept.open(HEADER, fresh=False)
    kept.keep(ONE)
    kept.keep(TWO)
    file.write_bytes(file.read_bytes()[:-cut])
    kept.open(HEADER, fresh=False)
    assert kept.read() == [ONE]
    kept.keep(TWO)
    assert kept.read() == [ONE, TWO]


def test_runs_of_a_changed_experiment_are_not_mixed(tmp_path: Path) -> None:
    kept = Outcomes(tmp_path / "ab.jsonl")
    kept.open(HEADER, fresh=False)
    kept.keep(ONE)
    changed = replace(HEADER, definition="d2")
    with pytest.raises(UsageError, match="--fresh"):
        kept.open(changed, fresh=False)
    assert kept.read() == [ONE]
    kept.open(changed, fresh=True)
    assert kept.read() == []


def test_a_run_played_again_counts_once(tmp_path: Path) -> None:
    kept = Outcomes(tmp_path / "ab.jsonl")
    kept.open(HEADER, fresh=False)
    kept.keep(Outcome(arm="a", seed=1, failed="died"))
    kept.keep(ONE)
    assert kept.read() == [ONE]


@pytest.mark.parametrize(
    "lines",
    [
        "",
        '{"a": 1}\n',
        '{"name": "x", "definition": "", "seconds": 1, "arms": [], "metric": ""}\n[]\n',
    ],
)
def test_a_file_of_something_else_is_said_to_be_one(tmp_path: Path, lines: str) -> None:
    kept = Outcomes(tmp_path / "x.jsonl")
    kept.file.write_text(lines)
    with pytest.raises(SetupError, match="does not hold the runs of an experiment"):
        _ = kept.header(), kept.read()


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Outcomes(tmp_path / "file" / "ab.jsonl")
    with pytest.raises(SetupError, match=r"ab.jsonl cannot be written: "):
        kept.open(HEADER, fresh=True)
    with pytest.raises(SetupError, match="cannot be written"):
        kept.keep(ONE)
