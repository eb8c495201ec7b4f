"""Fitting and removing mounts and modules at a shipyard, for its fee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fleet.simulator.bodies import SymbolBody
from fleet.simulator.catalogue import Part
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.refusals import Refusal
from fleet.simulator.rules import refitting
from fleet.simulator.rules.fleet import hold
from fleet.simulator.views.agents import agent_view
from fleet.simulator.views.ships import cargo_view
from fleet.simulator.world.ship import Ship


@dataclass(frozen=True, slots=True)
class Sort:
    """Mounts or modules: how they are called, and the codes of their refusals."""

    name: str
    prefix: str
    no_yard: int
    not_fitted: int
    no_credits: int

    def of(self, ship: Ship) -> list[str]:
        """List those that a ship has."""
        return ship.mounts if self is MOUNTS else ship.modules


MOUNTS = Sort("mount", "MOUNT_", 4246, 4247, 4248)
MODULES = Sort("module", "MODULE_", 4266, 4267, 4268)


def install_mount(ctx: Context) -> dict[str, Any]:
    """Fit a mount from the hold."""
    return install(ctx, MOUNTS)


def remove_mount(ctx: Context) -> dict[str, Any]:
    """Take a mount into the hold."""
    return remove(ctx, MOUNTS)


def install_module(ctx: Context) -> dict[str, Any]:
    """Fit a module from the hold."""
    return install(ctx, MODULES)


def remove_module(ctx: Context) -> dict[str, Any]:
    """Take a module into the hold."""
    return remove(ctx, MODULES)


def install(ctx: Context, sort: Sort) -> dict[str, Any]:
    """Fit a part from the hold, if frame, reactor and crew bear it. Raises Refusal."""
    part = wanted_part(ctx, sort)
    ship, fee = at_yard(ctx, sort)
    checks.holds(ship, part.symbol, 1)
    within_limits(ctx, ship, part, sort)
    afford(ctx, fee, sort)
    ship.take(part.symbol, 1)
    sort.of(ship).append(part.symbol)
    ship.crew_required, ship.crew_capacity = refitting.crew_after(ship, part)
    return refitted(ctx, ship, part, fee, sort)


def remove(ctx: Context, sort: Sort) -> dict[str, Any]:
    """Take a part off and into the hold, which must be able to take it. Raises Refusal."""
    part = wanted_part(ctx, sort)
    ship, fee = at_yard(ctx, sort)
    fitted = sort.of(ship)
    if part.symbol not in fitted:
        text = f"Ship {ship.symbol} has no {sort.name} {part.symbol} installed."
        raise Refusal(sort.not_fitted, text, {"shipSymbol": ship.symbol, "symbol": part.symbol})
    left = list(fitted)
    left.remove(part.symbol)
    room_after(ctx, ship, left, sort)
    afford(ctx, fee, sort)
    fitted.remove(part.symbol)
    ship.put(part.symbol, 1)
    undo_crew(ship, part)
    return refitted(ctx, ship, part, fee, sort)


def wanted_part(ctx: Context, sort: Sort) -> Part:
    """Read which part is meant. Raises Invalid for what is none."""
    symbol = ctx.read(SymbolBody).symbol
    part = ctx.catalogue.parts.get(symbol)
    if part is None or not symbol.startswith(sort.prefix):
        raise ctx.invalid("symbol", f"a {sort.name}", f"'{symbol}'")
    return part


def at_yard(ctx: Context, sort: Sort) -> tuple[Ship, int]:
    """See that a ship is docked at a shipyard; tell its fee. Raises Refusal."""
    ship = ctx.ship()
    checks.at_dock(ctx, ship)
    at = ship.nav.waypoint
    yard = ctx.world.shipyards.get(at)
    if yard is None:
        text = f"Ship modification failed. There is no shipyard at {at}."
        raise Refusal(sort.no_yard, text, {"waypointSymbol": at})
    return ship, yard.fee


def within_limits(ctx: Context, ship: Ship, part: Part, sort: Sort) -> None:
    """See that slots or points, power and crew suffice. Raises Refusal 4249 to 4252."""
    parts, needs = ctx.catalogue.parts, part.requirements
    data = {"shipSymbol": ship.symbol, "symbol": part.symbol}
    if sort is MODULES and refitting.slots_left(parts, ship) < (needs.slots or 0):
        text = f"Ship {ship.symbol} has too few module slots for {part.symbol}."
        raise Refusal(4250, text, data)
    if sort is MOUNTS and refitting.points_left(parts, ship) < 1:
        text = f"Ship {ship.symbol} has no mounting point left for {part.symbol}."
        raise Refusal(4251, text, data)
    if refitting.power_left(parts, ship) < (needs.power or 0):
        text = f"The reactor of ship {ship.symbol} has too little power for {part.symbol}."
        raise Refusal(4249, text, data)
    if refitting.lacks_crew(ship, part):
        text = f"Ship {ship.symbol} has too few bunks for the crew that {part.symbol} needs."
        raise Refusal(4252, text, data)


def room_after(ctx: Context, ship: Ship, left: list[str], sort: Sort) -> None:
    """See that the hold takes the part, even if the part was hold itself. Raises 4217."""
    capacity = hold(ctx.catalogue, left) if sort is MODULES else ship.capacity
    if ship.load + 1 > capacity:
        raise Refusal(
            4217,
            "Failed to update ship cargo. Cannot add 1 unit(s) to ship cargo. "
            f"Exceeds max limit of {capacity}.",
            {
                "shipSymbol": ship.symbol,
                "cargoCapacity": capacity,
                "cargoUnits": ship.load,
                "unitsToAdd": 1,
            },
        )


def afford(ctx: Context, fee: int, sort: Sort) -> None:
    """See that the agent can pay the yard. Raises Refusal 4248 or 4268."""
    funds = ctx.agent.credits
    if fee > funds:
        text = "Ship modification failed. Agent has insufficient funds."
        raise Refusal(sort.no_credits, text, {"creditsAvailable": funds, "creditsNeeded": fee})


def undo_crew(ship: Ship, part: Part) -> None:
    """Send the hands of a removed part home."""
    required, capacity = refitting.crew_after(ship, part)
    ship.crew_required -= required - ship.crew_required
    ship.crew_capacity -= capacity - ship.crew_capacity


def refitted(ctx: Context, ship: Ship, part: Part, fee: int, sort: Sort) -> dict[str, Any]:
    """Pay the fee, measure the hold anew, and show what has become of the ship."""
    ship.capacity = hold(ctx.catalogue, ship.modules)
    ctx.agent.post("REFIT", -fee)
    return {
        "agent": agent_view(ctx.agent),
        f"{sort.name}s": ctx.render.parts(sort.of(ship)),
        "cargo": cargo_view(ctx, ship),
        "transaction": {
            "waypointSymbol": ship.nav.waypoint,
            "shipSymbol": ship.symbol,
            "tradeSymbol": part.symbol,
            "totalPrice": fee,
            "timestamp": ctx.render.stamp(ctx.now),
        },
    }
