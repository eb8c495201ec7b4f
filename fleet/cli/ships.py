"""`fleet ships`: a running fleet's ships."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.console.ship_list import KEYS, ship_list, sort_ships
from fleet.control.client import ControlClient
from fleet.protocol.errors import UsageError
from fleet.status import Status


@configured("data_dir")
def command(
    config: Config,
    sort: Annotated[
        str, typer.Option(metavar="KEY", help=f"Sort by {', '.join(KEYS)}.")
    ] = "symbol",
    reverse: Annotated[bool, typer.Option("--reverse", help="Sort the other way round.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List a running fleet's ships: what they do, where they are, what they brought in."""
    if sort not in KEYS:
        near = get_close_matches(sort, KEYS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"give one of {', '.join(KEYS)}."
        raise UsageError(f"Ships cannot be sorted by '{sort}'; {hint}")
    status: Status = ControlClient(config.data_dir).call_for(Status, "status")
    ships = sort_ships(status.ships, sort, reverse=reverse)
    if as_json:
        print_json(ships)
        return
    screen = terminal()
    screen.print(ship_list(ships, screen.width) if ships else "The fleet has no ships yet.")
