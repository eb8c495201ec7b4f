"""How markets move in time."""

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.rules.economy import (
    TICK,
    activity,
    catch_up,
    chance,
    labels,
    links,
    net_at,
    tick_at,
    trade,
)
from fleet.simulator.settings import Rules
from fleet.simulator.world.market import Market, MarketGood

GOODS = Catalogue().goods
RULES = Rules()
NOW = 1_770_000_000.0
HOUR = 3600.0


def smelter(iron=60.0, ore=-120.0):
    return Market(
        waypoint="X1-A1-H1",
        goods={
            "IRON": MarketGood("IRON", "EXPORT", 120.0, 8, 60, iron),
            "IRON_ORE": MarketGood("IRON_ORE", "IMPORT", 50.0, 8, 60, ore),
            "FUEL": MarketGood("FUEL", "EXCHANGE", 70.0, 8, 180, 90.0),
        },
    )


def run(market, until, seed=1):
    catch_up(market, until, seed=seed, goods=GOODS, rules=RULES)
    return market


def wake(market, at=NOW, good="FUEL", units=1):
    trade(market, good, units, at, RULES)
    return market


def nets(market):
    return {symbol: good.net for symbol, good in market.goods.items()}


def test_a_market_sleeps_until_it_is_traded_with():
    market = smelter()
    before = nets(market)
    run(market, NOW + 1000 * HOUR)
    assert nets(market) == before
    assert net_at(market.goods["FUEL"], tick_at(NOW + 1000 * HOUR), RULES) == 90.0


def test_a_woken_market_produces_and_consumes():
    market = run(wake(smelter()), NOW + 4 * HOUR)
    assert market.goods["IRON"].net > 60.0
    assert market.goods["IRON_ORE"].net < -120.0


def test_ticks_fall_on_the_absolute_grid():
    market = wake(smelter())
    edge = (tick_at(NOW) + 1) * TICK
    run(market, edge - 0.001)
    assert market.goods["IRON"].net == 60.0
    run(market, edge)
    assert market.goods["IRON"].net > 60.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 40 * HOUR), max_size=12), st.integers(0, 5))
def test_it_does_not_matter_how_often_anyone_looks(looks, seed):
    end = NOW + 40 * HOUR
    once = run(wake(smelter()), end, seed)
    often = wake(smelter())
    for look in sorted(looks):
        run(often, NOW + look, seed)
    run(often, end, seed)
    assert nets(often) == nets(once)
    assert often.tick == once.tick


def test_everything_untraded_ends_at_eight_volumes_and_stays():
    market = run(wake(smelter()), NOW + 80 * HOUR)
    assert 8 * 60 <= market.goods["IRON"].net <= 8.6 * 60
    assert -8.6 * 60 <= market.goods["IRON_ORE"].net <= -8 * 60
    before = nets(market)
    assert nets(run(market, NOW + 8000 * HOUR)) == before


def test_after_a_long_absence_the_present_is_reached_at_once():
    market = wake(smelter())
    run(market, NOW + 200_000 * HOUR)
    assert market.tick == tick_at(NOW + 200_000 * HOUR)


def test_an_exchange_returns_to_balance_with_a_half_life_of_an_hour():
    start = (tick_at(NOW) + 0) * TICK
    market = wake(smelter(), start)
    fuel = market.goods["FUEL"]
    assert net_at(fuel, tick_at(start + HOUR), RULES) == pytest.approx(89.0 / 2)


def test_ship_parts_stop_at_exactly_a_hundred():
    market = Market(
        waypoint="X1-A1-D1",
        goods={"SHIP_PARTS": MarketGood("SHIP_PARTS", "EXPORT", 5600.0, 10, 6, 97.0)},
    )
    run(wake(market, good="SHIP_PARTS", units=1), NOW + 48 * HOUR)
    assert market.goods["SHIP_PARTS"].net == 100.0


