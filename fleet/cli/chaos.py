"""`fleet chaos`: have an actor, the database or the API of a running fleet fail on purpose."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.durations import FORMS, parse_duration, show_duration
from fleet.protocol.errors import UsageError
from fleet.sizes import FORMS as SIZES
from fleet.sizes import parse_size

ACTORS = {
    "hang": "hangs for {time}",
    "spin": "computes in vain for {time}",
    "crash": "crashes",
    "slow": "takes half its budget for each look at its mailbox, for {time}",
    "leak": "holds memory for {time}",
    "deadlock": "waits for a lock that nobody releases, for {time}",
    "poison": "gets a message that crashes it, twice",
    "gil": "keeps every thread of the runtime from running for {time}",
}
"""What each fault of an actor does; it takes an address."""

WORLD = {
    "db-down": "The database takes nothing for {time}.",
    "api-500": "The API answers 500 for {time}.",
    "api-502": "The API answers 502 with a page of HTML for {time}.",
    "api-429-html": "The API answers 429 with a page of HTML for {time}.",
    "api-reset": "The API resets connections for {time}.",
    "api-slow": "The API takes a second of game time longer for {time}.",
    "half-open": "The API reads and never answers for {time}.",
    "clock-skew": "The API's stamps are off by 30 s for {time}.",
}
"""What each fault of the surroundings does; those of the API need a simulator."""

KINDS = ", ".join((*ACTORS, *WORLD))


@configured("data_dir")
def command(
    config: Config,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"What is to happen: {KINDS}.")],
    address: Annotated[
        str, typer.Argument(help="The actor's address, or a pattern such as '/fleet/ships/*'.")
    ] = "",
    for_: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long it lasts, in wall time.")
    ] = "30s",
    size: Annotated[str, typer.Option(metavar="SIZE", help="What a leak holds.")] = "64MiB",
    share: Annotated[
        float, typer.Option(metavar="P", help="Part of the API's requests that are meant.")
    ] = 1.0,
    count: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Most requests that are meant.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Have something go wrong on purpose; `fleet tail` shows what becomes of it."""
    seconds = _seconds(for_)
    _check(kind, address)
    arguments: dict[str, Any] = {"kind": kind, "seconds": seconds}
    if kind in ACTORS:
        arguments |= {"address": address, "size": _size(size)}
    else:
        arguments |= {"share": share} | ({} if count is None else {"count": count})
    done = ControlClient(config.data_dir).call("chaos", **arguments)
    if as_json:
        print_json(done)
        return
    for line in told(kind, done["actors"], seconds):
        typer.echo(line)


def told(kind: str, actors: list[str], seconds: float) -> list[str]:
    """Say in sentences what was begun."""
    time = show_duration(seconds) if seconds >= 1 else f"{seconds:g}s"
    if kind in WORLD:
        return [WORLD[kind].format(time=time)]
    return [f"{path} {ACTORS[kind].format(time=time)}." for path in actors]


def _check(kind: str, address: str) -> None:
    if kind not in ACTORS and kind not in WORLD:
        raise UsageError(f"There is no fault '{kind}'; there are {KINDS}.")
    if kind in ACTORS and not address:
        raise UsageError(f"Name the actor that is to {kind}, such as /fleet/bucket.")
    if kind in WORLD and address:
        raise UsageError(f"{kind} is not done to an actor; leave {address} out.")


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(f"--for is '{text}'; give a duration such as {FORMS}.") from None


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError:
        raise UsageError(f"--size is '{text}'; give a size such as {SIZES}.") from None
