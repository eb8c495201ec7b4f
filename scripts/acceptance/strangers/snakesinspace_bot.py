"""The public client SnakesInSpace 0.0.23 from registration to a jump; takes a URL."""

import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import snisp.client

base = sys.argv[1]
usual = snisp.client.SpaceClient.__init__


def pointed(self: Any, headers: Any = None, token: str | None = None) -> None:
    """Point the client at the simulator; it has no setting for that.

    Its own pace of 2 requests a second is meant for a server that keeps real time.
    """
    usual(self, headers, token)
    self.base_url = base
    self.testing = True


snisp.client.SpaceClient.__init__ = pointed

from snisp.agent import Agent  # noqa: E402
from snisp.exceptions import SpaceBaseException  # noqa: E402
from snisp.waypoints import Waypoints  # noqa: E402

Symbols = Iterable[Any]


def wait(ship: Any) -> Any:
    """Wait until a ship has arrived and cooled down; look at it anew."""
    ends = [ship.nav.route.arrival, ship.cooldown.expiration]
    for end in filter(None, ends):
        left = datetime.fromisoformat(end.replace("Z", "+00:00")) - datetime.now(UTC)
        time.sleep(max(0.001, left.total_seconds() + 0.005))
    return agent.fleet(ship.symbol)


def go(ship: Any, goal: Any) -> Any:
    """Fly somewhere."""
    ship.navigate(goal)
    return wait(agent.fleet(ship.symbol))


def has(rows: Symbols, good: str) -> bool:
    """Whether a good is in a list."""
    return any(row.symbol == good for row in rows)


who = {"symbol": "SNAKEBOT", "faction": "COSMIC"}
made = httpx.post(f"{base}/register", json=who).json()["data"]
agent = Agent(symbol="SNAKEBOT", faction="COSMIC", email="a@example.org", token=made["token"])
assert agent.data.symbol == "SNAKEBOT"
ships = {ship.registration.role: ship for ship in agent.fleet}
for role in ("COMMAND", "EXPLORER"):
    ships[role].update_flight_mode("DRIFT")
    # Since 2025 the answer holds more than the client takes it for.
    ships[role] = agent.fleet(ships[role].symbol)
frigate, explorer, probe = ships["COMMAND"], ships["EXPLORER"], ships["SATELLITE"]
markets = list(frigate.markets)
offers = [(market, market.data) for market in markets]


def seller(good: str) -> Any:
    """Find a market that sells a good."""
    return next(at for at, row in offers if has([*row.exports, *row.exchange], good))


def buyer(good: str) -> Any:
    """Find a market that buys a good; None if there is none."""
    buyers = (at for at, row in offers if has([*row.imports, *row.exchange], good))
    return next(buyers, None)


# Buy a ship.
here = probe.nav.waypoint_symbol
yard = next(row for row in probe.shipyards if row.symbol == here)
cheapest = min(yard.available_ships(), key=lambda row: row.purchase_price)
assert yard.purchase(cheapest.type)

# Mine, and sell what came up.
rock = next(row for row in frigate.waypoints if row.type == "ENGINEERED_ASTEROID")
frigate = go(frigate, rock)
frigate.refuel()
survey = next(iter(frigate.waypoints.survey().surveys))
frigate = wait(agent.fleet(frigate.symbol))
assert frigate.extract_with_survey(survey)
frigate = wait(agent.fleet(frigate.symbol))
for item in [(row.symbol, row.units) for row in frigate.cargo.inventory]:
    goal = buyer(item[0])
    if goal is None:
        frigate.jettison(*item)
        continue
    frigate = go(frigate, goal)
    assert frigate.sell(*item).units == item[1]

# Fulfil a contract.
contract = agent.contracts.current
contract.accept()
row = next(iter(contract.terms.deliver))
good, left = row.trade_symbol, row.units_required
place = next(at for at in markets if at.symbol == row.destination_symbol)
while left:
    lot = min(left, 20)
    frigate = go(frigate, seller(good))
    frigate.purchase(good, lot)
    frigate = go(frigate, place)
    contract.deliver(frigate, good, lot)
    left -= lot
before = agent.data.credits
contract.fulfill()
assert agent.data.credits - before == contract.terms.payment.on_fulfilled

# Trade.
exporter, good = next(
    (at, row.symbol) for at, data in offers for row in data.exports if buyer(row.symbol)
)
frigate = go(frigate, exporter)
frigate.purchase(good, 1)
frigate = go(frigate, buyer(good))
assert frigate.sell(good, 1).units == 1


def jumped(ship: Any) -> bool:
    """Warp to a finished gate within reach, and jump on from there."""
    for system in list(ship.system.scan()):
        there = Waypoints(agent, ship.location)
        for gate in there.jump_gates(system_symbol=system.symbol):
            with suppress(SpaceBaseException):
                ship.warp(gate)
                ship = wait(agent.fleet(ship.symbol))
                for end in gate.data.connections:
                    goal = there.get(system_symbol=end.rpartition("-")[0], waypoint_symbol=end)
                    with suppress(SpaceBaseException):
                        assert ship.jump(goal)["nav"]["waypointSymbol"] == end
                        return True
    return False


assert jumped(explorer)
print("ok")
