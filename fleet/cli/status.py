"""`fleet status`: how a running fleet is doing, on one page."""

from __future__ import annotations

from typing import Annotated

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.status import Status


@configured("data_dir")
def command(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Tell how a running fleet is doing: money, requests, ships, actors, database, events."""
    status: Status = ControlClient(config.data_dir).call_for(Status, "status")
    if as_json:
        print_json(status)
        return
    from fleet.console.page import print_page

    print_page(status, terminal())
