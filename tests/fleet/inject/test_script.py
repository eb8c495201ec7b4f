"""A script says what it defines; a broken one says what is wrong, and where."""

from __future__ import annotations

import textwrap

import pytest

from fleet.inject.order import Order, default_name, read_order
from fleet.inject.script import BrokenScript, load, place_in
from fleet.protocol.errors import UsageError

FILE = "/ideas/idea.py"

ACTOR = """
from fleet import Actor

class Watcher(Actor):
    def __init__(self, every: float, name: str = "x", loud: bool = False, most=3):
        self.given = (every, name, loud, most)
"""

BEHAVIOUR = """
def run(ship, task, *, pause: int = 5):
    yield (ship, task, pause)
    return "done"
"""


def read(source: str, **settings: str) -> object:
    return load(textwrap.dedent(source), FILE, "idea", settings)


def test_an_actor_is_made_with_what_was_given() -> None:
    script = read(ACTOR, every="0.5", loud="yes", most="7")
    assert (script.kind, script.label) == ("actor", "Watcher")
    assert script.make().given == (0.5, "x", True, 7)


def test_a_behaviour_starts_with_ship_task_and_settings() -> None:
    script = read(BEHAVIOUR, pause="9")
    assert (script.kind, script.label) == ("behaviour", "run")
    assert next(script.make("ship", "task")) == ("ship", "task", 9)


def test_a_base_of_the_scripts_own_actor_is_not_meant() -> None:
    source = "from fleet import Actor\nclass Base(Actor): ...\nclass Mine(Base): ...\n"
    assert read(source).label == "Mine"


@pytest.mark.parametrize(
    ("source", "settings", "sentence"),
    [
        ("x = 1\ny = = 2\n", {}, "idea.py, line 2: invalid syntax"),
        ("import os\nimport no_such_thing\n", {}, "idea.py, line 2: ModuleNotFoundError: No mod"),
        ("from fleet import Aktor\n", {}, "idea.py, line 1: ImportError: .*Aktor"),
        ("def f():\n    1/0\n\nf()\n", {}, "idea.py, line 2: ZeroDivisionError"),
        ("raise SystemExit(3)\n", {}, "idea.py, line 1: SystemExit: 3"),
        ("x = 1\n", {}, "neither an actor .* nor a behaviour"),
        (ACTOR + BEHAVIOUR, {}, "defines Watcher, run; leave one"),
        (ACTOR, {}, "line 4: Watcher needs every=VALUE"),
        (ACTOR, {"evry": "1"}, "line 4: Watcher has no setting 'evry'; it has every, name"),
        (ACTOR, {"every": "soon"}, "line 4: every takes a value of type float, not 'soon'"),
        (ACTOR, {"every": "nan"}, "line 4: every takes a value of type float, not 'nan'"),
        ("def run(ship):\n    yield\n", {}, "line 1: run is given the ship and its task"),
        (BEHAVIOUR, {"task": "x"}, "line 2: run has no setting 'task'; it has pause"),
        ("x = '\0'\n", {}, "idea.py"),
        ("(" * 5000, {}, "idea.py"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    source: str, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BrokenScript, match=sentence):
        load(source, FILE, "idea", settings)


def test_the_innermost_line_of_the_script_is_found_in_a_stack() -> None:
    trace = (
        '  File "/lib/x.py", line 1, in f\n  File "/ideas/idea.py", line 3, in receive\n'
        '  File "/ideas/idea.py", line 9, in help\n  File "/lib/y.py", line 2, in g\n'
    )
    assert place_in(trace, FILE) == f"{FILE}, line 9"
    assert place_in("", FILE) == FILE


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "a b"}, "name is up to 40 letters"),
        ({"name": "park"}, "'park' is a behaviour of the fleet"),
        ({"quota": 0}, "--quota takes requests"),
        ({"quota": 151}, "--quota takes requests"),
        ({"quota": float("nan")}, "--quota takes requests"),
        ({"budget": -1}, "--budget takes 0"),
        ({"seconds": 0}, "--for takes"),
        ({"ships": ("A-1", "A-1")}, "named twice"),
        ({"source": 5}, "no order to inject"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read_order({"name": "idea", "file": FILE, "source": "", **change})


def test_a_files_name_makes_the_experiments() -> None:
    from pathlib import Path

    assert default_name(Path("/x/my idea (2).py")) == "my_idea__2_"
    Order(name=default_name(Path("x.py")), file="x.py", source="").check()
