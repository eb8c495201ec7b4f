"""The status as a page of text, for `fleet status`."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.console import figures
from fleet.console.lines import speed
from fleet.console.look import LABEL, LEVELS, NAME, QUIET, VALUE
from fleet.console.panels import income
from fleet.durations import show_duration
from fleet.status import RequestStatus, ResourceStatus, Status

EVENTS = 8
"""So many of the last events are shown."""

INDENT = 13
"""Columns before what a line tells: its label, or an event's time and mark."""

OPERATIONS = 6
"""So many of the operations asked for most are shown."""


def print_page(status: Status, terminal: Console) -> None:
    """Print everything but the single ships."""
    process, agent = status.process, status.agent
    title = Text(figures.plain(agent.symbol) or "fleet", "bold cyan")
    title.append(f" at {figures.plain(agent.headquarters)}" if agent.headquarters else "", LABEL)
    up = f", process {process.pid}, epoch {process.epoch}, up {show_duration(process.uptime_s)}"
    terminal.print(title.append(up, LABEL), soft_wrap=True)
    terminal.print()
    for label, value in facts(status):
        _print_line(Text(f"  {label:<11}", LABEL), Text(value), terminal)
    terminal.print()
    _print_tables(status, terminal)
    if status.requests.by_operation:
        terminal.print()
        terminal.print(_operations(status.requests))
    if status.events:
        terminal.print()
    for event in status.events[-EVENTS:]:
        mark, style = LEVELS.get(event.level, (" ", ""))
        when = Text.assemble((f"  {figures.clock_time(event.time)} ", QUIET), (f"{mark} ", style))
        actor = (f"{figures.actor_name(event.actor)}  ", NAME)
        told = Text.assemble(actor, (figures.event_text(event), style))
        _print_line(when, told, terminal)


def _print_line(head: Text, told: Text, terminal: Console) -> None:
    """Print a line; where it is too long, go on below what it tells, and break no word."""
    lines = told.wrap(terminal, max(INDENT, terminal.width - INDENT))
    for line in lines:
        line.rstrip()
    below = Text("\n" + " " * INDENT)
    terminal.print(head + below.join(lines), soft_wrap=True)


def facts(status: Status) -> Iterator[tuple[str, str]]:
    """Tell each matter in one line, labelled."""
    clock, money, asked = status.clock, status.money, status.requests
    known = "" if clock.error_s is None else f", known to {clock.error_s:.2g} s"
    yield "Game time", f"{figures.day_and_time(clock.game)} UTC, {speed(clock.speed)}{known}"
    start = figures.whole(money.credits_start)
    yield "Credits", f"{figures.whole(status.agent.credits)} ({start} at the start)"
    hourly = f"{figures.signed(money.per_hour)} per game hour"
    yield (
        "Net worth",
        f"{figures.whole(money.net_worth)} ({figures.signed(money.gain)}, {hourly})",
    )
    for agent in status.agents[1:]:
        owns = f"{figures.whole(agent.credits)}, {figures.count_of(agent.ships, 'ship')}"
        yield figures.plain(agent.symbol), owns
    yield "Contract", figures.plain(status.contract.line) or "none at hand"
    state = "ok" if asked.breaker == "closed" else f"breaker {figures.plain(asked.breaker)}"
    if asked.down:
        state += f", down: {figures.plain(', '.join(asked.down))}"
    rate = f"{asked.per_second:.2f}/s, {asked.in_flight} in flight"
    yield "Requests", f"{figures.whole(asked.total)} sent, {rate}, API {state}"
    full = f"{figures.percent(asked.share_saturated)} while saturated"
    minutes = figures.count_of(asked.saturated_minutes, "game minute")
    last = f"{figures.percent(asked.share_last_minute)} used in the last minute"
    yield "Allowance", f"{last}, {full} ({minutes})"
    refused = f"{figures.whole(asked.refusals)} refused, {figures.whole(asked.unknown)} lost"
    took = f"{asked.seconds_per_request:.2f} game s under way"
    yield "Yield", f"{figures.signed(asked.credits_per_request)} credits per request, {took}"
    yield "Answers", f"{figures.whole(asked.r429)} too many requests (429), {refused}"
    if asked.saturated:
        yield "Saturated", figures.plain(", ".join(asked.saturated))
    yield from _machinery(status)


