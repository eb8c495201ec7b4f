"""`fleet tail`: the supervision log, for the person who is woken at night."""

from __future__ import annotations

import os
import select
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from fleet.cli.configured import configured
from fleet.config import Config
from fleet.durations import parse_duration
from fleet.protocol.errors import SetupError, UsageError
from fleet.runtime.clocks import SystemClock
from fleet.supervision.event_log import LOG_NAME
from fleet.supervision.log_filter import LogFilter
from fleet.supervision.log_format import LogFormat
from fleet.supervision.log_line import LEVELS, LogLine
from fleet.supervision.rotation import generations
from fleet.supervision.tail import LogTail

LINES = 20
"""Lines shown without -n and --since."""

POLL = 0.2
"""Wall seconds between two looks at the log while following it."""

Show = Callable[[LogLine], None]


@configured("data_dir")
def command(
    config: Config,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    actor: Annotated[
        str | None,
        typer.Option(metavar="GLOB", help="Only this actor or process; a path or its last part."),
    ] = None,
    event: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Only these events, such as 'actor.*'.")
    ] = None,
    level: Annotated[
        str | None, typer.Option(metavar="LEVEL", help=f"Least level: {', '.join(LEVELS)} [info].")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="A time ago (10m), of day (03:10), or an ISO instant."),
    ] = None,
    lines: Annotated[
        int | None,
        typer.Option("-n", "--lines", min=0, help=f"At most so many lines [{LINES}]."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The log's own lines of JSON.")] = False,
    tree: Annotated[
        bool,
        typer.Option("--tree", help="The live tree of actors instead, with their last events."),
    ] = False,
    everyone: Annotated[
        bool, typer.Option("--all", help="In the tree, those in good order one by one as well.")
    ] = False,
) -> int:
    """Show the end of the supervision log, and follow it."""
    if tree:
        # Only this needs a running fleet, and the console's parts.
        from fleet.cli._live_tree import show_tree

        show_tree(config, follow=follow, everyone=everyone, pattern=actor, as_json=json)
        return 0
    now = datetime.fromtimestamp(SystemClock().wall(), UTC).astimezone()
    wanted = LogFilter(
        actor=actor,
        event=event,
        # What is told for machines only would drown what a reader looks for.
        level=_level(level, "debug" if json else "info"),
        since=None if since is None else parse_since(since, now),
    )
    count = LINES if lines is None and since is None else lines
    show = _show_json if json else _show_people()
    _show(config.data_dir / LOG_NAME, count, wanted, show, follow=follow)
    return 0


def _show(path: Path, count: int | None, wanted: LogFilter, show: Show, *, follow: bool) -> None:
    if not generations(path):
        _say_there_is_none(path, follow)
    # typer would answer a closed pipe (`fleet tail | head`) with exit code 1.
    ending = suppress(KeyboardInterrupt, BrokenPipeError)
    with closing(LogTail(path, SystemClock())) as tail, ending:
        for line in tail.last(count, wanted):
            show(line)
        if follow:
            _follow(tail, wanted, show)


def parse_since(text: str, now: datetime) -> float:
    """Read `10m`, `03:10` or an ISO instant (local time without an offset). Raises UsageError."""
    with suppress(ValueError):
        return now.timestamp() - parse_duration(text)
    for date in ("", f"{now:%Y-%m-%d}T"):
        with suppress(ValueError):
            moment = datetime.fromisoformat(date + text)
            read = (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)).timestamp()
            # At one in the morning, 23:50 was yesterday.
            return read - 86_400 if date and read > now.timestamp() else read
    what = "a time ago (10m), a time of day (03:10) or an ISO instant"
    raise UsageError(f"--since takes {what}, not {text}.")


def _level(given: str | None, usual: str) -> int:
    name = usual if given is None else given
    known = {"warn": "warning"}.get(name.lower(), name.lower())
    if known not in LEVELS:
        raise UsageError(f"--level takes one of {', '.join(LEVELS)}, not {name}.")
    return LEVELS.index(known)


def _say_there_is_none(path: Path, follow: bool) -> None:
    where = f"There is no supervision log in {path.parent} yet"
    if not follow:
        raise SetupError(
            f"{where}; start a fleet with `fleet run`, or name its folder with --data-dir."
        )
    sys.stderr.write(f"{where}; waiting for it.\n")


def _follow(tail: LogTail, wanted: LogFilter, show: Show) -> None:
    """Show what comes until Ctrl-C. Raises BrokenPipeError when nobody reads any more."""
    while True:
        for line in tail.poll():
            if wanted.admits(line):
                show(line)
        sys.stdout.flush()
        _wait()


def _wait() -> None:
    """Wait a moment; raises BrokenPipeError as soon as the reader of our pipe has gone."""
    fd = sys.stdout.fileno()
    if not stat.S_ISFIFO(os.fstat(fd).st_mode):
        threading.Event().wait(POLL)
        return
    poller = select.poll()
    # Asked for no event, it tells errors alone.
    poller.register(fd, 0)
    if poller.poll(POLL * 1000):
        raise BrokenPipeError


def _show_json(line: LogLine) -> None:
    if line.malformed:
        text = msgspec.json.encode({"malformed": line.raw.decode("utf-8", "replace")})
    else:
        text = line.raw
    sys.stdout.write(text.decode("utf-8", "replace") + "\n")


def _show_people() -> Show:
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    if sys.stdout.isatty():
        return _show_coloured(unicode)
    render = LogFormat(_local, width=None, unicode=unicode).render

    def show(line: LogLine) -> None:
        for row in render(line):
            text = "".join(piece.text for piece in row).rstrip()
            encoding = sys.stdout.encoding or "utf-8"
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")

    return show


def _show_coloured(unicode: bool) -> Show:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    render = LogFormat(_local, width=console.width, unicode=unicode).render

    def show(line: LogLine) -> None:
        for row in render(line):
            text = Text.assemble(*((piece.text, piece.style) for piece in row))
            text.rstrip()
            console.print(text, no_wrap=True, overflow="ignore", crop=False)

    return show


def _local(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC).astimezone()
