"""A supervised fleet of ship actors that plays SpaceTraders.

What scripts and experiments are written with stands here; it is imported when it is asked for,
since most commands need none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleet.actors.behaviours import Behaviour
    from fleet.actors.conductor_settings import Rule, Situation
    from fleet.actors.moves import (
        arrive,
        buy,
        cool,
        dock,
        go,
        orbit,
        read_market,
        read_yard,
        refuel,
        sell,
    )
    from fleet.actors.ship_state import ShipState
    from fleet.actors.steps import Ask, Call, Saved, Steps, Tell, Until
    from fleet.experiments.arm import Arm
    from fleet.experiments.experiment import HOUR, Experiment
    from fleet.protocol.api import (
        ApiRefusal,
        ApiReply,
        ApiRequest,
        Expired,
        Lane,
        Overloaded,
        UnknownOutcome,
    )
    from fleet.protocol.clock import GameTime
    from fleet.protocol.fleet import (
        BOOK,
        BUCKET,
        CONDUCTOR,
        SHIPS,
        SURVEYS,
        TREASURY,
        BookQuery,
        BookView,
        Craft,
        CreditsSeen,
        Denied,
        Describe,
        FindSale,
        FindSource,
        FindTrade,
        FleetQuery,
        FleetView,
        Funds,
        Granted,
        MarketSeen,
        NoRoute,
        NoTrade,
        PlanRoute,
        Release,
        ReleaseTrade,
        Reserve,
        Route,
        Sale,
        ShipQuery,
        ShipView,
        Source,
        TradePlan,
        TreasuryQuery,
    )
    from fleet.protocol.tasks import AnyTask, Lent, Park, Scripted
    from fleet.runtime import Actor, Address, AskFailed, AskTimeout, Context

__version__ = "0.1.0"

HOMES = {
    "fleet.actors.behaviours": ("Behaviour",),
    "fleet.actors.conductor_settings": ("Rule", "Situation"),
    "fleet.actors.moves": (
        *("arrive", "buy", "cool", "dock", "go", "orbit", "read_market", "read_yard"),
        *("refuel", "sell"),
    ),
    "fleet.actors.ship_state": ("ShipState",),
    "fleet.actors.steps": ("Ask", "Call", "Saved", "Steps", "Tell", "Until"),
    "fleet.experiments.arm": ("Arm",),
    "fleet.experiments.experiment": ("HOUR", "Experiment"),
    "fleet.protocol.api": (
        *("ApiRefusal", "ApiReply", "ApiRequest", "Expired", "Lane", "Overloaded"),
        *("UnknownOutcome",),
    ),
    "fleet.protocol.clock": ("GameTime",),
    "fleet.protocol.fleet": (
        *("BOOK", "BUCKET", "CONDUCTOR", "SHIPS", "SURVEYS", "TREASURY"),
        *("BookQuery", "BookView", "Craft", "CreditsSeen", "Denied", "Describe", "FindSale"),
        *("FindSource", "FindTrade", "FleetQuery", "FleetView", "Funds", "Granted"),
        *("MarketSeen", "NoRoute", "NoTrade", "PlanRoute", "Release", "ReleaseTrade"),
        *("Reserve", "Route", "Sale", "ShipQuery", "ShipView", "Source", "TradePlan"),
        *("TreasuryQuery",),
    ),
    "fleet.protocol.tasks": ("AnyTask", "Lent", "Park", "Scripted"),
    "fleet.runtime": ("Actor", "Address", "AskFailed", "AskTimeout", "Context"),
}
"""Where each public name is defined."""

__all__ = [
    "BOOK",
    "BUCKET",
    "CONDUCTOR",
    "HOUR",
    "SHIPS",
    "SURVEYS",
    "TREASURY",
    "Actor",
    "Address",
    "AnyTask",
    "ApiRefusal",
    "ApiReply",
    "ApiRequest",
    "Arm",
    "Ask",
    "AskFailed",
    "AskTimeout",
    "Behaviour",
    "BookQuery",
    "BookView",
    "Call",
    "Context",
    "Craft",
    "CreditsSeen",
    "Denied",
    "Describe",
    "Experiment",
    "Expired",
    "FindSale",
    "FindSource",
    "FindTrade",
    "FleetQuery",
    "FleetView",
    "Funds",
    "GameTime",
    "Granted",
    "Lane",
    "Lent",
    "MarketSeen",
    "NoRoute",
    "NoTrade",
    "Overloaded",
    "Park",
    "PlanRoute",
    "Release",
    "ReleaseTrade",
    "Reserve",
    "Route",
    "Rule",
    "Sale",
    "Saved",
    "Scripted",
    "ShipQuery",
    "ShipState",
    "ShipView",
    "Situation",
    "Source",
    "Steps",
    "Tell",
    "TradePlan",
    "TreasuryQuery",
    "UnknownOutcome",
    "Until",
    "__version__",
    "arrive",
    "buy",
    "cool",
    "dock",
    "go",
    "orbit",
    "read_market",
    "read_yard",
    "refuel",
    "sell",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for. Raises AttributeError for any other."""
    for module, names in HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(module), name)
            return value
    raise AttributeError(f"module 'fleet' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return list(__all__)