def _machinery(status: Status) -> Iterator[tuple[str, str]]:
    actors, database = status.actors, status.database
    anew = status.process.restarts
    if anew:
        times = "once" if anew == 1 else f"{figures.whole(anew)} times"
        yield "Restarts", f"the runtime was started anew {times}; see `fleet tail`"
    troubles = f"{figures.whole(actors.restarts)} restarts, {figures.whole(actors.hung)} hung"
    left = f"{figures.whole(actors.zombies)} zombies, {figures.whole(actors.quarantined)}"
    letters = actors.dead_letters
    lost = f", {figures.count_of(letters, 'dead letter')}" if letters else ""
    yield "Actors", f"{figures.whole(actors.total)} alive, {troubles}, {left} quarantined{lost}"
    if status.resources.rss_mb:
        yield "Process", _resources(status.resources)
    flush = "" if database.last_flush_ms is None else f", {database.last_flush_ms:.0f} ms per write"
    rows = f"{figures.count_of(database.pending, 'row')} waiting"
    state = "failing" if database.failing else "ok"
    yield "Database", f"{figures.plain(database.url)} {state}, {rows}{flush}"


def _resources(used: ResourceStatus) -> str:
    peak = f" (at most {used.peak_mb:.0f})" if used.peak_mb >= used.rss_mb else ""
    memory = f"{used.rss_mb:.0f} MB{peak}"
    short = "" if used.pressure == "normal" else f", memory pressure {figures.plain(used.pressure)}"
    rest = f"{used.open_files} descriptors, {used.threads} threads"
    return f"{memory}, {used.cpu_percent:.0f} % of a core, {rest}{short}"


def _print_tables(status: Status, terminal: Console) -> None:
    """Put behaviours and lanes side by side, or below each other where that is too wide."""
    ships = _titled("Behaviour", "Ships", "Income")
    for row in sorted(status.behaviours, key=lambda row: (-row.ships, row.name)):
        name = Text(figures.plain(row.name) or "-", NAME)
        ships.add_row(name, Text(figures.whole(row.ships), VALUE), income(row.income))
    lanes = _titled("Lane", "Queued", "p50", "p95", "p99")
    for lane in status.requests.lanes:
        lanes.add_row(
            Text(figures.plain(lane.name), NAME),
            Text(figures.whole(lane.queued), VALUE),
            figures.seconds(lane.wait_p50),
            figures.seconds(lane.wait_p95),
            figures.seconds(lane.wait_p99),
        )
    apart = 4
    unbounded = terminal.options.update_width(1_000)
    needed = sum(terminal.measure(one, options=unbounded).maximum for one in (ships, lanes))
    if needed + apart > terminal.width:
        terminal.print(ships)
        terminal.print()
        terminal.print(lanes)
        return
    both = Table.grid(padding=(0, apart))
    both.add_row(ships, lanes)
    terminal.print(both)


def _operations(asked: RequestStatus) -> Table:
    """List what was asked for most, and what became of it."""
    table = _titled("Operation", "Requests", "of them refused", "429", "lost")
    counts = sorted(asked.by_operation.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    for name, ends in counts[:OPERATIONS]:
        wrong = (ends.get(end, 0) for end in ("refusal", "limited", "unknown"))
        figures_of = (figures.whole(count) for count in (sum(ends.values()), *wrong))
        table.add_row(Text(figures.plain(name), NAME), *(Text(one, VALUE) for one in figures_of))
    return table


def _titled(first: str, *rest: str) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=True, header_style=LABEL)
    table.add_column(first, no_wrap=True)
    for head in rest:
        table.add_column(head, justify="right", no_wrap=True)
    return table
