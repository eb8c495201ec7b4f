"""The scenario that a world follows."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from fleet.simulator.settings import Rules

Where = Literal[
    "HEADQUARTERS",
    "ENGINEERED_ASTEROID",
    "RICH_ASTEROIDS",
    "GAS_GIANT",
    "JUMP_GATE",
    "MARKETS",
    "SHIPYARDS",
]


class Squadron(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ships of one type, spread over the places of a kind."""

    type: str
    count: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    at: Where
    over: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """At how many of the places; None spreads over all."""

    orbiting: bool = False


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What agents start with."""

    name: str
    description: str = ""
    usual_ships: bool = True
    """Whether the frigate and the probe come along."""

    credits: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Starting credits; None gives the usual ones."""

    ships: tuple[Squadron, ...] = ()
    agents: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    """Agents that are there from the beginning, named after the scenario: `CROWD-1` and so on."""

    agent: str | None = None
    """Symbol of the agent who gets the ships; None gives them to the first who registers."""

    everybody: bool = False
    """Whether every agent gets them."""

    rules: Rules | None = None
    """Rules that differ from the defaults."""
