"""What a ship's frame, reactor and crew allow to be fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fleet.simulator.catalogue import Part
from fleet.simulator.world.ship import Ship

CREW_QUARTERS = "MODULE_CREW_QUARTERS"

Parts = Mapping[str, Part]


def power(parts: Parts, symbols: Iterable[str]) -> int:
    """Sum up the power that parts draw."""
    return sum(parts[symbol].requirements.power or 0 for symbol in symbols)


def power_left(parts: Parts, ship: Ship) -> int:
    """Tell what the reactor has to spare (official: output less all requirements)."""
    output = parts[ship.reactor.symbol].powerOutput or 0
    drawn = (ship.frame.symbol, ship.engine.symbol, *ship.modules, *ship.mounts)
    return output - power(parts, drawn)


def slots_left(parts: Parts, ship: Ship) -> int:
    """Tell the frame's free module slots (official)."""
    taken = sum(parts[symbol].requirements.slots or 0 for symbol in ship.modules)
    return (parts[ship.frame.symbol].moduleSlots or 0) - taken


def points_left(parts: Parts, ship: Ship) -> int:
    """Tell the frame's free mounting points (official)."""
    return (parts[ship.frame.symbol].mountingPoints or 0) - len(ship.mounts)


def crew_after(ship: Ship, part: Part) -> tuple[int, int]:
    """Tell (required, capacity) of the crew with one more part."""
    bunks = (part.capacity or 0) if part.symbol.startswith(CREW_QUARTERS) else 0
    return ship.crew_required + (part.requirements.crew or 0), ship.crew_capacity + bunks


def lacks_crew(ship: Ship, part: Part) -> bool:
    """Whether a part needs hands that the ship has no bunks for."""
    required, capacity = crew_after(ship, part)
    return (part.requirements.crew or 0) > 0 and required > capacity
