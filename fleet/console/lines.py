"""The console's single lines: who plays and when it is, supervision and database, the contract."""

from __future__ import annotations

import textwrap

from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.look import BAD, GOOD, LABEL, NAME, QUIET, VALUE, WARN, alarm
from fleet.durations import show_duration
from fleet.status import Status

NARROW = 72
"""Below so many columns a line shows only what matters most."""

ROOMY = 100
"""From so many columns on a line shows everything."""


def header(status: Status, width: int, notice: str) -> Table:
    """Who plays, the game's time and speed, and how long the fleet is up."""
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    table.add_column(no_wrap=True, justify="right")
    clock, up = status.clock, show_duration(status.process.uptime_s)
    roomy = width >= NARROW
    left = Text.assemble(
        (" ● ", WARN if notice else GOOD),
        (figures.plain(status.agent.symbol) or "fleet", "bold cyan"),
        (f"  {figures.plain(status.agent.headquarters)}" if roomy else "", LABEL),
    )
    # What the first one has stands under Money.
    for mate in status.agents[1:]:
        left.append(f"  {figures.plain(mate.symbol)} ", NAME)
        left.append(figures.short(mate.credits), VALUE)
    right = Text.assemble(
        (figures.day_and_time(clock.game) if roomy else figures.clock_time(clock.game), VALUE),
        (f"  {speed(clock.speed)}", NAME if clock.speed else WARN),
        (f"  up {up} " if roomy else " ", LABEL),
    )
    table.add_row(left, Text(f"{notice} ", WARN) if notice else right)
    return table


def speed(value: float) -> str:
    """Show how fast the game's time runs."""
    return f"{value:,.4g}x" if value else "paused"


def machinery(status: Status, width: int) -> Text:
    """Actors and database in one line."""
    actors, database, anew = status.actors, status.database, status.process.restarts
    line = Text(" ", no_wrap=True, overflow="ellipsis")
    for count, label, style, always in (
        (actors.total, "actors", VALUE, True),
        (anew, "new processes", alarm(anew, style=WARN), False),
        (actors.restarts, "restarts", alarm(actors.restarts, style=WARN), True),
        (actors.hung, "hung", alarm(actors.hung, style=WARN), True),
        (actors.zombies, "zombies", alarm(actors.zombies), width >= ROOMY),
        (actors.quarantined, "quarantined", alarm(actors.quarantined), width >= ROOMY),
    ):
        if count or always:
            line.append(figures.whole(count), style).append(f" {label}  ", LABEL)
    line.append("database ", LABEL)
    line.append("failing" if database.failing else "ok", BAD if database.failing else GOOD)
    if database.pending or database.failing:
        line.append(f", {figures.count_of(database.pending, 'row')} waiting", LABEL)
    if width >= ROOMY and database.last_flush_ms is not None:
        line.append(f", {database.last_flush_ms:.0f} ms for the last write", LABEL)
    used = status.resources
    if used.pressure != "normal":
        line.append(f"  memory {figures.plain(used.pressure)}", BAD)
    elif width >= ROOMY and used.rss_mb:
        line.append(f"  {used.rss_mb:.0f} MB, {used.cpu_percent:.0f} % CPU", LABEL)
    return line


def contract(status: Status, width: int) -> list[Text]:
    """The contract at hand: a line, or two where one is not enough."""
    said = figures.plain(status.contract.line).strip()
    if not said:
        return [Text(" No contract at hand.", QUIET)]
    label = " Contract  "
    parts = textwrap.wrap(said, max(20, width - len(label) - 1), max_lines=2, placeholder=" …")
    rows = [Text.assemble((label, NAME), parts[0])]
    rows += [Text(" " * len(label) + part) for part in parts[1:]]
    for row in rows:
        row.no_wrap, row.overflow = True, "ellipsis"
    return rows


def summary(status: Status) -> list[Text]:
    """Money and requests as single lines, for the smallest terminals."""
    money, asked = status.money, status.requests
    rows = (
        ("Credits", figures.whole(status.agent.credits)),
        ("Net worth", f"{figures.whole(money.net_worth)} ({figures.signed(money.gain)})"),
        ("Per hour", figures.signed(money.per_hour)),
        ("Ships", figures.whole(len(status.ships))),
        ("Requests", f"{asked.per_second:.2f}/s, {figures.percent(asked.share_last_minute)}"),
    )
    return [
        Text.assemble((f" {label:<10}", LABEL), (value, VALUE), no_wrap=True, overflow="ellipsis")
        for label, value in rows
    ]
