"""Public clients that others wrote, from the registry, against a served simulator."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from benched import Row
from clone import fresh_clone, run, say

STRANGERS = "scripts/acceptance/strangers"
CLIENTS: dict[str, tuple[str, ...]] = {
    "spacetraders_bot.py": ("spacetraders==0.10.0",),
    "snakesinspace_bot.py": ("SnakesInSpace==0.0.23",),
    "airlock_bot.js": ("@spacejunk/airlock@1.2.0",),
}
"""Scripts and what each needs."""

EXPLORER = {
    "name": "strangers",
    "credits": 2_000_000,
    "ships": [{"type": "SHIP_EXPLORER", "count": 1, "at": "HEADQUARTERS"}],
}
"""With a ship that can warp to a finished gate: the one at home is still to be built."""

SPEED = 2_000
PATIENCE = 300


@contextmanager
def served() -> Iterator[str]:
    """Serve a fresh, fast universe; tell its URL."""
    run("./scripts/setup", "test,dev")
    clone = fresh_clone()
    folder = tempfile.mkdtemp(prefix="world-", dir=clone.parent)
    command = [".venv/bin/python", "-m", "fleet", "sim", "--port", "0", "--data-dir", folder]
    scenario = clone.parent / "strangers.json"
    scenario.write_text(json.dumps(EXPLORER))
    command += ["--speed", str(SPEED), "--clock", "wall", "--scenario", str(scenario)]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def clients() -> list[Row]:
    """Run each client in an environment and a universe of its own."""
    rows = []
    for script, needs in CLIENTS.items():
        with served() as url:
            status, text = (javascript if script.endswith(".js") else python)(script, needs, url)
        say(text[-500:])
        about = "registers, buys a ship, mines, sells, fulfils a contract, trades, warps and jumps"
        rows.append((f"{needs[0]} {about}: exits {status}", "0", status == 0))
    return rows


def python(script: str, needs: tuple[str, ...], url: str) -> tuple[int, str]:
    """Run a Python client."""
    home = tempfile.mkdtemp(prefix="client-", dir=fresh_clone().parent)
    run("python3", "-m", "venv", home)
    run(f"{home}/bin/pip", "install", "-q", *needs)
    return run(f"{home}/bin/python", f"{STRANGERS}/{script}", url, timeout=PATIENCE)


def javascript(script: str, needs: tuple[str, ...], url: str) -> tuple[int, str]:
    """Run a client for node."""
    home = tempfile.mkdtemp(prefix="client-", dir=fresh_clone().parent)
    # The clone's home is empty, and npm keeps at home where packages come from.
    own = {f"npm_config_{name}": configured(name) for name in ("registry", "cafile")}
    run("npm", "install", "--silent", "--prefix", home, *needs, **own)
    return run(
        "node", f"{STRANGERS}/{script}", url, timeout=PATIENCE, NODE_PATH=f"{home}/node_modules"
    )


def configured(name: str) -> str:
    """Tell what the user's own npm is set to."""
    command = ("npm", "config", "get", name)
    value = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return "" if value == "null" else value
