"""The lines of "Experiments: inject actors into a living fleet, and play weeks in minutes"."""

from __future__ import annotations

from collections.abc import Callable

from benched import Row, benched, tested

LINES: dict[str, Callable[[], list[Row]]] = {
    "virtual": benched("virtual"),
    "inject": benched("inject"),
    "examples": tested("tests/fleet/test_examples.py", "tests/experiments"),
    "scripts": tested("tests/fleet/inject", "tests/system/test_injecting.py", FLEET_LONG="1"),
    "page": tested("tests/system/test_experiments_page.py", FLEET_LONG="1"),
}
