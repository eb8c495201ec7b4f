"""A simulator as a server of its own, as foreign bots use it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .fleet_process import clean_environment


class SimProcess:
    """`fleet sim` on a free port; `end` it in any case."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        self.data_dir = data_dir
        command = [sys.executable, "-m", "fleet", "sim", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir), *arguments],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().removesuffix("/v2")
        """Ready to serve: the line comes when it is."""

    def account_token(self) -> str:
        """Make the token of a new account."""
        command = [sys.executable, "-m", "fleet", "sim", "account"]
        done = subprocess.run(
            [*command, "--data-dir", str(self.data_dir)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def end(self) -> None:
        """Stop it and wait for its end."""
        self.process.terminate()
        self.process.communicate(timeout=30)
