"""`fleet chaos`: hang or crash an actor of a running fleet, to see it come back."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from fleet.cli.configured import configured
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.durations import FORMS, parse_duration, show_duration
from fleet.protocol.errors import UsageError


@configured("data_dir")
def command(
    config: Config,
    kind: Annotated[Literal["hang", "crash"], typer.Argument(help="What is to happen.")],
    address: Annotated[
        str, typer.Argument(help="The actor's address, or a pattern such as '/fleet/ships/*'.")
    ],
    for_: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long a hang lasts, in wall time.")
    ] = "30s",
) -> None:
    """Hang or crash an actor on purpose; `fleet tail` shows what becomes of it."""
    try:
        seconds = parse_duration(for_)
    except ValueError:
        raise UsageError(f"--for is '{for_}'; give a duration such as {FORMS}.") from None
    client = ControlClient(config.data_dir)
    done = client.call("chaos", kind=kind, address=address, seconds=seconds)
    what = f"hangs for {show_duration(seconds)}" if kind == "hang" else "crashes"
    for path in done["actors"]:
        typer.echo(f"{path} {what}.")
