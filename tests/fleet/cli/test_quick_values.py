"""Plain values are converted without pydantic, as typer converts them with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from fleet.cli._quick_values import keep_values_quick

INJECT = """
import sys
from fleet.cli import main
try:
    main(["inject", "idea.py", "good=FUEL", "--ship", "A-1", "--quota", "6", "--data-dir", "none"])
except SystemExit as end:
    assert end.code == 2, end.code
slow = [name for name in ("pydantic", "rich", "fleet.runtime") if name in sys.modules]
assert not slow, slow
"""


def run(arguments: list[str], *, quick: bool) -> Any:
    seen: dict[str, Any] = {}
    app = typer.Typer(add_completion=False)

    @app.command()
    def command(
        script: Path,
        rest: list[str] | None = None,
        *,
        ship: Annotated[list[str] | None, typer.Option()] = None,
        name: str | None = None,
        quota: float = 30.0,
        budget: int = 0,
        lines: Annotated[int, typer.Option(min=1)] = 5,
        watch: bool = False,
    ) -> None:
        seen.update(locals())

    made = typer.main.get_command(app)
    if quick:
        keep_values_quick(made)
    try:
        made.main(arguments, prog_name="x", standalone_mode=False)
    except typer.TyperException as error:
        return error.format_message()
    seen.pop("seen", None)
    return seen


@pytest.mark.parametrize(
    "given",
    [
        "a.py",
        "a.py k=v l=w --ship A-1 --ship A-2 --name N --quota 6 --budget 100 --watch",
        "a.py --quota 1e3 --budget=-7 --name=",
        "a.py --quota much",
        "a.py --budget 1.5",
        "a.py --lines 0",
        "a.py --lines 3",
        "",
    ],
)
def test_values_and_refusals_are_those_of_typer(given: str) -> None:
    arguments = given.split()
    assert run(arguments, quick=True) == run(arguments, quick=False) != {}


def test_a_command_that_only_asks_imports_nothing_slow() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", INJECT], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (0, 1), ran.stderr
