"""The lines of "Supervision that never stops the fleet"."""

from __future__ import annotations

from collections.abc import Callable

from benched import Row, benched, tested

LINES: dict[str, Callable[[], list[Row]]] = {
    "runtime": benched("runtime"),
    "soak": benched("soak"),
    "chaos": tested("tests/system/test_chaos.py", "tests/fleet/test_virtual_chaos.py"),
    "rules": tested("tests/runtime", "tests/supervision"),
}
