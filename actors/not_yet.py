"""Refusals that only mean "not yet": in transit, on cooldown, locked by another request."""

from __future__ import annotations

import msgspec

from fleet.actors.ship_state import ARRIVAL_SLACK, ShipState
from fleet.protocol.api import ApiRefusal
from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.wire.ship import Cooldown

IN_TRANSIT, COOLDOWN, LOCKED = 4214, 4000, 409
# The server's lock on a ship lasts as long as one request; game seconds.
LOCK_SECONDS = 1.0


def not_before(refusal: ApiRefusal, ship: ShipState) -> GameTime | None:
    """Tell until when to wait and try again; None for a refusal that waiting does not mend."""
    now = ship.now()
    if refusal.code == IN_TRANSIT and "arrival" in refusal.data:
        return GameTime(from_iso(refusal.data["arrival"]) + ARRIVAL_SLACK)
    if refusal.code == COOLDOWN and "cooldown" in refusal.data:
        ship.apply_cooldown(msgspec.convert(refusal.data["cooldown"], Cooldown))
        return max(ship.cooldown_until, GameTime(now + ARRIVAL_SLACK))
    if refusal.code == LOCKED:
        return GameTime(now + LOCK_SECONDS)
    return None
