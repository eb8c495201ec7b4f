"""Markets, trade, fuel, cargo and shipyards as a client meets them."""

import json

import pytest

from fleet.simulator.world.place import Chart

SHIP = "ABC-1"


def market(game, waypoint):
    goods = game.get(f"{game.path_of(waypoint)}/market").data["tradeGoods"]
    return {row["symbol"]: row for row in goods}


@pytest.fixture
def trader(game):
    """The game with the frigate docked where machines and fabrics are made."""
    game.dock_at(SHIP, game.role("MACHINE_MOON"))
    return game


def test_prices_are_shown_only_to_those_who_are_present(game):
    path = f"{game.path_of(game.role('HQ'))}/market"
    assert "tradeGoods" in game.get(path).data
    for token in (
        None,
        game.post("/register", {"symbol": "OTHER", "faction": "VOID"}, token=None).data["token"],
    ):
        shown = game.get(path, token=token).data
        assert ("tradeGoods" in shown) == (token is not None)
    elsewhere = game.get(f"{game.path_of(game.role('FAB_STATION'))}/market").data
    assert "tradeGoods" not in elsewhere
    assert [row["symbol"] for row in elsewhere["exports"]] == ["FAB_MATS", "ELECTRONICS"]


def test_a_ship_in_transit_is_not_present(game):
    to = game.role("MACHINE_MOON")
    game.act(SHIP, "orbit")
    game.act(SHIP, "navigate", {"waypointSymbol": to})
    assert "tradeGoods" not in game.get(f"{game.path_of(to)}/market").data


def test_an_uncharted_market_without_a_ship_is_4001(game):
    point = game.world.waypoints[game.role("FAB_STATION")]
    point.chart = None
    refused = game.get(f"{game.path_of(point.symbol)}/market")
    assert refused.code == (400, 4001)
    traits = game.get(game.path_of(point.symbol)).data["traits"]
    assert [row["symbol"] for row in traits] == ["UNCHARTED"]
    point.chart = Chart("ABC", 0)
    assert game.get(f"{game.path_of(point.symbol)}/market").status == 200


def test_the_trait_filter_finds_uncharted_markets(game):
    path = f"/systems/{game.role('HQ').rpartition('-')[0]}/waypoints?traits=MARKETPLACE&limit=20"
    before = game.get(path).body["meta"]["total"]
    game.world.waypoints[game.role("FAB_STATION")].chart = None
    assert game.get(path).body["meta"]["total"] == before == 25


def test_no_market_is_404(game):
    rock = next(row.symbol for row in game.world.waypoints.values() if row.type == "ASTEROID")
    assert game.get(f"{game.path_of(rock)}/market").code == (404, 404)
    assert game.get(f"{game.path_of(rock)}/shipyard").code == (404, 404)
    assert game.get(f"{game.path_of(rock)}/jump-gate").code == (404, 404)


def test_a_purchase_moves_credits_cargo_and_price_exactly(trader):
    before, price = trader.credits(), market(trader, trader.role("MACHINE_MOON"))["MACHINERY"]
    data = trader.act(SHIP, "purchase", {"symbol": "MACHINERY", "units": 10}).data
    assert data["transaction"]["pricePerUnit"] == price["purchasePrice"]
    assert data["transaction"]["totalPrice"] == 10 * price["purchasePrice"]
    assert data["agent"]["credits"] == before - 10 * price["purchasePrice"]
    assert data["cargo"]["inventory"][0]["units"] == 10
    after = market(trader, trader.role("MACHINE_MOON"))["MACHINERY"]
    assert after["purchasePrice"] > price["purchasePrice"]


def test_a_sale_pays_the_bid_and_lowers_it(trader):
    trader.world.ships[SHIP].cargo["IRON"] = 30
    before, price = trader.credits(), market(trader, trader.role("MACHINE_MOON"))["IRON"]
    data = trader.act(SHIP, "sell", {"symbol": "IRON", "units": 30}).data
    assert data["agent"]["credits"] == before + 30 * price["sellPrice"]
    assert data["cargo"]["inventory"] == []
    assert market(trader, trader.role("MACHINE_MOON"))["IRON"]["sellPrice"] <= price["sellPrice"]


def test_transactions_are_listed_to_those_present(trader):
    trader.act(SHIP, "purchase", {"symbol": "MACHINERY", "units": 1})
    rows = trader.get(f"{trader.path_of(trader.role('MACHINE_MOON'))}/market").data["transactions"]
    assert [(row["tradeSymbol"], row["units"], row["shipSymbol"]) for row in rows] == [
        ("MACHINERY", 1, SHIP)
    ]


