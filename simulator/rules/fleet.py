"""How ships come into being."""

from __future__ import annotations

from fleet.simulator.catalogue import Catalogue
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.ship import Fitting, Nav, Ship
from fleet.simulator.world.world import World


def launch(
    world: World, catalogue: Catalogue, agent: Agent, kind: str, at: str, now: float
) -> Ship:
    """Deliver a new ship of a type: docked, full tank, empty hold, no cooldown (official).

    Ship symbols count up in upper-case hex (seen by several).
    """
    model = catalogue.ship_types[kind]
    agent.built += 1
    tank = catalogue.parts[model.frame].fuelCapacity or 0
    ship = Ship(
        symbol=f"{agent.symbol}-{agent.built:X}",
        agent=agent.symbol,
        type=kind,
        role=model.role,
        faction=agent.faction,
        nav=Nav(waypoint=at, origin=at, departure=now, arrival=now, docked=True),
        frame=Fitting(model.frame),
        reactor=Fitting(model.reactor),
        engine=Fitting(model.engine),
        modules=list(model.modules),
        mounts=list(model.mounts),
        crew_required=model.crew_required,
        crew_capacity=model.crew_capacity,
        capacity=hold(catalogue, model.modules),
        fuel_capacity=tank,
        fuel=tank,
        burnt_at=now,
    )
    world.ships[ship.symbol] = ship
    agent.ships.append(ship.symbol)
    return ship


def hold(catalogue: Catalogue, modules: tuple[str, ...] | list[str]) -> int:
    """Units of cargo that modules make room for (official)."""
    return sum(
        catalogue.parts[module].capacity or 0
        for module in modules
        if module.startswith("MODULE_CARGO_HOLD")
    )
