"""Which experiments there are and were, as the laboratory's incarnations share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fleet.inject.order import Order
from fleet.inject.trial.trial import Trial
from fleet.inject.wallet import Wallet

KEEP: Final = 50
"""Ended experiments that are remembered."""


@dataclass(slots=True)
class Entry:
    """One experiment. Its wallet, `stack` and `refused` are not written by the laboratory."""

    order: Order
    kind: str
    """actor or behaviour, and what the script calls it."""

    wallet: Wallet
    end: Callable[[], None]
    """Ends what runs outside the tree of actors; may be called twice, from any thread."""

    asked: float
    """Wall time at which it was taken in."""

    began: float = 0.0
    """Steady time at which it was started, in wall seconds."""

    started: float | None = None
    ended: float | None = None
    outcome: str = ""
    """Why it ended, in a sentence; empty while it runs."""

    stack: str = ""
    """Where the script crashed or hung, if its process could tell; written by its own actor."""

    refused: str = ""
    """What it wanted last that no experiment may do; written by its own actor."""

    trial: Trial | None = None
    """The comparison that it is part of, if any."""

    @property
    def name(self) -> str:
        """Its name, and that of its actor."""
        return self.order.name


@dataclass(slots=True)
class Register:
    """Read from any thread: entries are replaced and removed, never changed in a loop over them."""

    running: dict[str, Entry] = field(default_factory=dict)
    past: list[Entry] = field(default_factory=list)

    def close(self, name: str, outcome: str, now: float) -> Entry | None:
        """Take note of an end; None where nothing ran under the name."""
        entry = self.running.pop(name, None)
        if entry is not None:
            entry.ended, entry.outcome = now, outcome
            self.past = [*self.past, entry][-KEEP:]
        return entry
