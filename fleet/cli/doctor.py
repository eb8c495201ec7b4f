"""`fleet doctor`: whether everything a fleet needs is in order, and what to do if not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from fleet import checks
from fleet.checks import Check
from fleet.cli.configured import Attempt, configured
from fleet.cli.output import print_json, terminal
from fleet.config import LIVE_URL, Config
from fleet.console.look import BAD, GOOD, LABEL, WARN
from fleet.credentials import Token, read_token
from fleet.protocol.errors import FleetError, UsageError
from fleet.roster import Seat, seats

STYLES = {"ok": GOOD, "warn": WARN, "fail": BAD}


@configured("data_dir", "database", "api_url", "token_file", "agents", checked=False)
def command(
    config: Attempt,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> int:
    """Check Python, configuration, data folder, database, API, token; exit 1 if a check fails."""
    found = []
    for check in examine(config, os.environ):
        found.append(check)
        if not as_json:
            _print(check, terminal())
    if as_json:
        print_json(found)
    return 1 if any(check.state == "fail" for check in found) else 0


def examine(attempt: Attempt, env: Mapping[str, str]) -> Iterator[Check]:
    """Look at everything, the quick things first."""
    config = attempt.config
    yield checks.python_version()
    yield checks.configuration(config, attempt.file, env)
    if isinstance(config, UsageError):
        return
    yield from checks.data_dir(config.data_dir)
    yield checks.database(config)
    yield checks.control_socket(config.data_dir)
    yield from _ask_api(config, env)


def _ask_api(config: Config, env: Mapping[str, str]) -> Iterator[Check]:
    from fleet.api_checks import api, check_token
    from fleet.http_transport import HttpTransport
    from fleet.runtime.clocks import SystemClock

    clock = SystemClock()
    transport = HttpTransport(config.api_url or LIVE_URL, clock.monotonic)
    try:
        first, *others = seats(config, env)
    except FleetError as error:
        yield Check("agents", "fail", "the list cannot be used", str(error))
        return
    yield from api(first.config, _token(first), transport, clock.wall())
    for seat in others if config.api_url is not None else ():
        yield check_token(seat.config, _token(seat), transport)


def _token(seat: Seat) -> Token | FleetError | None:
    try:
        return read_token(seat.config, seat.env)
    except FleetError as error:
        return error


def _print(check: Check, output: Console) -> None:
    line = Text.assemble(
        (f"{check.state:<5}", STYLES[check.state]), (f"{check.name:<15}", LABEL), check.text
    )
    if check.remedy:
        line.append(f": {check.remedy}" if check.remedy.endswith(".") else f": {check.remedy}.")
    output.print(line, soft_wrap=True)