@pytest.mark.parametrize(
    ("action", "body", "code"),
    [
        ("purchase", {"symbol": "GOLD", "units": 1}, 4601),
        ("purchase", {"symbol": "MACHINERY", "units": 21}, 4604),
        ("purchase", {"symbol": "FABRICS", "units": 41}, 4217),
        ("sell", {"symbol": "GOLD", "units": 1}, 4602),
        ("sell", {"symbol": "IRON", "units": 61}, 4604),
        ("sell", {"symbol": "IRON", "units": 1}, 4218),
        ("sell", {"symbol": "FERTILIZERS", "units": 6}, 4219),
    ],
)
def test_refused_deals_change_nothing(trader, action, body, code):
    trader.world.ships[SHIP].cargo["FERTILIZERS"] = 5
    before = trader.sim.state_hash()
    assert trader.act(SHIP, action, body).code == (400, code)
    assert trader.sim.state_hash() == before


def test_buying_without_money_is_4600_with_numbers(trader):
    trader.world.agents["ABC"].credits = 100
    refused = trader.act(SHIP, "purchase", {"symbol": "MACHINERY", "units": 2})
    assert refused.code == (400, 4600)
    assert refused.error["data"]["agentCredits"] == 100
    assert "does not have sufficient credits to purchase" in refused.error["message"]


@pytest.mark.parametrize("action", ["purchase", "sell", "refuel"])
def test_trade_in_orbit_is_4244(trader, action):
    trader.act(SHIP, "orbit")
    body = None if action == "refuel" else {"symbol": "FUEL", "units": 1}
    assert trader.act(SHIP, action, body).code == (400, 4244)


@pytest.mark.parametrize(
    "body",
    [
        {"symbol": "FUEL", "units": 0},
        {"symbol": "FUEL", "units": -1},
        {"symbol": "FUEL", "units": 1.5},
        {"symbol": "FUEL", "units": "1"},
        {"symbol": "FUEL"},
        {"units": 1},
        {"symbol": "NOTHING", "units": 1},
        [],
    ],
)
def test_bad_bodies_are_invalid(trader, body):
    refused = trader.act(SHIP, "purchase", body)
    assert refused.code == (422, 3001)
    assert refused.error["data"]["zodIssues"]


@pytest.mark.parametrize(
    ("missing", "asked", "bought", "filled"),
    [
        (101, None, 2, 101),
        (100, None, 1, 100),
        (300, 50, 1, 50),
        (30, 500, 1, 30),
        (0, None, 0, 0),
    ],
)
def test_fuel_is_bought_by_the_hundred(trader, missing, asked, bought, filled):
    ship = trader.world.ships[SHIP]
    ship.fuel = 400 - missing
    before = trader.credits()
    data = trader.act(SHIP, "refuel", {"units": asked} if asked else None).data
    assert data["transaction"]["units"] == bought
    assert data["fuel"]["current"] == 400 - missing + filled
    assert trader.credits() == before - data["transaction"]["totalPrice"]
    assert data["transaction"]["totalPrice"] == bought * data["transaction"]["pricePerUnit"]


def test_refuelling_from_cargo_costs_cargo_only(game):
    ship = game.world.ships[SHIP]
    ship.fuel, ship.cargo["FUEL"] = 250, 3
    before = game.credits()
    data = game.act(SHIP, "refuel", {"fromCargo": True}).data
    assert data["fuel"]["current"] == 400
    assert data["cargo"]["inventory"][0]["units"] == 1
    assert game.credits() == before


def test_refuelling_where_no_fuel_is_sold_is_4601(game):
    game.dock_at(SHIP, game.role("GAS_GIANT"))
    assert game.act(SHIP, "refuel").code[0] == 404
    del game.world.markets[game.role("HQ")].goods["FUEL"]
    game.dock_at(SHIP, game.role("HQ"))
    game.world.ships[SHIP].fuel = 1
    assert game.act(SHIP, "refuel").code == (400, 4601)


def test_jettison_removes_exactly_and_needs_orbit(game):
    game.world.ships[SHIP].cargo["IRON_ORE"] = 5
    body = {"symbol": "IRON_ORE", "units": 3}
    assert game.act(SHIP, "jettison", body).code == (400, 4236)
    game.act(SHIP, "orbit")
    assert game.act(SHIP, "jettison", body).data["cargo"]["units"] == 2
    refused = game.act(SHIP, "jettison", body)
    assert refused.code == (400, 4219)
    assert refused.error["data"]["cargoUnits"] == 2
    assert refused.error["data"]["unitsToRemove"] == 3


@pytest.fixture
def pair(game):
    """Two frigates of one agent at one place, in orbit, the first with ore."""
    game.register("DEF")
    ours, theirs = game.world.ships["DEF-1"], game.world.ships["ABC-1"]
    ours.cargo["IRON_ORE"] = 30
    theirs.agent = "DEF"
    game.act("DEF-1", "orbit")
    game.act("ABC-1", "orbit")
    return game


