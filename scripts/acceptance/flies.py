"""The lines of "The fleet flies"."""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clone import fresh_clone, play, run, say

Row = tuple[str, str, bool]
TWO_HOURS = ("--speed", "60", "--for", "120s")
REAL = "../shared/real/starting_system_2025-04.json"


def row(name: str, value: object, reach: str, ok: bool) -> Row:
    """Make one row."""
    return f"{name} {value}", reach, ok


def plays() -> list[Row]:
    """Seeds 1, 2 and 3, two game hours each, from a fresh clone."""
    runs = [play(*TWO_HOURS, "--seed", seed) for seed in ("1", "2", "3")]
    gain = statistics.median(one.get("net_worth_gain", 0) for one in runs)
    hours = min(one.get("game_seconds", 0) for one in runs) / 3600
    ships = min(one.get("ships", 0) for one in runs)
    sold = min(len(_sellers(one)) for one in runs)
    contracts = [one.get("contract", "") for one in runs]
    exits = [one["exit"] for one in runs]
    return [
        row("exit codes", exits, "0", exits == [0, 0, 0]),
        row("game hours, least", f"{hours:.3f}", ">= 2.0", hours >= 2.0),
        row("net_worth_gain, median", f"{gain:,.0f}", ">= 150,000", gain >= 150_000),
        row("ships, least", ships, ">= 6", ships >= 6),
        row("behaviours with sales, least", sold, ">= 2", sold >= 2),
        row("contracts", contracts, "fulfilled or reason", all(contracts)),
        *(_zero(runs, key) for key in ("requests_429", "tracebacks", "audit_difference")),
    ]


def _sellers(one: dict[str, Any]) -> list[str]:
    income = one.get("income_by_behaviour", {})
    selling = ("trade_best_route", "mine_and_sell", "fulfil_contract")
    return [name for name in selling if income.get(name, 0) > 0]


def _zero(runs: list[dict[str, Any]], key: str) -> Row:
    values = [one.get(key) for one in runs]
    return row(key, values, "0", values == [0] * len(runs))


def late() -> list[Row]:
    """A hundred ships for a game hour: how much of the allowance is used."""
    one = play("--speed", "60", "--for", "60s", "--scenario", "late")
    share, minutes = one.get("allowance_share", 0.0), one.get("saturated_minutes", 0)
    limited = one.get("requests_429", 0) / max(1, one.get("requests", 0))
    return [
        row("allowance_share", f"{share:.3f}", ">= 0.85", share >= 0.85),
        row("saturated game minutes", minutes, ">= 30", minutes >= 30),
        row("answered 429", f"{limited:.4%}", "<= 0.1 %", limited <= 0.001),
    ]


def real() -> list[Row]:
    """A captured real system, two game hours."""
    if not (fresh_clone().parent / "shared").exists():
        return [row("captured system", "absent", REAL, False)]
    one = play(*TWO_HOURS, "--universe", REAL)
    gain = one.get("net_worth_gain", 0)
    return [row("net_worth_gain", f"{gain:,}", ">= 250,000", gain >= 250_000)]


def tests() -> list[Row]:
    """The whole suite from the clone; its time includes the installation."""
    began = time.monotonic()
    status, text = run("./scripts/test", "-rs")
    minutes = (time.monotonic() - began) / 60
    skipped = re.findall(r"SKIPPED \[\d+\] (.*)", text)
    other = [line for line in skipped if "shared" not in line]
    closing = text.strip().splitlines()[-1] if text.strip() else ""
    return [
        row("scripts/test exits", status, "0", status == 0),
        row("minutes", f"{minutes:.1f}", "< 6", minutes < 6),
        row("skipped without need of ../shared", other, "none", not other),
        row("closing line", closing.strip("= "), "", True),
    ]


def _pytest(*nodes: str, **environment: str) -> list[Row]:
    run("./scripts/setup", "test,dev")
    status, text = run(".venv/bin/python", "-m", "pytest", "-q", "-s", *nodes, **environment)
    closing = text.strip().splitlines()[-1] if text.strip() else ""
    rows = [_figure(line) for line in text.splitlines() if line.startswith("figure: ")]
    return [*rows, row("pytest", closing.strip("= "), "all pass", status == 0)]


def _figure(line: str) -> Row:
    """Read what a test has measured: `figure: NAME VALUE | REACH | ok`."""
    name, reach, verdict = line.removeprefix("figure: ").split(" | ")
    return name, reach, verdict == "ok"


def chaos() -> list[Row]:
    """Hung and crashed actors of a living fleet."""
    return _pytest("tests/system/test_chaos.py")


def processes() -> list[Row]:
    """Signals and kills of real processes, the long series."""
    names = ("stopping", "resuming", "killing_runtime", "killing_guard", "killing_simulator")
    return _pytest(*(f"tests/system/test_{name}.py" for name in names), FLEET_LONG="1")


def screens() -> list[Row]:
    """The pictures in the docs, and what draws them; whether they are good is for eyes."""
    return [
        _screen(name, *sources)
        for name, sources in {
            "console-80x24.svg": ("fleet/console",),
            "console-200x50.svg": ("fleet/console",),
            "tail.svg": ("fleet/cli/tail.py", "supervision/log_format.py"),
            "status.svg": ("fleet/console/page.py", "fleet/cli/status.py"),
        }.items()
    ]


def _screen(name: str, *sources: str) -> Row:
    picture = f"docs/images/{name}"
    drawn, changed = _committed(picture), _committed(*sources)
    age = (drawn - changed) / 3600
    return row(f"{picture}, hours drawn after its code", f"{age:.1f}", ">= 0", 0 < drawn >= changed)


def _committed(*paths: str) -> int:
    """Tell when paths were last changed, in seconds since the epoch; 0 for never."""
    _, text = run("git", "log", "-1", "--format=%ct", "--", *paths)
    return int(text.strip() or 0)


def starts() -> list[Row]:
    """From the start of `python -m fleet run` to the first readings answered.

    The first API request (the registration) comes before, so this is its upper bound.
    """
    run("./scripts/setup")
    took = [_start() for _ in range(5)]
    say([round(one, 2) for one in took])
    middle = statistics.median(took)
    return [row("registered and read, median s", f"{middle:.2f}", "<= 3", middle <= 3.0)]


def _start() -> float:
    folder = Path(tempfile.mkdtemp(prefix="start-", dir=fresh_clone().parent))
    began = time.time()
    run(
        ".venv/bin/python", "-m", "fleet", "run", "--headless", "--for", "1s",
        "--data-dir", str(folder),
    )  # fmt: skip
    ready = re.search(r'"ready_at":([\d.]+)', (folder / "run.json").read_text())
    assert ready is not None
    return float(ready[1]) - began


def readme() -> list[Row]:
    """What the README must tell."""
    text = (fresh_clone() / "README.md").read_text()
    wanted = {
        "picture of the console": "images/console-80x24.svg",
        "first command": "./scripts/run",
        "second command": "./scripts/test",
        "tail": "fleet tail",
        "status": "fleet status",
        "live token": "SPACETRADERS_TOKEN",
        "other bots": "fleet sim",
    }
    missing = [name for name, mark in wanted.items() if mark not in text]
    return [row("missing in README", missing, "nothing", not missing)]


LINES: dict[str, Callable[[], list[Row]]] = {
    "1": plays,
    "2": late,
    "3": real,
    "4": tests,
    "5": chaos,
    "6": processes,
    "7": screens,
    "8": starts,
    "9": readme,
}
