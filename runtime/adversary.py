"""Faults at chosen moments of a virtual run: what a scheduler would do that wishes us ill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Deed = Literal["hang", "late", "crash", "repeat"]
"""What happens at the message.

hang: it is handled, but its actor is busy for `seconds` more before it can end it.
late: its actor hangs first and handles it when it comes back, replaced or not; a message that
expires may have done so by then.
crash: its actor dies before it has handled it.
repeat: it comes twice, if it is an answer: what two senders of one answer would do.
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """Strikes at the k-th message that an address handles, counted from 1 over all lives."""

    path: str
    at: int
    deed: Deed
    seconds: float = 0.0


class Adversary:
    """Knows what is to happen when; asked by the virtual dispatcher before each message."""

    def __init__(self, attacks: Iterable[Attack]) -> None:
        self._attacks = {(attack.path, attack.at): attack for attack in attacks}
        self._handled: Counter[str] = Counter()
        self.struck: list[Attack] = []
        """What has happened so far."""

    def strike(self, path: str) -> Attack | None:
        """Count one message of an address; tell what is to happen at it."""
        self._handled[path] += 1
        attack = self._attacks.pop((path, self._handled[path]), None)
        if attack is not None:
            self.struck.append(attack)
        return attack
