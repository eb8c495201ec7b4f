"""`fleet experiments`: what was injected into a running fleet."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from fleet.cli.configured import configured
from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.durations import show_duration
from fleet.protocol.errors import SetupError


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
        _print_rows(rows)
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


def _print_rows(rows: list[dict[str, Any]]) -> None:
    screen = terminal()
    screen.print(table(rows))
    # Below, as sentences: beside so many figures they have no room.
    for row in rows:
        if row["outcome"]:
            screen.print(f"{row['name']}: {row['outcome']}", soft_wrap=True, markup=False)


def table(rows: list[dict[str, Any]]) -> Table:
    """Draw one line per experiment."""
    drawn = Table(box=None, pad_edge=False)
    for title in ("name", "state", "what", "ships"):
        drawn.add_column(title)
    for title in ("requests", "quota", "spent", "budget", "earned", "game time"):
        drawn.add_column(title, justify="right", no_wrap=title != "game time")
    for row in rows:
        drawn.add_row(
            row["name"],
            row["state"],
            row["what"],
            ", ".join(row["ships"]),
            f"{row['requests']:,}",
            f"{row['quota']:g}/min",
            f"{row['spent']:,}",
            f"{row['budget']:,}",
            f"{row['earned']:,}",
            show_duration(row["seconds"]),
        )
    return drawn