def body_of(units=10, ship="ABC-1"):
    return {"tradeSymbol": "IRON_ORE", "units": units, "shipSymbol": ship}


def test_a_transfer_shows_both_holds(pair):
    data = pair.act("DEF-1", "transfer", body_of()).data
    assert (data["cargo"]["units"], data["targetCargo"]["units"]) == (20, 10)


def test_transfers_are_refused_for_each_reason(pair):
    assert pair.act("DEF-1", "transfer", body_of(ship="NO-1")).error["code"] == 4231
    assert pair.act("DEF-1", "transfer", body_of(ship="ABC-2")).error["code"] == 4232
    assert pair.act("DEF-1", "transfer", body_of(ship="DEF-1")).error["code"] == 4233
    assert pair.act("DEF-1", "transfer", body_of(ship="DEF-2")).error["code"] == 4234
    assert pair.act("DEF-1", "transfer", body_of(31)).error["code"] == 4219
    pair.world.ships["ABC-1"].cargo["GOLD"] = 35
    assert pair.act("DEF-1", "transfer", body_of()).error["code"] == 4217
    pair.act("ABC-1", "dock")
    assert pair.act("DEF-1", "transfer", body_of()).error["code"] == 4271


@pytest.fixture
def buyer(game):
    """The game with plenty of money; the probe stands at the yard of the drones."""
    game.world.agents["ABC"].credits = 1_000_000
    return game


def test_a_bought_ship_is_docked_full_and_empty(buyer):
    yard = buyer.role("DRONE_YARD_MOON")
    shown = buyer.get(f"{buyer.path_of(yard)}/shipyard").data
    price = {row["type"]: row["purchasePrice"] for row in shown["ships"]}["SHIP_MINING_DRONE"]
    body = {"shipType": "SHIP_MINING_DRONE", "waypointSymbol": yard}
    data = buyer.post("/my/ships", body).data
    ship = data["ship"]
    assert ship["symbol"] == "ABC-3"
    assert (ship["nav"]["status"], ship["nav"]["waypointSymbol"]) == ("DOCKED", yard)
    assert ship["fuel"]["current"] == ship["fuel"]["capacity"] == 80
    assert ship["cargo"] == {"capacity": 15, "units": 0, "inventory": []}
    assert ship["cooldown"]["remainingSeconds"] == 0
    assert "expiration" not in ship["cooldown"]
    assert data["transaction"]["price"] == price
    assert data["transaction"]["shipSymbol"] == "SHIP_MINING_DRONE"
    assert buyer.credits() == 1_000_000 - price
    again = buyer.post("/my/ships", body).data["transaction"]["price"]
    assert again == pytest.approx(price * 1.04, abs=2)


def test_ship_symbols_count_up_in_hex(buyer):
    buyer.world.agents["ABC"].credits = 10**9
    body = {"shipType": "SHIP_SURVEYOR", "waypointSymbol": buyer.role("DRONE_YARD_MOON")}
    for _ in range(15):
        last = buyer.post("/my/ships", body).data["ship"]["symbol"]
    assert last == "ABC-11"
    assert buyer.get("/my/ships/ABC-A").status == 200


def test_ship_purchases_are_refused_for_each_reason(buyer):
    yard = buyer.role("DRONE_YARD_MOON")
    absent = {"shipType": "SHIP_PROBE", "waypointSymbol": buyer.role("MOON_YARD")}
    assert buyer.post("/my/ships", absent).code == (400, 4245)
    other = {"shipType": "SHIP_PROBE", "waypointSymbol": yard}
    assert buyer.post("/my/ships", other).code == (400, 4605)
    nowhere = {"shipType": "SHIP_PROBE", "waypointSymbol": buyer.role("HQ")}
    assert buyer.post("/my/ships", nowhere).code == (404, 404)
    assert buyer.post("/my/ships", {"shipType": "X", "waypointSymbol": yard}).status == 422
    buyer.world.agents["ABC"].credits = 5
    poor = buyer.post("/my/ships", {"shipType": "SHIP_SURVEYOR", "waypointSymbol": yard})
    assert poor.code == (400, 4216)
    assert poor.error["data"]["creditsAvailable"] == 5


def test_the_books_hold_every_credit(trader):
    trader.act(SHIP, "purchase", {"symbol": "MACHINERY", "units": 7})
    trader.act(SHIP, "sell", {"symbol": "MACHINERY", "units": 7})
    trader.act(SHIP, "refuel")
    contract = trader.world.agents["ABC"].contracts[0]
    trader.post(f"/my/contracts/{contract}/accept")
    books = json.loads(trader.send("GET", "/sim/books?agent=abc").body)
    assert books["credits"] == trader.get("/my/agent").data["credits"]
    assert books["startingCredits"] + books["moved"] == books["credits"]
    assert sum(books["movedBy"].values()) == books["moved"]
    assert books["transactions"] == 4
