"""What an experiment has spent and earned, and whether it may spend more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from fleet.actors.ship_messages import credits_moved
from fleet.protocol.api import ApiRefusal, ApiReply, UnknownOutcome
from fleet.protocol.fleet import Granted, Reserve

SPENDING: Final = frozenset(
    {
        "purchase-cargo",
        "purchase-ship",
        "install-mount",
        "remove-mount",
        "install-ship-module",
        "remove-ship-module",
        "repair-ship",
        "jump-ship",
    }
)
"""Operations that cost credits beyond fuel; each needs a grant of the treasury first."""

FORBIDDEN: Final = 403


@dataclass(slots=True)
class Wallet:
    """Kept where replies pass, so it counts what the server says and not what a script says."""

    name: str
    budget: int
    spent: int = 0
    earned: int = 0
    requests: int = 0
    """Requests that were sent, as far as their ends tell."""

    grants: Counter[str] = field(default_factory=Counter)
    """What is left of each owner's grant, in credits."""

    def refusal(self, number: int, operation: str, owner: str) -> ApiRefusal | None:
        """Say why an operation may not be done; None for one that may."""
        if operation not in SPENDING:
            return None
        if self.spent >= self.budget:
            text = f"{self.name} has spent {self.spent:,} of {self.budget:,} credits"
        elif self.grants[owner] <= 0 and self.grants[self.name] <= 0:
            text = f"{self.name} has no grant for this: reserve credits at the treasury first"
        else:
            return None
        return ApiRefusal(number, operation, FORBIDDEN, 0, text, {})

    def reserved(self, reserve: Reserve, answer: Any) -> None:
        """Take note of what the treasury answered."""
        self.grants[reserve.owner] = answer.amount if isinstance(answer, Granted) else 0

    def ended(self, outcome: Any, owner: str) -> None:
        """Count a request that was sent, and what its reply moved."""
        self.requests += isinstance(outcome, ApiReply | ApiRefusal | UnknownOutcome)
        moved = credits_moved(outcome) if isinstance(outcome, ApiReply) else 0
        if moved >= 0:
            self.earned += moved
            return
        self.spent -= moved
        if outcome.operation in SPENDING:
            holder = owner if self.grants[owner] > 0 else self.name
            self.grants[holder] = max(0, self.grants[holder] + moved)
