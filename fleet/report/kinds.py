"""The reports that there are: each asks the database once and gives a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fleet.report.table import Column, Table
from fleet.storage.earnings import earnings_by_good, earnings_by_ship
from fleet.storage.hours import hours, saturation
from fleet.storage.queries import Span
from fleet.storage.reader import Source

Make = Callable[[Source, int, Span, float], Table]
"""Makes a report of a namespace and a span of time, in buckets of so many game seconds."""


def _hourly(source: Source, namespace: int, span: Span, bucket: float) -> Table:
    columns = (
        Column("at", "from", "time"),
        Column("credits", "credits", "number"),
        Column("per_hour", "CPH", "number"),
        Column("requests", "requests", "number"),
        Column("per_request", "CPR", "ratio"),
        Column("limited", "429", "number"),
        Column("refusals", "refused", "number"),
        Column("spent_on_ships", "for ships", "number"),
    )
    rows = hours(source, namespace, bucket=bucket, span=span)
    return Table("Credits per hour (CPH) and per request (CPR)", columns, rows)


def _saturation(source: Source, namespace: int, span: Span, bucket: float) -> Table:
    columns = (
        Column("at", "from", "time"),
        Column("requests", "requests", "number"),
        Column("seconds_per_request", "s/request", "ratio"),
        Column("wait", "wait s", "ratio"),
        Column("longest_wait", "longest s", "ratio"),
        Column("duration", "answer s", "ratio"),
    )
    rows = saturation(source, namespace, bucket=bucket, span=span)
    return Table("Saturation: how long requests wait for their turn", columns, rows)


def _ships(source: Source, namespace: int, span: Span, _bucket: float) -> Table:
    columns = (
        Column("ship", "ship"),
        Column("delta", "credits", "number"),
        Column("requests", "requests", "number"),
        Column("per_request", "CPR", "ratio"),
        Column("refusals", "refused", "number"),
    )
    return Table("Earnings by ship", columns, earnings_by_ship(source, namespace, span=span))


def _goods(source: Source, namespace: int, span: Span, _bucket: float) -> Table:
    columns = (
        Column("good", "good"),
        Column("bought", "bought", "number"),
        Column("paid_per_unit", "paid", "ratio"),
        Column("sold", "sold", "number"),
        Column("got_per_unit", "got", "ratio"),
        Column("delta", "credits", "number"),
    )
    return Table("Earnings by good", columns, earnings_by_good(source, namespace, span=span))


KINDS: Mapping[str, Make] = {
    "hourly": _hourly,
    "ships": _ships,
    "goods": _goods,
    "saturation": _saturation,
}
"""By the name on the command line."""
