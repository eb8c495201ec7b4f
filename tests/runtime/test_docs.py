"""The pages show code that runs, and name what there is."""

import re
from pathlib import Path

import pytest

import fleet.runtime
from fleet.runtime import Actor, Context, LaneMailbox
from fleet.runtime.dead_letters import Cause

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ["runtime.md", "supervision.md"]


def text(page):
    return (DOCS / page).read_text(encoding="utf-8")


def examples():
    for page in PAGES:
        for nth, code in enumerate(re.findall(r"```python\n(.*?)```", text(page), re.DOTALL)):
            yield pytest.param(code, id=f"{page}-{nth}")


@pytest.mark.parametrize("code", list(examples()))
def test_an_example_runs_as_it_stands(code):
    exec(compile(code, "example", "exec"), {"__name__": "example"})


def test_there_is_an_example_of_a_supervised_actor():
    assert "supervise(" in text("supervision.md").split("```python")[1]


def named(page, prefix):
    return set(re.findall(rf"`{prefix}([a-z_]+)", text(page)))


@pytest.mark.parametrize("page", PAGES)
def test_every_call_of_the_context_that_a_page_names_exists(page):
    names = named(page, r"ctx\.") - {"self", "envelope", "random"}
    assert names
    assert all(hasattr(Context, name) for name in names)


def test_every_hook_of_an_actor_is_explained():
    hooks = {name for name in vars(Actor) if not name.startswith("_")}
    assert all(f"`{hook}" in text("runtime.md") for hook in hooks)


def test_every_call_on_lanes_is_in_the_table():
    rows = set(re.findall(r"^\| `([a-z]+)[(`]", text("runtime.md"), re.MULTILINE))
    assert {"heads", "lease", "note", "settle", "release", "withdraw", "leases"} <= rows
    assert all(
        hasattr(LaneMailbox, name) for name in ["heads", "lease", "note", "settle", "release"]
    )


def test_every_cause_of_a_dead_letter_is_named():
    assert all(f"`{cause}`" in text("runtime.md") for cause in Cause.__args__)


def test_the_door_of_the_kernel_is_sorted_and_whole():
    assert fleet.runtime.__all__ == sorted(fleet.runtime.__all__)
    assert all(hasattr(fleet.runtime, name) for name in fleet.runtime.__all__)
