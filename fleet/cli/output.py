"""How commands print: to a terminal as wide as it is, to a pipe without cutting anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import typer

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 2_000
"""Columns of output that no terminal shows, so that no table is cut."""


def terminal() -> Console:
    """Make the console that a command prints on."""
    # Imported here: commands that print a line or two do without its 60 ms.
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def print_json(value: Any) -> None:
    """Print a value for a program to read."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
