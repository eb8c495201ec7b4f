"""A fresh clone with an empty home: made once per run of `scripts/accept`."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "TERM", "LANG", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Of the environment: what says where programs and packages come from, nothing else."""


@functools.cache
def fresh_clone() -> Path:
    """Clone what is committed into a new folder; removed at exit."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-accept-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "home").mkdir()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "fleet")], check=True)
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (folder / "shared").symlink_to(shared)
    return folder / "fleet"


def run(*command: str, timeout: float = 7200.0, **environment: str) -> tuple[int, str]:
    """Run a command in the clone; tell its exit status and what it printed."""
    clone = fresh_clone()
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {"HOME": str(clone.parent / "home"), **environment}
    say(" ".join(command))
    done = subprocess.run(
        command, cwd=clone, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode:
        say((done.stdout + done.stderr)[-2000:])
    return done.returncode, done.stdout + done.stderr


def play(*arguments: str) -> dict[str, Any]:
    """Run the fleet by `./scripts/run`; gives its summary, with the exit status in it."""
    clone = fresh_clone()
    summary = clone.parent / "s.json"
    summary.unlink(missing_ok=True)
    folder = tempfile.mkdtemp(prefix="data-", dir=clone.parent)
    status, _ = run(
        "./scripts/run", "--headless", "--summary", str(summary), "--data-dir", folder, *arguments
    )
    read: dict[str, Any] = json.loads(summary.read_text()) if summary.exists() else {}
    say({name: read.get(name) for name in ("seed", "net_worth_gain", "ships", "requests")})
    return {"exit": status, **read}


def say(text: object) -> None:
    """Tell how it goes on."""
    print(f"  {text}", file=sys.stderr, flush=True)
