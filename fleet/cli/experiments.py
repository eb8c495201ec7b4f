"""`fleet experiments`: what was injected into a running fleet."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.cli.configured import configured
from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.console.look import fitting
from fleet.control.client import ControlClient
from fleet.durations import show_duration
from fleet.protocol.errors import SetupError

WORDS = ("name", "state", "what", "ships")
HEADS = (*WORDS, "requests", "quota", "spent", "budget", "earned", "game time")
DISPENSABLE = ("quota", "what", "ships", "requests", "game time", "budget")
"""Columns that are left out where there is no room for all, the first ones first."""


@configured("data_dir")
def command(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the experiments of a running fleet, and what each has used."""
    rows: list[dict[str, Any]] = ControlClient(config.data_dir).call("experiments", timeout=15.0)
    found = {row["name"]: _comparison(config, row["name"]) for row in rows if row["design"]}
    if as_json:
        print_json([{**row, "comparison": found.get(row["name"])} for row in rows])
    elif not rows:
        terminal().print("Nothing was injected into this fleet.")
    else:
        _print_rows(rows, terminal())
    for one in found.values():
        if one is not None and not as_json:
            terminal().print(one["sentence"], soft_wrap=True, highlight=False)


def _comparison(config: Config, name: str) -> dict[str, Any] | None:
    """Compare the arms of an A/B; None while the database has nothing of it."""
    from fleet.cli import _comparing as comparing

    try:
        found = comparing.report_of(config, name)
    except SetupError as failure:
        typer.echo(f"{name} can't be compared now: {failure}", err=True)
        return None
    return None if found is None else found.as_json()


def _print_rows(rows: list[dict[str, Any]], screen: Console) -> None:
    screen.print(table(rows, screen.width))
    # Below, as sentences: beside so many figures they have no room.
    for row in rows:
        if row["outcome"]:
            told = Text(f"{row['name']}: {row['outcome']}")
            # A terminal would break words at its edge.
            screen.print(told, soft_wrap=not screen.is_terminal)


def table(rows: list[dict[str, Any]], width: int) -> Table:
    """Draw one line per experiment, in a width of characters: no name or figure is cut."""
    cells = [_cells(row) for row in rows]
    needed = {head: max([len(head), *(len(row[head]) for row in cells)]) for head in HEADS}
    # Ships go on in further lines, one in each if need be.
    names = [len(f"{ship},") for row in rows for ship in row["ships"]]
    needed["ships"] = max([len("ships"), *names])
    drawn = Table(box=None, pad_edge=False)
    heads = fitting(needed, DISPENSABLE, width)
    for head in heads:
        side: Literal["left", "right"] = "left" if head in WORDS else "right"
        drawn.add_column(head, justify=side, no_wrap=head != "ships")
    for row in cells:
        drawn.add_row(*(Text(row[head]) for head in heads))
    return drawn


def _cells(row: dict[str, Any]) -> dict[str, str]:
    return {
        "name": row["name"],
        "state": row["state"],
        "what": row["what"],
        "ships": ", ".join(row["ships"]),
        "requests": f"{row['requests']:,}",
        "quota": f"{row['quota']:g}/min",
        "spent": f"{row['spent']:,}",
        "budget": f"{row['budget']:,}",
        "earned": f"{row['earned']:,}",
        "game time": show_duration(row["seconds"]),
    }
