"""`fleet chaos`: have an actor, the database or the API of a running fleet fail on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fleet.chaos_kinds import ACTORS, KINDS, check, seconds_of, size_of, told
from fleet.cli.configured import configured
from fleet.cli.output import print_json
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.protocol.errors import UsageError


@configured("data_dir")
def command(
    config: Config,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"What is to happen: {KINDS}.")] = "",
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
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Many faults, each at its time, instead of one KIND."),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Draws whom the faults of a script meet.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Have something go wrong on purpose; `fleet tail` shows what becomes of it."""
    client = ControlClient(config.data_dir)
    if script is not None:
        # Imported here: one fault does without it.
        from fleet.cli._chaos_play import play_script

        if kind:
            raise UsageError(f"Give either {kind} or --script {script}, not both.")
        play_script(client, script, seed, as_json=as_json)
        return
    if not kind:
        raise UsageError(f"Say what is to happen ({KINDS}), or give a --script.")
    seconds = seconds_of(for_, "--for")
    check(kind, address)
    arguments: dict[str, Any] = {"kind": kind, "seconds": seconds}
    if kind in ACTORS:
        arguments |= {"address": address, "size": size_of(size, "--size")}
    else:
        arguments |= {"share": share} | ({} if count is None else {"count": count})
    done = client.call("chaos", **arguments)
    if as_json:
        print_json(done)
        return
    for line in told(kind, done["actors"], seconds):
        typer.echo(line)
