"""`fleet api`: any single operation of the SpaceTraders API."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json
from fleet.config import Config
from fleet.protocol.errors import UsageError


@configured("data_dir", "api_url", "token_file", "agent")
def command(
    config: Config,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="OPERATION | VERB RESOURCE [VALUE | KEY=VALUE]...",
            help="VERB is create, read, update or rm.",
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List all operations.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Read all pages of a list.")] = False,
    body: Annotated[
        str | None,
        typer.Option(metavar="JSON", help="The whole body; @FILE reads a file, @- the input."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> int:
    """Do one operation of the API, through a running fleet or straight to --api-url."""
    if list_:
        return _list(as_json)
    if not words:
        raise UsageError("Name an operation, or a verb and a resource; --list lists them all.")
    from fleet.api.call import Refused
    from fleet.api.doors import open_door
    from fleet.api.pages import all_pages
    from fleet.api.text import render
    from fleet.api.words import read_words

    call = read_words(words, None if body is None else _whole(body))
    door = open_door(config, os.environ)
    said = all_pages(door, call) if all_ else door.send(call)
    if as_json:
        print_json({"error": said} if isinstance(said, Refused) else said.data)
    elif isinstance(said, Refused):
        why = said.message.rstrip(".")
        typer.echo(f"fleet: The game refuses: {why} (code {said.code}).", err=True)
    else:
        typer.echo(render(said.data))
    return int(isinstance(said, Refused))


def _list(as_json: bool) -> int:
    from fleet.api.listing import listing, listing_text

    if as_json:
        print_json(listing())
    else:
        typer.echo(listing_text())
    return 0


def _whole(body: str) -> str:
    if not body.startswith("@"):
        return body
    try:
        return sys.stdin.read() if body == "@-" else Path(body[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The body cannot be read from {body[1:]}: {error}.") from None
