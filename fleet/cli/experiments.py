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


@configured("data_dir")
def command(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the experiments of a running fleet, and what each has used."""
    rows: list[dict[str, Any]] = ControlClient(config.data_dir).call("experiments", timeout=15.0)
    if as_json:
        print_json(rows)
    elif not rows:
        terminal().print("Nothing was injected into this fleet.")
    else:
        terminal().print(table(rows))


def table(rows: list[dict[str, Any]]) -> Table:
    """Draw one line per experiment."""
    drawn = Table(box=None, pad_edge=False)
    for title in ("name", "state", "what", "ships"):
        drawn.add_column(title)
    for title in ("requests", "quota", "spent", "budget", "earned", "time"):
        drawn.add_column(title, justify="right")
    drawn.add_column("outcome")
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
            row["outcome"],
        )
    return drawn
