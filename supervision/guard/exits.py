"""How a process ended."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of one process."""

    code: int
    """Exit code; negative for the signal that ended it."""

    boot_failure: str = ""
    """Why it can't start as things are, in a sentence."""

    renewal: str = ""
    """Why it wants to be started anew, in a sentence."""

    @property
    def clean(self) -> bool:
        """Whether it ended of itself and found nothing wrong."""
        return self.code == 0

    def __str__(self) -> str:
        """Say it in a few words."""
        if self.renewal:
            return f"asks to be started anew ({self.renewal.rstrip('.')})"
        if self.code >= 0:
            return f"ended with exit code {self.code}"
        try:
            return f"was ended by {signal.Signals(-self.code).name}"
        except ValueError:
            return f"was ended by signal {-self.code}"
