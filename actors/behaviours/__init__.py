"""What ships do: generator scripts that survive being killed at any step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fleet.actors.behaviours import (
    fulfil_contract,
    lent,
    mine_and_sell,
    park,
    read_back,
    scout_markets,
    survey_site,
    trade_best_route,
)
from fleet.actors.ship_state import ShipState
from fleet.actors.steps import Steps
from fleet.protocol.tasks import AnyTask, Lent, name_of

__all__ = ["FLEETS", "OWN", "Behaviour", "Behaviours"]

Behaviour = Callable[[ShipState, Any], Steps]
"""`def run(ship, task) -> Steps`: looks first at what the ship is, and goes on from there."""

OWN: Mapping[str, Behaviour] = MappingProxyType(
    {
        "scout_markets": scout_markets.run,
        "trade_best_route": trade_best_route.run,
        "mine_and_sell": mine_and_sell.run,
        "survey_site": survey_site.run,
        "fulfil_contract": fulfil_contract.run,
        "park": park.run,
        "read_back": read_back.run,
    }
)
"""The behaviours of fleet, by the name of their task."""


@dataclass(frozen=True, slots=True)
class Behaviours:
    """The behaviours that ships can run; given ones go before fleet's own of the same name."""

    given: Mapping[str, Behaviour] = field(default_factory=dict)

    def start(self, ship: ShipState, task: AnyTask) -> Steps:
        """Begin a task, or go on with it from what the ship is."""
        if isinstance(task, Lent):
            return lent.run(ship, task)
        name = name_of(task)
        run = self.given.get(name) or OWN.get(name)
        return _unknown(name) if run is None else run(ship, task)


FLEETS = Behaviours()
"""Nothing but fleet's own."""


def _unknown(name: str) -> Steps:
    """End at once: the script that knew this behaviour is not there any more."""
    yield from ()
    return f"no behaviour is called {name}"
