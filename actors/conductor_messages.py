"""What the conductor says to itself: answers to what it asked, with what it asked them for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.actors.fleet_plan import Purchase


@dataclass(frozen=True, slots=True)
class Seen:
    """What the conductor asked the book for."""

    view: Any


@dataclass(frozen=True, slots=True)
class Counted:
    """What the conductor asked the treasury for."""

    funds: Any


@dataclass(frozen=True, slots=True)
class Reserved:
    """The treasury's answer to the conductor's own reservation."""

    purchase: Purchase
    answer: Any


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer of the probe at the yard where a purchase is to be made."""

    purchase: Purchase
    view: Any


@dataclass(frozen=True, slots=True)
class Children:
    """The ships' supervisor told who is there."""

    names: Any
