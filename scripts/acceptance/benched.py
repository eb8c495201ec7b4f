"""Lines that are figures of `fleet bench`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from clone import run, say

Row = tuple[str, str, bool]


def benched(name: str, part: str | None = None) -> Callable[[], list[Row]]:
    """Make a line of a bench, or of one of its parts; information that is no bound is left out.

    A part that failed as a whole has no reach, and is told all the same.
    """

    def line() -> list[Row]:
        run("./scripts/setup", "test,dev")
        only = ("--only", part) if part else ()
        status, text = run(".venv/bin/python", "-m", "fleet", "bench", name, "--json", *only)
        start = text.find("{")
        if start < 0:
            say(text[-1000:])
            return [(f"fleet bench {name} exits {status}", "figures", False)]
        figures = json.JSONDecoder().raw_decode(text[start:])[0]["figures"]
        told = [each for each in figures if each["reach"] or each.get("bound") or not each["ok"]]
        return [_row(figure) for figure in told]

    return line


def _row(figure: dict[str, Any]) -> Row:
    value = figure["value"]
    text = "not measured" if value is None else f"{value:,.6g} {figure['unit']}".strip()
    if figure["ratio"] is not None:
        text += f" ({figure['ratio']:.3g} x {figure['paired_with']})"
    why = f"; {figure['why']}" if figure.get("why") else ""
    reach = figure["reach"] or ("bound" if figure.get("bound") else "measured")
    return f"{figure['name']}: {text}{why}", reach, figure["ok"]


def tested(*nodes: str, **environment: str) -> Callable[[], list[Row]]:
    """Make a line of tests that all must pass."""

    def line() -> list[Row]:
        run("./scripts/setup", "test,dev")
        status, text = run(".venv/bin/python", "-m", "pytest", "-q", *nodes, **environment)
        closing = text.strip().splitlines()[-1] if text.strip() else ""
        return [(f"pytest {' '.join(nodes)}: {closing.strip('= ')}", "all pass", status == 0)]

    return line
