"""`fleet report`: what the fleet earned and how busy the API was, from the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.cli._database import reading
from fleet.cli.configured import configured
from fleet.cli.output import print_json
from fleet.config import Config
from fleet.durations import FORMS, parse_duration
from fleet.protocol.errors import UsageError

if TYPE_CHECKING:
    from fleet.storage.namespaces import Namespace
    from fleet.storage.queries import Span
    from fleet.storage.reader import Reader

NAMES = ("hourly", "ships", "goods", "saturation")


@configured("data_dir", "database", "agent")
def command(
    config: Config,
    report: Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}.")] = "hourly",
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only the latest so much game time: 24h.")
    ] = None,
    reset: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Of an older universe, by its reset date: 2026-11-01."),
    ] = None,
    bucket: Annotated[
        str, typer.Option(metavar="TIME", help="Game time per line, where there are such.")
    ] = "1h",
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw a chart into this file, too.")
    ] = None,
) -> None:
    """Tell credits per hour and per request, earnings by ship or good, or how requests waited."""
    if report not in NAMES:
        raise UsageError(f"There is no report '{report}'; there are {', '.join(NAMES)}.")
    length, latest = _seconds("--bucket", bucket), _seconds("--since", since) if since else None
    from fleet.report.kinds import KINDS

    with reading(config.database_url) as reader:
        namespace = _namespace(reader, config.agent, reset)
        span = _span(reader, namespace.id, latest)
        table = KINDS[report](reader, namespace.id, span, length)
    if plot is not None:
        from fleet.report.plot import plot as draw

        draw(report, table, plot)
    if as_json:
        print_json({"agent": namespace.agent_symbol, "report": report, "rows": table.rows})
    else:
        typer.echo(table.csv() if as_csv else table.text())


def _seconds(flag: str, text: str) -> float:
    try:
        found = parse_duration(text)
    except ValueError:
        found = 0.0
    if found <= 0:
        raise UsageError(f"{flag} is '{text}'; give a time such as {FORMS}.")
    return found


def _namespace(reader: Reader, agent: str | None, reset: str | None) -> Namespace:
    """Choose whose report it is: the agent and reset asked for, or what was played last."""
    from fleet.storage.activity import last_active
    from fleet.storage.namespaces import namespaces

    known = namespaces(reader, agent)
    if not known:
        whose = f"of {agent} " if agent else ""
        raise UsageError(f"The database holds nothing {whose}yet; let the fleet play first.")
    if reset is None:
        return last_active(reader, known)
    of_reset = [one for one in known if one.reset_date == reset]
    if not of_reset:
        dates = ", ".join(sorted({one.reset_date for one in known}))
        raise UsageError(f"The database holds no reset of {reset}; it has {dates}.")
    return last_active(reader, of_reset)


def _span(reader: Reader, namespace: int, latest: float | None) -> Span:
    from fleet.storage.activity import last_request
    from fleet.storage.queries import Span

    end = last_request(reader, namespace)
    return Span(since=None if latest is None or end is None else end - latest)
