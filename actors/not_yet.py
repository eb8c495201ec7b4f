"""Refusals that only mean "not yet": in transit, on cooldown, locked by another request."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from fleet.actors.ship_state import ARRIVAL_SLACK, ShipState
from fleet.protocol.api import ApiRefusal
from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.wire.ship import Cooldown

IN_TRANSIT, COOLDOWN, LOCKED = 4214, 4000, 409
# The server's lock on a ship lasts as long as one request; game seconds.
LOCK_SECONDS = 1.0
# A clock that is farther off the server's than this makes an instant worthless: seconds are not.
# They are whole ones, and the refusal was under way; game seconds.
APART = 10.0
# Where the refusal tells no time that can be read; game seconds.
UNTOLD = 5.0
# Nothing in the game takes a month; a longer time is a misprint.
LONGEST = 2_592_000


def not_before(refusal: ApiRefusal, ship: ShipState) -> GameTime | None:
    """Tell until when to wait and try again; None for a refusal that waiting does not mend.

    What the server tells is believed as far as it can be read, from the exact to the rough.
    """
    now = ship.now()
    if refusal.code == IN_TRANSIT:
        arrival = _instant(refusal.data.get("arrival"))
        return max(
            GameTime(now + ARRIVAL_SLACK),
            _agreed(now, arrival, refusal.data.get("secondsToArrival")),
        )
    if refusal.code == COOLDOWN:
        return max(GameTime(now + ARRIVAL_SLACK), _cooled(refusal, ship))
    if refusal.code == LOCKED:
        return GameTime(now + LOCK_SECONDS)
    return None


def _cooled(refusal: ApiRefusal, ship: ShipState) -> GameTime:
    told = refusal.data.get("cooldown")
    told = told if isinstance(told, dict) else {}
    left, ends = told.get("remainingSeconds"), _instant(told.get("expiration"))
    if ends is not None:
        with suppress(msgspec.ValidationError):
            ship.apply_cooldown(msgspec.convert(told, Cooldown))
    return _agreed(ship.now(), ends, left)


def _agreed(now: GameTime, instant: GameTime | None, left: Any) -> GameTime:
    """Take the instant, unless there is none or the seconds that are left tell another."""
    rough = GameTime(now + _seconds(left))
    if instant is None:
        return rough
    return rough if _is_told(left) and abs(rough - instant) > APART else instant


def _instant(value: Any) -> GameTime | None:
    try:
        return GameTime(from_iso(value) + ARRIVAL_SLACK)
    except (TypeError, ValueError, OverflowError):
        return None


def _seconds(value: Any) -> float:
    return value + ARRIVAL_SLACK if _is_told(value) else UNTOLD


def _is_told(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < LONGEST
