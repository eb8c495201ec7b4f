"""Systems made from a seed."""

import math
import re

import pytest

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.genesis import new_world
from fleet.simulator.rules.digging import DIGGABLE
from fleet.simulator.settings import SimSettings

CATALOGUE = Catalogue()
SEEDS = range(1, 9)


def world(seed=1):
    return new_world(SimSettings(seed=seed), CATALOGUE, 1_770_000_000.0)


def test_the_same_seed_gives_the_same_world():
    assert world(7).state_hash() == world(7).state_hash()


def test_other_seeds_give_other_places_and_prices():
    hashes = {world(seed).state_hash() for seed in SEEDS}
    systems = {next(iter(world(seed).systems)) for seed in SEEDS}
    assert len(hashes) == len(systems) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_system_has_what_real_starting_systems_have(seed):
    made = world(seed)
    points = list(made.waypoints.values())
    assert 80 <= len(points) <= 95
    assert (len(made.markets), len(made.shipyards)) == (25, 3)
    assert sum(row.type == "FUEL_STATION" for row in points) == 4
    assert 53 <= sum(row.type == "ASTEROID" for row in points) <= 63
    assert sum(row.type == "JUMP_GATE" for row in points) == 1
    assert all(row.chart for row in points)
    assert all(row.deposits for row in points if row.type in DIGGABLE)
    for at in made.markets:
        assert "MARKETPLACE" in made.waypoints[at].traits
    for at in made.shipyards:
        assert "SHIPYARD" in made.waypoints[at].traits


@pytest.mark.parametrize("seed", SEEDS)
def test_places_lie_where_the_layout_has_them(seed):
    made = world(seed)
    radii = CATALOGUE.starting_system.radii
    for point in made.waypoints.values():
        if point.orbits:
            parent = made.waypoints[point.orbits]
            assert (point.x, point.y) == (parent.x, parent.y)
            assert point.symbol in parent.orbitals
        elif point.role in radii:
            low, high = radii[point.role]
            assert low - 1 <= math.hypot(point.x, point.y) <= high + 1
        assert re.fullmatch(r"X1-[A-Z]{1,2}\d{1,3}-([A-K]\d+|[CDXZ][A-FX]\d+[A-FXZ])", point.symbol)


def test_fresh_markets_look_like_real_ones():
    exports, imports = [], []
    for seed in SEEDS:
        for market in world(seed).markets.values():
            for good in market.goods.values():
                if not good.still and good.volume >= 20:
                    {"EXPORT": exports, "IMPORT": imports}.get(good.role, []).append(
                        good.net / good.volume
                    )
    assert sum(exports) / len(exports) == pytest.approx(2.6, abs=0.35)
    assert sum(imports) / len(imports) == pytest.approx(-2.15, abs=0.35)
