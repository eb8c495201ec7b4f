"""Public clients that others wrote, from the registry, against a served simulator."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from benched import Row
from clone import fresh_clone, run, say

CLIENTS = {
    "autotraders_bot.py": ("autotraders==2.3.5", "pyrate_limiter<4"),
    "snakesinspace_bot.py": ("SnakesInSpace==0.0.23",),
}
"""Scripts and what each needs."""


@contextmanager
def served() -> Iterator[str]:
    """Serve a fast universe; tell its URL."""
    run("./scripts/setup", "test,dev")
    clone = fresh_clone()
    folder = tempfile.mkdtemp(prefix="world-", dir=clone.parent)
    command = [".venv/bin/python", "-m", "fleet", "sim", "--port", "0", "--data-dir", folder]
    command += ["--speed", "1000", "--clock", "wall"]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def clients() -> list[Row]:
    """Run each client in an environment of its own."""
    rows = []
    with served() as url:
        for script, needs in CLIENTS.items():
            home = tempfile.mkdtemp(prefix="client-", dir=fresh_clone().parent)
            run("python3", "-m", "venv", home)
            run(f"{home}/bin/pip", "install", "-q", *needs)
            at = f"scripts/acceptance/strangers/{script}"
            status, text = run(f"{home}/bin/python", at, url, timeout=300)
            say(text[-500:])
            rows.append((f"{needs[0]} exits {status}", "0", status == 0))
    return rows
