"""The lines of "One allowance, fully used"."""

from __future__ import annotations

from collections.abc import Callable

from benched import Row, benched, tested

LINES: dict[str, Callable[[], list[Row]]] = {
    "bucket": benched("bucket"),
    "rules": tested("tests/actors/bucket", "tests/actors/test_limiter.py"),
}
