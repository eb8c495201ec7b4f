"""Finds comparisons in the table of experiments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from fleet.storage.namespaces import namespaces
from fleet.storage.reader import Source
from fleet.storage.tables import EXPERIMENTS


def rows(
    source: Source, agent: str | None, name: str | None = None
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give namespace and row of experiments, those begun last first. Raises StoreUnavailable."""
    column = EXPERIMENTS.c
    known = [one.id for one in namespaces(source, agent)]
    query = select(EXPERIMENTS).where(column.namespace_id.in_(known))
    if name is not None:
        query = query.where(column.name == name)
    with source.reading() as connection:
        found = connection.execute(query.order_by(column.started_at.desc())).mappings().all()
    for row in found:
        yield int(row["namespace_id"]), {str(column): value for column, value in row.items()}
