"""The public client autotraders 2.3.5 from registration to a sale: `autotraders_bot.py URL`."""

import sys
from contextlib import suppress

from autotraders.agent import Agent
from autotraders.error import SpaceTradersException
from autotraders.faction.contract import Contract
from autotraders.map.system import System
from autotraders.map.waypoint import Waypoint
from autotraders.session import AutoTradersSession
from autotraders.ship import Ship


def cool(ship: Ship) -> None:
    """Wait for a cooldown; the client can't wait for one that is over."""
    ship.update()
    if ship.cooldown.expiration is not None:
        ship.wait_cooldown()


base = f"{sys.argv[1]}/"
token = Agent.create(AutoTradersSession(base_url=base, http2=False), "COSMIC", "AUTOBOT", None)
session = AutoTradersSession(token, base_url=base, http2=False)
agent = Agent(session)
assert agent.credits == 175_000
contract = Contract.all(session)[1][0]
contract.accept()
assert contract.accepted
home = str(agent.headquarters).rpartition("-")[0]
assert System(home, session).symbol
pages = Waypoint.all(session, home).pages
points = [
    row for page in range(1, pages + 1) for row in Waypoint.all(session, home, page=page)[page]
]
rock = next(row for row in points if row.waypoint_type == "ENGINEERED_ASTEROID")
ship = Ship.all(session)[1][0]
ship.orbit()
ship.navigate(str(rock.symbol))
ship.update()
ship.wait_transit()
ship.update()
survey = ship.survey()[0]
cool(ship)
ship.extract(survey)
cool(ship)
ship.dock()
ship.refuel()
ship.update()
ship.buy("FUEL", 1)
ship.sell("FUEL", 1)
for item in list(ship.cargo.inventory):
    with suppress(SpaceTradersException):
        ship.sell(item.symbol, item.quantity)
print("ok")
