"""A file says what is compared; a broken one says where it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.actors.fleet_plan import PLAN, Want
from fleet.experiments.experiment_file import digest, parse, read
from fleet.protocol.errors import UsageError


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
        ("a.txt", "", "no experiment"),
    ],
)
def test_a_broken_file_is_refused_with_what_is_wrong(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        parse(file, read(file))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read(tmp_path / "none.toml")


def test_any_change_of_the_definition_changes_its_digest(toml: Path) -> None:
    before = digest(read(toml))
    assert digest(read(toml)) == before
    toml.write_text(toml.read_text() + "# a remark\n")
    assert digest(read(toml)) != before
