"""The page on supervision names what there is."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from fleet.supervision.breakers import Breakers
from fleet.supervision.spec import (
    ChildSpec,
    Exceeded,
    Restart,
    Stopping,
    Strategy,
    SupervisorSpec,
)
from fleet.supervision.supervisor import Shutdown, StartChild, StopChild, WhichChildren

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "supervision.md").read_text()


@pytest.mark.parametrize("kind", [ChildSpec, SupervisorSpec])
def test_every_field_of_a_specification_is_in_its_table(kind):
    assert all(f"| `{field.name}` |" in PAGE for field in fields(kind))


@pytest.mark.parametrize("words", [Strategy, Restart, Exceeded, Stopping])
def test_every_word_of_a_specification_is_explained(words):
    assert all(f"`{word}`" in PAGE or f"**{word}**" in PAGE for word in get_args(words))


def test_every_message_to_a_supervisor_is_in_the_table():
    kinds = [StartChild, StopChild, WhichChildren, Shutdown]
    assert all(f"| `{kind.__name__}(" in PAGE for kind in kinds)


def test_every_way_to_tell_the_breakers_is_in_the_table():
    for name in ["answered", "failed", "unreachable"]:
        assert hasattr(Breakers, name)
        assert f"| `{name}(grant, now)` |" in PAGE


def test_those_that_supervision_is_measured_by_are_all_compared():
    header = next(line for line in PAGE.splitlines() if "Erlang/OTP" in line)
    assert [cell.strip() for cell in header.strip("|").split("|")] == [
        "", "Erlang/OTP", "Akka", "Orleans", "Ray", "here",
    ]  # fmt: skip
    rows = PAGE[PAGE.index(header) :].split("\n\n")[0].splitlines()[2:]
    assert len(rows) >= 15
    assert all(row.count("|") == header.count("|") for row in rows)


def test_all_that_the_kernel_and_its_supervisors_tell_is_in_the_table_of_events():
    root = Path(__file__).resolve().parents[2]
    sources = [*(root / "supervision").rglob("*.py"), *(root / "runtime").glob("*.py")]
    pattern = r'\b(?:emit|log|_tell|_tell_of|Alarm)\([^")]*"([a-z]+\.[a-z_]+)"'
    told = {name for path in sources for name in re.findall(pattern, path.read_text())}
    page = (root / "docs" / "events.md").read_text()
    assert len(told) >= 40
    assert {name for name in told if f"`{name}`" not in page} == set()
