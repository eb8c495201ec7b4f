"""What the guard is told about each process, checked before anything starts."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from fleet.protocol.errors import SetupError, UsageError
from fleet.supervision.spec import Backoff, Restart

STDIN_MOST = 16 * 1024
"""Bytes on standard input; so much fits into any pipe without a reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """One process under the guard."""

    name: str
    """Word in log lines and file names, such as `runtime`."""

    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    """The whole environment; None for the guard's own."""

    pass_fds: Sequence[int] = ()
    """Open descriptors that it gets under the same numbers, such as a bound socket."""

    stdin: bytes = b""
    """What it reads from standard input (tokens go here, never into argv)."""

    terminal: bool = False
    """It draws on the terminal: gets the guard's standard input and changes of its size."""

    output: Path | None = None
    """File that its standard output and error are appended to; None for the guard's own."""

    shares_output: bool = False
    """Others write into that file as well: a start must not set it aside under their hands."""

    critical: bool = False
    """Without it there is no fleet: its clean exit, or giving it up, ends all."""

    heartbeat: float | None = None
    """Wall seconds without a beat, once ready, after which it is killed; None for never."""

    ready_timeout: float | None = 30.0
    """Wall seconds for its start; None for a program that doesn't say when it is ready."""

    stop_order: int = 0
    """Lower ones are stopped first; equal ones together."""

    restart: Restart = "permanent"
    after: Sequence[str] = ()
    """Names of processes that must be ready before its first start."""

    backoff: Backoff = field(default_factory=lambda: Backoff(least=0.5, most=30.0, reset_after=60))
    attempts: int = 5
    """Starts in a row that may end before it is ready; then the guard gives it up."""

    def check(self) -> None:
        """Raise UsageError for a specification that can't be run."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", self.name):
            raise UsageError(f"a process's name is a short word, not {self.name!r}")
        if not self.argv:
            raise UsageError(f"{self.name}: the command (argv) is empty")
        limits = {"heartbeat": self.heartbeat, "ready_timeout": self.ready_timeout}
        for key, value in limits.items():
            if value is not None and not value > 0:
                raise UsageError(f"{self.name}: {key} must be above 0 seconds, not {value}")
        if self.attempts < 1:
            raise UsageError(f"{self.name}: attempts must be 1 or more, not {self.attempts}")
        if not 0 < self.backoff.least <= self.backoff.most:
            raise UsageError(f"{self.name}: backoff takes 0 < least <= most")
        self._check_input()

    def _check_input(self) -> None:
        if len(self.stdin) > STDIN_MOST:
            raise UsageError(f"{self.name}: stdin takes at most {STDIN_MOST} bytes")
        if self.stdin and self.terminal:
            raise UsageError(f"{self.name}: give it either stdin or the terminal, not both")
        for fd in self.pass_fds:
            try:
                os.fstat(fd)
            except OSError:
                raise UsageError(f"{self.name}: descriptor {fd} to pass is not open") from None


def check_specs(specs: Sequence[ProcessSpec]) -> None:
    """Check each and all together. Raises UsageError, or SetupError for a missing program."""
    names = [spec.name for spec in specs]
    for spec in specs:
        spec.check()
        if names.count(spec.name) > 1:
            raise UsageError(f"two processes are called {spec.name}; name each differently")
        for other in spec.after:
            if other not in names:
                raise UsageError(f"{spec.name} starts after {other}, which is not there")
        path = spec.env.get("PATH") if spec.env is not None else None
        if shutil.which(spec.argv[0], path=path) is None:
            raise SetupError(f"{spec.name}: there is no program {spec.argv[0]} to run.")
    try:
        TopologicalSorter({spec.name: spec.after for spec in specs}).prepare()
    except CycleError as cycle:
        circle = ", ".join(cycle.args[1])
        raise UsageError(f"these processes wait for each other to start: {circle}") from None
