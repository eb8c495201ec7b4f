"""Messages that nobody handled, and why."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Literal

from fleet.runtime.envelope import Envelope

Cause = Literal["no_actor", "expired", "overflow", "poison", "fenced", "stopped"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that came to nothing."""

    path: str
    envelope: Envelope
    cause: Cause


class DeadLetters:
    """A bounded store and counters by cause; written from any thread."""

    def __init__(self, keep: int = 1_000) -> None:
        self._letters: deque[DeadLetter] = deque(maxlen=keep)
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def add(self, letter: DeadLetter) -> None:
        """Keep a letter; the oldest one goes when the store is full."""
        with self._lock:
            self._letters.append(letter)
            self.counts[letter.cause] += 1

    def letters(self) -> tuple[DeadLetter, ...]:
        """Show what is kept, oldest first."""
        with self._lock:
            return tuple(self._letters)
