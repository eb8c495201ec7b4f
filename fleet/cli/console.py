"""`fleet console`: the live picture of a running fleet."""

from __future__ import annotations

from typing import Annotated

import typer

from fleet.cli.configured import configured
from fleet.config import Config


@configured("data_dir", "console_refresh")
def command(
    config: Config,
    once: Annotated[bool, typer.Option("--once", help="Print one picture and end.")] = False,
    width: Annotated[int | None, typer.Option(min=20, help="Columns, not the terminal's.")] = None,
    height: Annotated[int | None, typer.Option(min=5, help="Lines, not the terminal's.")] = None,
) -> None:
    """Watch a running fleet live in this terminal; Ctrl-C ends the console, not the fleet."""
    from fleet.console.main import run

    run(config.data_dir, once=once, width=width, height=height, refresh=config.console_refresh)
