"""`fleet eject`: an experiment ends."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json
from fleet.config import Config
from fleet.control.client import ControlClient


@configured("data_dir")
def command(
    config: Config,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment's name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """End an experiment in a running fleet; its ships return to their work."""
    row: dict[str, Any] = ControlClient(config.data_dir).call("eject", name=name, timeout=10.0)
    if as_json:
        print_json(row)
        return
    balance = row["earned"] - row["spent"]
    typer.echo(f"{name} has ended: {row['requests']:,} requests, {balance:+,} credits.")
