"""What one run of `fleet run` remembers across restarts of its runtime process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

import msgspec
from msgspec.structs import replace


class RunState(msgspec.Struct, kw_only=True):
    """Written when the runtime is first ready, and again at each restart."""

    run: str
    """Names the run: made by the parent, the same for all its runtimes."""

    ready_at: float
    """Wall time of the first ready runtime, seconds since the epoch."""

    game_at: float
    """Game time of that moment."""

    credits_start: int
    net_worth_start: int
    epoch: int
    """Process epoch of the first runtime; the run's rows have this one or a later one."""

    process_restarts: int = 0
    namespace: int = 0
    """Whom this is about, and in which life of the server."""

    def continued(self, now: Self) -> Self:
        """Go on with what began earlier, or after a reset of the server with what begins now.

        The time that the run was given counts from its first process on in both cases.
        """
        restarts = self.process_restarts + 1
        if self.namespace == now.namespace:
            return replace(self, process_restarts=restarts)
        return replace(now, ready_at=self.ready_at, process_restarts=restarts)


def load_run(path: Path, run: str) -> RunState | None:
    """Read the state of this very run; None for the first runtime of a run."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=RunState)
    except (OSError, msgspec.DecodeError):
        return None
    return state if state.run == run else None


def save_run(path: Path, state: RunState) -> None:
    """Keep the state, whole or not at all."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_bytes(msgspec.json.encode(state))
    draft.replace(path)
