"""`fleet dead-letters`: the messages that nobody handled, and one of them sent once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.control.client import ControlClient

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 50
"""Letters that are listed without -n."""

MESSAGE = 16
"""Characters that are left of a message, at least."""

ACTOR = 12
"""Characters that are left of an actor's address, at least."""


@configured("data_dir")
def command(
    config: Config,
    replay: Annotated[
        int | None, typer.Option(metavar="ID", help="Send this letter's message again.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Send it though it may have been handled in part.")
    ] = False,
    lines: Annotated[
        int, typer.Option("-n", "--lines", min=1, help="List at most so many, the newest.")
    ] = SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the messages that the runtime gave up since its start, or send one again."""
    client = ControlClient(config.data_dir)
    if replay is not None:
        done = client.call("replay", letter=replay, force=force)
        if as_json:
            print_json(done)
        else:
            where = "sent" if done["taken"] else "not taken either"
            typer.echo(f"{done['message_type']} for {done['actor']} was {where} again.")
        return
    told = client.call("dead-letters")
    if as_json:
        print_json(told)
        return
    _list(told, lines, terminal())


def _list(told: dict[str, Any], lines: int, screen: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    letters, counts = told["letters"], told["counts"]
    if not letters:
        typer.echo("There are no dead letters.")
        return
    table = Table(box=None, pad_edge=False, header_style="grey62")
    # The message gives way, then the address: to send one again takes the others whole.
    for head in ("Id", "Actor", "Cause", "Again", "Message"):
        side: Literal["left", "right"] = "right" if head == "Id" else "left"
        table.add_column(head, justify=side, no_wrap=head != "Message")
    rows = [_cells(row) for row in letters[-lines:]]
    others = sum(max(len(row[place]) for row in rows) + 2 for place in (0, 2, 3))
    room = max(ACTOR, screen.width - others - 2 - MESSAGE)
    for number, actor, *rest in rows:
        # The end of an address tells more than its beginning.
        shown = actor if len(actor) <= room else "…" + actor[1 - room :]
        cells = (number, shown, *rest)
        table.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in cells))
    screen.print(table)
    causes = ", ".join(f"{count} {cause}" for cause, count in sorted(counts.items()))
    typer.echo(f"{sum(counts.values())} since the start: {causes}.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    again = "yes" if row["may_be_sent_again"] else "--force"
    return str(row["id"]), row["actor"], row["cause"], again, row["message"]
