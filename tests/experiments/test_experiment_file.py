"""A file says what is compared; a broken one says where it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.actors.fleet_plan import PLAN, Want
from fleet.experiments.experiment_file import digest, parse, read
from fleet.protocol.errors import UsageError

MADE = """
from fleet import Arm, Experiment
experiment = Experiment(name='x', arms=(Arm(name='a'), Arm(name='b')), {})
"""
ARMS = '[[arms]]\nname = "x"\n[[arms]]\nname = "y"\n'
LINES = {
    'seeds = "abc"': "seeds: Expected int",
    "seeds = [-1]": "whole numbers from 0",
    "seeds = [1000000000]": "whole numbers from 0 to 999999999",
    'hours = "6h"': "hours: Expected float",
    "hours = inf": "duration",
    'latency = "x"': "latency: Expected float",
    'faults = "cut"': "faults: Expected array",
    'metrics = "ships"': "metrics: Expected array",
    "name = 5": "name: Expected str",
    '[[arms]]\nname = "z"\nships = "3"': r"arms\[0\].ships: Expected int",
    '[[arms]]\nname = "z"\nships = 0': "arm z: ships is a number of 1 or more",
    '[[arms]]\nname = "z"\nrules = ["x"]': "more for an arm in a Python file",
    '[[arms]]\nname = "z"\nwants = [["SHIP_X", 1, 2]]': "has no work for .*SHIP_X.* SHIP_PROBE",
    '[[arms]]\nname = "z"\nparking = {shares = 1}': "parking has no setting shares; it has share",
}


def test_a_toml_file_names_arms_seeds_and_hours(toml: Path) -> None:
    found = parse(toml, read(toml))
    assert found.name == "probes"
    assert found.seeds == (1, 2, 3)
    assert found.seconds == 7_200.0
    assert [arm.name for arm in found.arms] == ["default", "many"]
    assert found.arms[0].wants == PLAN
    assert found.arms[1].wants == (Want("SHIP_PROBE", 9, 1_000),)
    assert found.arms[1].ships == 60


def test_a_python_file_may_bring_behaviours_and_rules(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from fleet.experiments.arm import Arm\n"
        "from fleet.experiments.experiment import Experiment\n"
        "def rest(ship, task):\n    yield from ()\n    return 'rested'\n"
        "experiment = Experiment(name='rest', arms=(Arm(name='a'),"
        " Arm(name='b', behaviours={'park': rest}, rules=(lambda situation: None,))))\n"
    )
    found = parse(file, read(file))
    assert set(found.arms[1].behaviours) == {"park"}
    assert found.arms[1].rules[0](None) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.py", "experiment = 1 +\n", "line 1"),
        ("a.py", "x = 1\ny = x / 0\n", "line 2: ZeroDivisionError"),
        ("a.py", "x = 1\n", "defines no experiment"),
        ("a.toml", "[[arms]\n", "a.toml"),
        ("a.toml", '[[arms]]\nname = "x"\n', "two arms or more"),
        ("a.toml", '[[arms]]\nname = "x"\n[[arms]]\nname = "x"\n', "its own name"),
        ("a.toml", '[[arms]]\nname = "x"\nboats = 3\n[[arms]]\nname = "y"\n', "boats"),
        ("a.toml", 'speed = 3\n[[arms]]\nname = "x"\n[[arms]]\nname = "y"\n', "speed"),
        ("a.toml", 'seeds = 0\n[[arms]]\nname = "x"\n[[arms]]\nname = "y"\n', "seeds"),
        ("a.toml", 'hours = 0\n[[arms]]\nname = "x"\n[[arms]]\nname = "y"\n', "duration"),
        ("a.toml", '[[arms]]\nname = "x y"\n[[arms]]\nname = "y"\n', "no name"),
        ("a.toml", '[[arms]]\nname = "x"\nwants = [["A"]]\n[[arms]]\nname = "y"\n', "wants"),
        ("a.toml", f'[[arms]]\nname = "z"\nwants = [["SHIP_PROBE", -4, 9]]\n{ARMS}', "1 or more"),
        ("a.py", MADE.replace("'a'", "'a', behaviours=dict(pork=print)", 1).format(""), "pork"),
        ("a.txt", "", "no experiment"),
        ("a.py", "raise SystemExit(3)\n", "line 1: SystemExit"),
        ("a.py", MADE.format("seeds=5"), "seeds is a tuple"),
        ("a.py", MADE.format("seconds='5'"), "duration"),
        ("a.py", MADE.format("metric='luck'"), "no run has the figure 'luck'"),
        ("a.py", MADE.replace("name='a'", "name='a', rules=(5,)").format(""), "are functions"),
        *(("a.toml", f"{line}\n{ARMS}", said) for line, said in LINES.items()),
    ],
)
def test_a_broken_file_is_refused_with_what_is_wrong(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        parse(file, read(file))


def test_parking_may_be_set_and_python_files_may_define_classes(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(f'[[arms]]\nname = "z"\nparking = {{share = 0.25, patience = 2}}\n{ARMS}')
    parking = parse(file, read(file)).arms[0].parking
    assert (parking.share, parking.patience, parking.rest) == (0.25, 2, 3600.0)
    file = tmp_path / "a.py"
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    file.write_text(f"{head}@dataclass\nclass Price:\n    of: int = 1\n{MADE.format('')}")
    assert parse(file, read(file)).name == "x"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read(tmp_path / "none.toml")


def test_any_change_of_the_definition_changes_its_digest(toml: Path) -> None:
    before = digest(read(toml))
    assert digest(read(toml)) == before
    toml.write_text(toml.read_text() + "# a remark\n")
    assert digest(read(toml)) != before
