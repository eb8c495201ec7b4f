"""`fleet tail --tree`: the live tree of a running fleet, once or again and again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.console.look import WARN
from fleet.console.tree_view import tree_table
from fleet.control.client import ControlClient
from fleet.protocol.errors import FleetError, SetupError

Rows = list[dict[str, Any]]


def show_tree(
    config: Config, *, follow: bool, everyone: bool, pattern: str | None, as_json: bool
) -> None:
    """Print the tree, or draw it anew until Ctrl-C. Raises SetupError without a fleet."""
    client = ControlClient(config.data_dir)

    def ask() -> Rows:
        rows: Rows = client.call("actors")
        return rows if pattern is None else _chosen(rows, pattern)

    if as_json:
        print_json(ask())
    elif not follow:
        screen, table = terminal(), tree_table(ask(), everyone=everyone)
        # Into a pipe it is as wide as what stands in it.
        table.expand = screen.is_terminal
        screen.print(table)
    elif sys.stdout.isatty():
        with suppress(KeyboardInterrupt):
            _follow(ask, config.console_refresh, everyone=everyone)
    else:
        raise SetupError("A tree that is followed needs a terminal; leave -f out, or take --json.")


def _follow(ask: Callable[[], Rows], refresh: float, *, everyone: bool) -> None:
    screen, rows, pause = terminal(), ask(), threading.Event()
    with Live(console=screen, screen=True, auto_refresh=False) as live:
        while True:
            notice = ""
            try:
                rows = ask()
            except FleetError as failure:
                notice = str(failure)
            live.update(_picture(rows, notice, everyone=everyone), refresh=True)
            pause.wait(refresh)


def _picture(rows: Rows, notice: str, *, everyone: bool) -> RenderableType:
    table = tree_table(rows, everyone=everyone)
    return Group(Text(notice, WARN), table) if notice else table


def _chosen(rows: Rows, pattern: str) -> Rows:
    """Keep the actors that a pattern names, by path or its last part, and all above them."""
    hit = {
        row["path"]
        for row in rows
        if fnmatchcase(row["path"], pattern) or fnmatchcase(row["path"].rpartition("/")[2], pattern)
    }
    return [row for row in rows if any(f"{path}/".startswith(f"{row['path']}/") for path in hit)]
