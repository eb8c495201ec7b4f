"""An arm is played in virtual time, and what it does differently shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from fleet.experiment_play import play, rules_of
from fleet.experiments.outcome import Job
from fleet.protocol.errors import FleetError, UsageError

FILE = """
from fleet.actors.fleet_plan import Want
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import Experiment
from fleet.protocol.tasks import Scripted
from fleet.actors.steps import Until

def nap(ship, task):
    yield Until(ship.now() + 60.0, "naps")
    return "slept"

def sleepy(situation):
    return Scripted(behaviour="nap") if situation.ship.registration.role == "COMMAND" else None

experiment = Experiment(
    name="naps",
    arms=(
        Arm(name="plain"),
        Arm(name="few", wants=(Want("SHIP_PROBE", 2, 0),)),
        Arm(name="sleepy", behaviours={"nap": nap}, rules=(sleepy,)),
    ),
    seconds=480.0,
)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "naps.py"
    found.write_text(FILE)
    return found


def job(file: Path, arm: str, seconds: float = 240.0) -> Job:
    return Job(file=str(file), source=FILE.encode(), arm=arm, seed=1, seconds=seconds)


def test_arms_differ_and_the_same_run_has_the_same_digest(file: Path) -> None:
    plain, again = play(job(file, "plain")), play(job(file, "plain"))
    assert plain.digest == again.digest
    assert plain.metrics == again.metrics
    assert plain.metrics["owed"] == 0
    few, sleepy = play(job(file, "few")), play(job(file, "sleepy"))
    assert len({plain.digest, few.digest, sleepy.digest}) == 3
    assert few.metrics["ships"] == 3
    assert sleepy.metrics.get("income.trade_best_route", 0.0) == 0.0
    assert plain.metrics["requests"] > 100


def test_an_arm_whose_code_fails_fails_its_run_with_the_line(file: Path) -> None:
    typo = FILE.encode().replace(b"    yield Until(ship.now() + 60.0", b"    yield Untill(60.0")
    line = typo.decode().split("Untill")[0].count("\n") + 1
    with pytest.raises(FleetError, match=rf"naps.py, line {line}: .*NameError"):
        play(replace(job(file, "sleepy"), source=typo))


def test_faults_strike_each_arm_and_what_is_under_way_at_the_end_is_not_owed(file: Path) -> None:
    line = b'    faults=("latency:request=0..200,reply=0..9000", "connection-reset:p=0.02"),\n'
    struck = FILE.encode().replace(b"    seconds=480.0,\n", line + b"    seconds=480.0,\n")
    plain, slow = (
        play(replace(job(file, "plain"), source=source)) for source in (FILE.encode(), struck)
    )
    assert slow.metrics["requests"] < plain.metrics["requests"]
    assert slow.metrics["owed"] == 0


def test_an_unknown_rule_of_the_universe_is_refused() -> None:
    assert rules_of({}) is None
    with pytest.raises(UsageError, match="no such rule"):
        rules_of({"gravity": 2})