def test_rarities_do_not_drift():
    rare = MarketGood("EXOTIC_MATTER", "IMPORT", 24000.0, 10, 6, -100.0, still=True)
    market = Market(waypoint="X1-A1-A1", goods={"EXOTIC_MATTER": rare})
    run(wake(market, good="EXOTIC_MATTER", units=-1), NOW + 48 * HOUR)
    assert rare.net == -99.0


def name(market, symbol, now=NOW):
    named = labels(market, tick_at(now), RULES)
    return activity(market.goods[symbol], named, links(market, GOODS), now, RULES)


def test_a_scarce_input_restricts_the_export_and_full_output_the_import():
    assert name(smelter(ore=-241.0), "IRON") == "RESTRICTED"
    assert name(smelter(ore=-240.0), "IRON") == "WEAK"
    assert name(smelter(iron=240.0), "IRON_ORE") == "RESTRICTED"
    assert name(smelter(iron=239.0), "IRON_ORE") == "WEAK"
    assert name(smelter(), "FUEL") is None


def test_trade_makes_a_good_grow_and_rest_makes_it_weak_again():
    market = smelter()
    for _ in range(4):
        trade(market, "IRON", 60, NOW, RULES)
    assert name(market, "IRON") == "GROWING"
    for _ in range(3):
        trade(market, "IRON", 60, NOW, RULES)
    assert name(market, "IRON") == "STRONG"
    assert name(market, "IRON", NOW + 12 * HOUR) == "WEAK"


def test_volumes_grow_by_the_observed_steps_under_heavy_use():
    market = Market(
        waypoint="X1-A1-F1",
        goods={"FAB_MATS": MarketGood("FAB_MATS", "EXPORT", 1600.0, 8, 20, 60.0)},
    )
    seen, now = [20], NOW
    for _ in range(24):
        good = market.goods["FAB_MATS"]
        while math.floor(good.net) / good.volume > -3:
            trade(market, "FAB_MATS", good.volume, now, RULES)
        now += 1800
        run(market, now)
        seen.append(good.volume)
    assert sorted(set(seen))[:10] == [20, 22, 25, 28, 31, 35, 39, 43, 48, 53]


def test_units_taken_are_exactly_the_units_given():
    market = smelter()
    trade(market, "IRON", 37, NOW, RULES)
    trade(market, "IRON", -37, NOW, RULES)
    assert market.goods["IRON"].net == 60.0


def test_chance_depends_on_every_part_of_its_key():
    base = chance(1, "W", "G", 5)
    others = {
        chance(2, "W", "G", 5),
        chance(1, "V", "G", 5),
        chance(1, "W", "H", 5),
        chance(1, "W", "G", 6),
    }
    assert base == chance(1, "W", "G", 5)
    assert len(others | {base}) == 5
    assert all(0 <= value < 1 for value in others)


def test_background_traders_keep_a_market_from_filling_up_and_are_usually_not_there():
    quiet, busy = wake(smelter()), wake(smelter())
    lively = msgspec.structs.replace(RULES, background_traders=1.0)
    stocks = []
    for hour in range(1, 97):
        run(quiet, NOW + hour * HOUR)
        catch_up(busy, NOW + hour * HOUR, seed=1, goods=GOODS, rules=lively)
        stocks.append((busy.goods["IRON"].net, busy.goods["IRON_ORE"].net))
    assert quiet.goods["IRON"].net >= 8 * 60
    assert quiet.goods["IRON_ORE"].net <= -8 * 60
    assert -4 * 60 < sum(row[0] for row in stocks) / len(stocks) < 4 * 60
    assert -6 * 60 < sum(row[1] for row in stocks) / len(stocks) < 0


def test_background_traders_come_by_the_same_however_often_anyone_looks():
    lively = msgspec.structs.replace(RULES, background_traders=0.5)
    often, once = wake(smelter()), wake(smelter())
    for hour in range(1, 30):
        catch_up(often, NOW + hour * HOUR, seed=3, goods=GOODS, rules=lively)
    catch_up(once, NOW + 29 * HOUR, seed=3, goods=GOODS, rules=lively)
    assert nets(often) == nets(once)
