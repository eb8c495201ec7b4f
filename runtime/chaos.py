"""Faults on demand: a message that makes any actor hang or crash, for drills and tests."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from fleet.protocol.errors import FleetError


class Misbehaviour(FleetError):
    """A crash that somebody asked for."""


@dataclass(frozen=True, slots=True)
class Misbehave:
    """Hang for wall seconds, or crash. Never handled again by the replacement."""

    kind: Literal["hang", "crash"]
    seconds: float = 60.0


def misbehave(order: Misbehave) -> None:
    """Do it, in the thread of the actor. Raises Misbehaviour for a crash."""
    if order.kind == "crash":
        raise Misbehaviour("asked to crash")
    # A wait that nothing ends but its time: what a hung call looks like from outside.
    threading.Event().wait(order.seconds)
