"""Messages that nobody handled, and why."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import Literal

from fleet.runtime.envelope import Envelope, to_keep

Cause = Literal["no_actor", "expired", "overflow", "poison", "fenced", "stopped", "quarantined"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that came to nothing."""

    path: str
    envelope: Envelope
    cause: Cause

    @property
    def may_be_sent_again(self) -> bool:
        """Whether handling it later, or once more, can do no harm, by what its type declares.

        What never reached its actor's hands always may.
        """
        if self.cause not in {"poison", "fenced"}:
            return True
        return getattr(type(self.envelope.message), "redeliver", "never") != "never"


class DeadLetters:
    """A bounded store and counters by cause; written from any thread."""

    def __init__(self, keep: int = 1_000) -> None:
        self._letters: deque[DeadLetter] = deque(maxlen=keep)
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def add(self, letter: DeadLetter) -> None:
        """Keep a letter; the oldest one goes when the store is full."""
        kept = replace(letter, envelope=to_keep(letter.envelope))
        with self._lock:
            self._letters.append(kept)
            self.counts[letter.cause] += 1

    def letters(self) -> tuple[DeadLetter, ...]:
        """Show what is kept, oldest first."""
        with self._lock:
            return tuple(self._letters)

    def take(self, number: int) -> DeadLetter | None:
        """Take a letter out by its envelope's id, to be sent again; None when it is not kept.

        The counters go on counting it: it was a dead letter.
        """
        with self._lock:
            found = next((one for one in self._letters if one.envelope.id == number), None)
            if found is not None:
                self._letters.remove(found)
            return found

    def find(self, number: int) -> DeadLetter | None:
        """Look a letter up by its envelope's id."""
        return next((one for one in self.letters() if one.envelope.id == number), None)
