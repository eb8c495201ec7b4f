"""The same seed makes the same universe and the same prices on every Python and every machine.

The digests were taken on 3.11, 3.12 and 3.13. A change of how things are drawn changes them:
then a stored world would find other systems around its own, so it needs a reason.
"""

import hashlib

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import in_memory
from fleet.simulator.rules import economy
from fleet.simulator.settings import Rules, SimSettings

NOW = 1_770_000_000.0
DRAWN = "68979dd2ccc52919"
TRADED = "5bf7e7f28a542d16"


def digest(parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def test_a_galaxy_is_drawn_alike_everywhere():
    sim = in_memory(SimSettings(seed=7, systems=300), VirtualClock(NOW))
    shown = [
        f"{symbol} {row.type} {row.x} {row.y} {row.waypoints}"
        for symbol in sim.galaxy.symbols[:60]
        for row in [sim.world.systems[symbol]]
    ]
    shown += [f"{symbol} {ends}" for symbol, ends in sim.galaxy.atlas.lanes.items()]
    shown += [
        f"{market.waypoint} {good.symbol} {good.margin} {good.volume} {good.net!r}"
        for market in sim.world.markets.values()
        for good in market.goods.values()
    ]
    assert digest(shown) == DRAWN


def test_markets_move_alike_everywhere():
    sim = in_memory(SimSettings(seed=7), VirtualClock(NOW))
    goods, rules = Catalogue().goods, Rules()
    for number, market in enumerate(sim.world.markets.values()):
        if "FUEL" in market.goods:
            economy.trade(market, "FUEL", 30 * number, NOW, rules)
        economy.catch_up(market, NOW + 200_000.0, seed=7, goods=goods, rules=rules)
    shown = [
        f"{market.waypoint} {market.tick} {good.symbol} {good.volume} {good.net!r} {good.pace!r}"
        for market in sim.world.markets.values()
        for good in market.goods.values()
    ]
    assert digest(shown) == TRADED
