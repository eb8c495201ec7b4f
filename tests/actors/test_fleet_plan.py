"""Which ship is bought next: a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.actors.fleet_plan import PLAN, ROLE_OF, Purchase, Want, next_purchase

PROBE, DRONE, HAULER = "SHIP_PROBE", "SHIP_MINING_DRONE", "SHIP_LIGHT_HAULER"
WANTS = (Want(PROBE, 2, 50_000), Want(DRONE, 1, 60_000), Want(PROBE, 3, 10_000))
OFFERS = (("Y1", PROBE, 25_000), ("Y2", PROBE, 22_000), ("Y2", DRONE, 42_000), ("Y3", HAULER, 0))
START = ("COMMAND", "SATELLITE")


@pytest.mark.parametrize(
    ("roles", "free", "wanted"),
    [
        (START, 72_000, (PROBE, "Y2")),
        (START, 71_999, None),
        ((*START, "SATELLITE"), 102_000, (DRONE, "Y2")),
        # The drone comes first, though the third probe could be paid.
        ((*START, "SATELLITE"), 101_999, None),
        ((*START, "SATELLITE", "EXCAVATOR"), 32_000, (PROBE, "Y2")),
        ((*START, "SATELLITE", "SATELLITE", "EXCAVATOR"), 9_999_999, None),
    ],
)
def test_the_first_want_that_is_not_met_decides(
    roles: tuple[str, ...], free: int, wanted: tuple[str, str] | None
) -> None:
    found = next_purchase(roles, OFFERS, free, 40, WANTS)
    assert (None if found is None else (found.ship_type, found.yard)) == wanted


def test_a_purchase_tells_price_and_floor() -> None:
    assert next_purchase(START, OFFERS, 80_000, 40, WANTS) == Purchase(PROBE, "Y2", 22_000, 50_000)


def test_a_type_that_no_yard_is_known_to_sell_is_passed_over() -> None:
    drones = (("Y2", DRONE, 42_000),)
    found = next_purchase(START, drones, 200_000, 40, WANTS)
    assert found is not None
    assert found.ship_type == DRONE


def test_a_price_that_nobody_has_seen_buys_nothing() -> None:
    assert next_purchase(START, (("Y1", PROBE, 0),), 200_000, 40, WANTS) is None


def test_no_more_ships_are_bought_than_the_user_allows() -> None:
    assert next_purchase(START, OFFERS, 200_000, 2, WANTS) is None
    assert next_purchase(START, OFFERS, 200_000, 3, WANTS) is not None


def test_the_plan_grows_by_each_line_and_every_type_has_a_role() -> None:
    for number, want in enumerate(PLAN):
        assert want.ship_type in ROLE_OF
        earlier = [other.count for other in PLAN[:number] if other.ship_type == want.ship_type]
        assert all(want.count > count for count in earlier)


@given(st.integers(0, 2_000_000), st.integers(0, 60), st.integers(2, 60))
def test_buying_by_the_plan_always_keeps_its_floor_and_ends(
    earnings: int, most: int, price: int
) -> None:
    """Buy as long as the plan says so; the purse never falls below the floor of what it buys."""
    offers = tuple(("Y", ship_type, price * 1_000) for ship_type in ROLE_OF)
    roles, free = list(START), earnings
    while (found := next_purchase(roles, offers, free, most)) is not None:
        free -= found.price
        roles.append(ROLE_OF[found.ship_type])
        assert free >= found.floor
        assert len(roles) <= most
    assert len(roles) <= 2 + sum(
        max(want.count for want in PLAN if want.ship_type == ship_type) for ship_type in ROLE_OF
    )
