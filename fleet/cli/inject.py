"""`fleet inject`: a script joins a running fleet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from fleet.cli import _ab_options as comparing
from fleet.cli._watched import Watched, stamp_of
from fleet.cli.configured import configured
from fleet.cli.output import print_json
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.durations import FORMS, parse_duration
from fleet.inject.order import ALLOWANCE, QUOTA, Order, default_ab_name, default_name, read_source
from fleet.inject.script import compiled
from fleet.protocol.errors import UsageError

PATIENCE = 40.0
"""Wall seconds for an answer: a busy machine may first have to start a process."""

Quota = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help=f"Requests per game minute, of {ALLOWANCE:g}: {QUOTA:g}, or all with --ab.",
    ),
]
Budget = Annotated[int, typer.Option(metavar="CREDITS", help="Credits that it may spend in all.")]
For = Annotated[
    str | None, typer.Option("--for", metavar="TIME", help="End it after so much wall time.")
]


@configured("data_dir")
def command(
    config: Config,
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="File with the script.")],
    settings: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="What the script takes.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its name; else the file's.")
    ] = None,
    ship: Annotated[
        list[str] | None, typer.Option(metavar="SHIP", help="A ship that it may fly; repeatable.")
    ] = None,
    quota: Quota = None,
    budget: Budget = 0,
    for_: For = None,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Run it inside the runtime itself.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Load it again whenever the file is saved.")
    ] = False,
    ab: comparing.Compare = False,
    against: comparing.Against = None,
    design: comparing.DesignOf = None,
    block: comparing.Block = None,
    wash_out: comparing.WashOut = None,
    seed: comparing.Seed = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Have a script join a running fleet: an actor, or a behaviour for some of its ships."""
    terms = comparing.terms(
        ab, against=against, design=design, block=block, wash_out=wash_out, seed=seed
    )
    if terms is not None and watch:
        raise UsageError("--watch changes the script, and --ab compares one; give one of them.")
    order = Order(
        name=name or (default_ab_name(script) if terms else default_name(script)),
        file=str(script.absolute()),
        source="",
        settings=_settings(settings or []),
        ships=tuple(each.upper() for each in ship or ()),
        # Arm A may use the whole allowance, too.
        quota=quota if quota is not None else ALLOWANCE if terms else QUOTA,
        budget=budget,
        seconds=_seconds(for_),
        trusted=trusted,
        ab=terms,
    )
    order.check()
    client = ControlClient(config.data_dir)
    watched = Watched(client, order.name, script, stamp_of(script))
    _tell(_inject(client, order, script), as_json=as_json)
    if watch:
        with suppress(KeyboardInterrupt):
            watched.follow(
                lambda: _tell(_inject(client, order, script, replace=True), as_json=as_json)
            )
        typer.echo(f"{order.name} goes on; `fleet eject {order.name}` ends it.", err=True)


def _inject(
    client: ControlClient, order: Order, script: Path, *, replace: bool = False
) -> dict[str, Any]:
    source = read_source(script)
    # Here already, so that a slip of the pen never reaches the fleet.
    compiled(source, order.file)
    whole = msgspec.structs.replace(order, source=source, replace=replace)
    told: dict[str, Any] = client.call("inject", timeout=PATIENCE, **msgspec.to_builtins(whole))
    return told


def _tell(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    ships = f" with {', '.join(row['ships'])}" if row["ships"] else ""
    if row["design"]:
        typer.echo(comparing.told(row))
        return
    typer.echo(
        f"{row['name']} ({row['what']}) runs{ships}: {row['quota']:g} requests a minute, "
        f"{row['budget']:,} credits. `fleet eject {row['name']}` ends it."
    )


def _settings(given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key.isidentifier():
            raise UsageError(f"'{text}' is no setting; give KEY=VALUE, such as threshold=5.")
        if key in pairs:
            raise UsageError(f"{key} is given twice.")
        pairs[key] = value
    return pairs


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(f"--for is '{text}'; give a duration such as {FORMS}.") from None
