"""Finding an agent's ships by place, without going through all of them."""

import json
import random

import pytest

from fleet.simulator.harbours import FEW


@pytest.fixture
def armada(make_game, tmp_path):
    """A game whose agent has more ships than are gone through one by one."""
    squadron = {"type": "SHIP_LIGHT_SHUTTLE", "count": 3 * FEW, "at": "MARKETS"}
    path = tmp_path / "many.json"
    path.write_text(json.dumps({"name": "many", "credits": 10**9, "ships": [squadron]}))
    game = make_game(scenario=str(path))
    game.register()
    return game


def seen(game, symbol):
    """Tell from outside whether the agent has a ship at a market."""
    return "tradeGoods" in game.get(f"{game.path_of(symbol)}/market").data


def there(game, symbol):
    """Tell from the world itself."""
    now = game.clock.now()
    return any(
        ship.nav.waypoint == symbol and not ship.flying(now) for ship in game.world.ships.values()
    )


def test_presence_is_right_wherever_the_ships_go(armada):
    dice, markets = random.Random(5), list(armada.world.markets)
    ships = [row.symbol for row in armada.world.ships.values() if row.fuel_capacity]
    for _ in range(60):
        ship = dice.choice(ships)
        armada.act(ship, "orbit")
        armada.act(ship, "navigate", {"waypointSymbol": dice.choice(markets[:6])})
        armada.wait(dice.choice([1, 40, 400]))
        for symbol in dice.sample(markets, 3):
            assert seen(armada, symbol) == there(armada, symbol)


def test_a_market_that_the_last_ship_leaves_is_not_seen_into(armada):
    market, other = list(armada.world.markets)[:2]
    assert seen(armada, market)
    for ship in [row for row in armada.world.ships.values() if row.nav.waypoint == market]:
        armada.act(ship.symbol, "orbit")
        armada.act(ship.symbol, "navigate", {"waypointSymbol": other})
    assert seen(armada, market) == there(armada, market) is False


def test_a_bought_ship_is_found_too(armada):
    yard = armada.role("DRONE_YARD_MOON")
    assert seen(armada, yard)
    bought = armada.post("/my/ships", {"shipType": "SHIP_SURVEYOR", "waypointSymbol": yard}).data
    home = bought["ship"]["symbol"]
    for ship in [row.symbol for row in armada.world.ships.values() if row.nav.waypoint == yard]:
        if ship != home:
            armada.act(ship, "orbit")
            armada.act(ship, "navigate", {"waypointSymbol": armada.role("HQ")})
    assert seen(armada, yard) == there(armada, yard)
