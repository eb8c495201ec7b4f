"""The lines of "Storage: one writer, SQLite by default, PostgreSQL for real"."""

from __future__ import annotations

from collections.abc import Callable

from benched import Row, benched, tested

LINES: dict[str, Callable[[], list[Row]]] = {
    "storage": benched("storage"),
    "suite": tested(
        "tests/storage", "tests/actors/writer", "tests/system/test_postgresql.py", FLEET_LONG="1"
    ),
}
