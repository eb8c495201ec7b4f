"""The state of one contract."""

from __future__ import annotations

import msgspec


class Delivery(msgspec.Struct):
    """A good that must be brought somewhere."""

    good: str
    destination: str
    required: int
    delivered: int = 0


class Contract(msgspec.Struct):
    """An order by a faction; payments are in credits, times are game times."""

    id: str
    agent: str
    faction: str
    deliveries: list[Delivery]
    on_accepted: int
    on_fulfilled: int
    accept_by: float
    deadline: float
    accepted: bool = False
    fulfilled: bool = False

    def open(self, now: float) -> bool:
        """Whether it still stands in the way of another one: offered in time, or being worked."""
        if self.fulfilled:
            return False
        return now < (self.deadline if self.accepted else self.accept_by)
