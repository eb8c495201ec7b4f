"""Ships that may be compared with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from fleet.actors.experiment_messages import Hand
from fleet.protocol.errors import UsageError


class Candidate(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What decides whether two ships are comparable."""

    ship: str
    craft: str
    """Role, frame and hold in words: ships with the same could do each other's work."""

    system: str
    """Where it works: ships of one system use the same markets, routes and asteroids."""


def candidate_of(hand: Hand) -> Candidate:
    """See a ship as a candidate."""
    ship = hand.ship
    frame = ship.frame.symbol.removeprefix("FRAME_").lower()
    role = ship.registration.role.lower()
    craft = f"{role}, {frame} frame, hold of {ship.cargo.capacity}"
    return Candidate(ship=ship.symbol, craft=craft, system=ship.nav.system_symbol)


def chosen(hands: Iterable[Hand], named: Collection[str]) -> tuple[Candidate, ...]:
    """Choose who takes part: the ships named, or the largest set of ships of one make.

    Raises UsageError for a ship that is not there or not free, or if there is none.
    """
    known = {hand.ship.symbol: hand for hand in hands}
    for ship in named:
        if ship not in known:
            raise UsageError(f"there is no ship {ship}.")
        if known[ship].experiment:
            raise UsageError(f"{ship} is lent to {known[ship].experiment}.")
    if named:
        return tuple(sorted(candidate_of(known[ship]) for ship in named))
    # A probe has no hold and earns nothing, whatever it does.
    free = [
        candidate_of(hand)
        for hand in known.values()
        if not hand.experiment and hand.ship.cargo.capacity > 0
    ]
    if not free:
        raise UsageError("No ship with a hold is free; name ships with --ship.")
    sizes: Counter[str] = Counter(one.craft for one in free)
    largest = max(sorted(sizes), key=lambda craft: sizes[craft])
    return tuple(sorted(one for one in free if one.craft == largest))
