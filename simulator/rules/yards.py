"""What ships cost at a shipyard, and how their prices react to purchases."""

from __future__ import annotations

from fleet.simulator.rules.prices import half_up
from fleet.simulator.settings import Rules
from fleet.simulator.world.market import Listing

SUPPLY_STEPS = ((0, "ABUNDANT"), (3, "HIGH"), (7, "MODERATE"), (14, "LIMITED"))


def bought_at(listing: Listing, now: float, rules: Rules) -> float:
    """Purchases not yet restocked at a time; one is restocked in some hours (guessed)."""
    return max(0.0, listing.bought - (now - listing.at) / 3600 / rules.ship_restock_hours)


def ship_price(listing: Listing, now: float, rules: Rules) -> int:
    """Tell the price in credits; +2.5 to 5.1 % per purchase is observed, the law is guessed."""
    return half_up(listing.price * rules.ship_price_growth ** bought_at(listing, now, rules))


def ship_supply(listing: Listing, now: float, rules: Rules) -> str:
    """Name the supply of a ship type (guessed)."""
    bought = bought_at(listing, now, rules)
    return next((label for most, label in SUPPLY_STEPS if bought <= most), "SCARCE")


def sell_ship(listing: Listing, now: float, rules: Rules) -> None:
    """Note one purchase."""
    listing.bought = bought_at(listing, now, rules) + 1
    listing.at = now
