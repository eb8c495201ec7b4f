"""Which fleet we want: one ordered list, and the next ship to buy by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

PROBE = "SHIP_PROBE"
DRONE = "SHIP_MINING_DRONE"
SURVEYOR = "SHIP_SURVEYOR"
SHUTTLE = "SHIP_LIGHT_SHUTTLE"
HAULER = "SHIP_LIGHT_HAULER"

ROLE_OF = {
    PROBE: "SATELLITE",
    DRONE: "EXCAVATOR",
    SURVEYOR: "SURVEYOR",
    SHUTTLE: "TRANSPORT",
    HAULER: "HAULER",
}


@dataclass(frozen=True, slots=True)
class Want:
    """Have `count` ships of a type, bought while `floor` credits stay free."""

    ship_type: str
    count: int
    floor: int


# Prices first (probes), then what earns without capital (drones), then hulls that use it.
# Floors keep enough to fill the holds we have: one lot of a dear good costs about 60,000.
PLAN: tuple[Want, ...] = (
    Want(PROBE, 2, 110_000),
    Want(DRONE, 1, 110_000),
    Want(PROBE, 4, 150_000),
    Want(SHUTTLE, 1, 130_000),
    Want(SURVEYOR, 1, 150_000),
    Want(DRONE, 3, 180_000),
    Want(PROBE, 7, 200_000),
    Want(HAULER, 1, 200_000),
    Want(PROBE, 10, 250_000),
    Want(SHUTTLE, 2, 300_000),
    Want(DRONE, 6, 300_000),
    Want(HAULER, 3, 400_000),
    Want(PROBE, 12, 500_000),
    Want(HAULER, 8, 600_000),
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Buy this there; `price` as last seen, in credits."""

    ship_type: str
    yard: str
    price: int
    floor: int


def next_purchase(
    roles: Iterable[str],
    offers: Iterable[tuple[str, str, int]],
    free: int,
    most: int,
    plan: tuple[Want, ...] = PLAN,
) -> Purchase | None:
    """Tell the next ship to buy, or None: the plan is met, or the purse or the yards are not.

    The first want that is not met decides, so that cheap ships later in the list do not eat
    the credits that an earlier one needs.
    """
    have = Counter(roles)
    if have.total() >= most:
        return None
    cheapest: dict[str, tuple[int, str]] = {}
    for yard, ship_type, price in offers:
        if price > 0 and (ship_type not in cheapest or price < cheapest[ship_type][0]):
            cheapest[ship_type] = (price, yard)
    for want in plan:
        if have[ROLE_OF[want.ship_type]] >= want.count or want.ship_type not in cheapest:
            continue
        price, yard = cheapest[want.ship_type]
        if free - price < want.floor:
            return None
        return Purchase(want.ship_type, yard, price, want.floor)
    return None
