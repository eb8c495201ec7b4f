"""What becomes of one request that meets faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from fleet.protocol.transport import HttpResponse
from fleet.simulator.refusals import Refusal

Loss = Literal["reset-before", "reset-after", "hang-before", "hang-after", "cut"]
"""How the connection fails: before the game acts, after it, or amid the reply."""


@dataclass(slots=True)
class Trouble:
    """All that faults do to one request; legs are in game seconds."""

    request_leg: float = 0.0
    reply_leg: float = 0.0
    front: HttpResponse | None = None
    """Answers instead of the game."""

    refusal: Refusal | None = None
    """The game itself refuses with it."""

    limited: float | None = None
    """The game's own 429, to wait so many game seconds."""

    spoilers: list[Callable[[HttpResponse], HttpResponse]] = field(default_factory=list)
    """Change the answer after the game has acted."""

    loss: Loss | None = None
    twice: bool = False
    """A transfer counts twice for the giver."""

    reset: bool = False
    """The universe is reset first."""

    @property
    def loses_request(self) -> bool:
        """Whether the game never sees the request."""
        return self.loss in ("reset-before", "hang-before")

    @property
    def acts(self) -> bool:
        """Whether the game gets to act at all."""
        return self.front is None and self.refusal is None and self.limited is None

    def spoiled(self, answer: HttpResponse) -> HttpResponse:
        """Do to an answer what is to be done to it."""
        for spoiler in self.spoilers:
            answer = spoiler(answer)
        return answer
