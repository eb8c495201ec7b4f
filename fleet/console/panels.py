"""The framed parts of the console; each fills exactly the lines that it is given."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.charts import bar, curve
from fleet.console.look import (
    BAD,
    GOOD,
    LABEL,
    LEVELS,
    NAME,
    QUIET,
    VALUE,
    WARN,
    alarm,
    columns,
    frame,
)
from fleet.status import BehaviourStatus, EventStatus, MoneyStatus, RequestStatus

BORDERS = 2
"""Lines of a frame that are not its content."""

MARGINS = 4
"""Columns of a frame that are not its content."""


def money(status: MoneyStatus, owned: int, width: int, height: int) -> Panel:
    """Credits, net worth, gain, and the course of the net worth."""
    inner, lines = width - MARGINS, height - BORDERS
    figure = (
        ("Credits", figures.whole(owned), VALUE),
        ("Gain", figures.signed(status.gain), GOOD if status.gain >= 0 else BAD),
        ("Net worth", figures.whole(status.net_worth), VALUE),
        ("Per hour", figures.signed(status.per_hour), GOOD if status.per_hour >= 0 else BAD),
    )
    cells = [(Text(label, LABEL), Text(value, style)) for label, value, style in figure]
    below = lines - 3
    if below >= 4 and inner >= 56:
        table = columns("l", "r", "l", "l", "r")
        for left, right in ((cells[0], cells[1]), (cells[2], cells[3])):
            table.add_row(*left, "    ", *right)
        course = curve(status.history, inner, below)
        return frame(Group(table, "", Text("\n".join(course), NAME)), "Money", height=height)
    table = columns("l", "r")
    for cell in (cells[0], cells[2], cells[1], cells[3]):
        table.add_row(*cell)
    return frame(_beside(table, status.history, inner, lines), "Money", height=height)


def _beside(table: Table, history: Sequence[int], inner: int, lines: int) -> RenderableType:
    """Put the course beside the figures, if there is room for it."""
    room = inner - 26
    if room < 6:
        return table
    both = Table.grid(padding=(0, 1))
    both.add_column(width=24)
    both.add_column(width=room, no_wrap=True)
    both.add_row(table, Text("\n".join(curve(history, room, lines)), NAME))
    return both


def requests(status: RequestStatus, width: int, height: int) -> Panel:
    """How the allowance is used, and what the API made of the requests."""
    inner, share = width - MARGINS, status.share_last_minute
    gauge = bar(share, inner - 6, GOOD if share >= 0.9 else NAME)
    gauge.append(f"{figures.percent(share):>6}", VALUE)
    upper, lower = columns("l", "r"), columns("l", "r")
    upper.add_row(
        Text.assemble(
            (f"{status.per_second:.2f}", VALUE),
            ("/s  ", LABEL),
            (str(status.in_flight), VALUE),
            (" in flight", LABEL),
        ),
        Text.assemble((figures.whole(status.total), VALUE), (" sent", LABEL)),
    )
    upper.add_row(Text("Allowance, last minute", LABEL), _breaker(status.breaker))
    lower.add_row(
        Text("While saturated", LABEL),
        Text.assemble(
            (figures.percent(status.share_saturated), VALUE),
            (f" of {figures.short(status.saturated_minutes)} min", LABEL),
        ),
    )
    return frame(Group(upper, gauge, lower, _counts(status)), "Requests", height=height)


def _counts(status: RequestStatus) -> Table:
    """Count in one line what became of requests."""
    table = columns("l", "l", "r")
    table.add_row(
        *(
            Text.assemble((f"{label} ", LABEL), (figures.short(count), style))
            for label, count, style in (
                ("429", status.r429, alarm(status.r429)),
                ("lost", status.unknown, alarm(status.unknown, style=WARN)),
                ("refused", status.refusals, VALUE),
            )
        )
    )
    return table


def _breaker(state: str) -> Text:
    return Text(f"API {'ok' if state == 'closed' else figures.plain(state)}", _state_style(state))


def _state_style(state: str) -> str:
    return {"closed": GOOD, "half-open": WARN}.get(state, BAD)


def lanes(status: RequestStatus, height: int) -> Panel:
    """How long requests wait for their turn."""
    table = columns("l", "r", "r", "r")
    table.add_row(*(Text(head, LABEL) for head in ("Lane", "Queued", "p50", "p95")))
    for lane in status.lanes[: height - BORDERS - 1]:
        table.add_row(
            Text(figures.plain(lane.name), NAME),
            Text(figures.whole(lane.queued), VALUE),
            Text(figures.seconds(lane.wait_p50)),
            Text(figures.seconds(lane.wait_p95)),
        )
    return frame(table, "Waiting for the bucket", height=height)


def behaviours(rows: Sequence[BehaviourStatus], title: str, height: int) -> Panel:
    """What the ships are busy with, and what it brings."""
    table = columns("l", "r", "r")
    table.add_row(*(Text(head, LABEL) for head in ("Behaviour", "Ships", "Income")))
    room = height - BORDERS - 1
    ordered = sorted(rows, key=lambda row: (-row.ships, row.name))
    shown = ordered if len(ordered) <= room else ordered[: room - 1]
    for row in shown:
        table.add_row(
            Text(figures.plain(row.name), NAME, overflow="ellipsis"),
            Text(figures.whole(row.ships), VALUE),
            income(row.income),
        )
    if rest := ordered[len(shown) :]:
        table.add_row(
            Text(f"{len(rest)} more", QUIET),
            Text(figures.whole(sum(row.ships for row in rest)), QUIET),
            income(sum(row.income for row in rest)),
        )
    return frame(table, title, height=height)


def income(value: int) -> Text:
    """Show what something brought in: gains and losses by colour."""
    return Text(figures.short(value), GOOD if value > 0 else BAD if value < 0 else QUIET)


def events(rows: Sequence[EventStatus], height: int) -> Panel:
    """The last events, the newest at the bottom."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, width=1)
    table.add_column(no_wrap=True, max_width=24, overflow="ellipsis")
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    for row in rows[max(0, len(rows) - height + BORDERS) :]:
        mark, style = LEVELS.get(row.level, (" ", ""))
        table.add_row(
            Text(figures.clock_time(row.time), QUIET),
            Text(mark, style),
            Text(figures.actor_name(row.actor), NAME),
            Text(figures.event_text(row), style),
        )
    if not rows:
        return frame(Text("Nothing has happened yet.", QUIET), "Events", height=height)
    return frame(table, "Events", height=height)
