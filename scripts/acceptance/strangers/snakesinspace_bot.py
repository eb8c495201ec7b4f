"""The public client SnakesInSpace 0.0.23 from registration to a sale; takes a URL."""

import sys
from typing import Any

import httpx
import snisp.client

base = sys.argv[1]
usual = snisp.client.SpaceClient.__init__


def pointed(self: Any, headers: Any = None, token: str | None = None) -> None:
    """Point the client at the simulator; it has no setting for that."""
    usual(self, headers, token)
    self.base_url = base


snisp.client.SpaceClient.__init__ = pointed

from snisp.agent import Agent  # noqa: E402

who = {"symbol": "SNAKEBOT", "faction": "COSMIC"}
made = httpx.post(f"{base}/register", json=who).json()["data"]
agent = Agent(symbol="SNAKEBOT", faction="COSMIC", email="a@example.org", token=made["token"])
assert agent.data.credits == 175_000
next(iter(agent.contracts)).accept()
ship = next(iter(agent.fleet))
rock = next(row for row in ship.waypoints if row.type == "ENGINEERED_ASTEROID")
ship.navigate(rock)
survey = next(iter(ship.waypoints.survey().surveys))
assert ship.extract_with_survey(survey)
ship.dock()
assert ship.purchase("FUEL", 1)
assert ship.sell("FUEL", 1)
assert len(list(ship.markets)) > 10
print("ok")
