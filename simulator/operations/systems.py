"""Systems and waypoints, with what is at them: market, shipyard, gate, construction."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.simulator.context import Context, Paged
from fleet.simulator.refusals import Refusal, not_found
from fleet.simulator.views.places import (
    construction_view,
    gate_view,
    system_view,
    waypoint_view,
)
from fleet.simulator.views.trade import market_view, shipyard_view
from fleet.simulator.world.place import System, Waypoint

FILTERS = ("type", "traits", "traits[]")
Query = tuple[tuple[str, str], ...]

TYPES = frozenset(
    (
        *("PLANET", "MOON", "GAS_GIANT", "ORBITAL_STATION", "FUEL_STATION", "JUMP_GATE"),
        *("ASTEROID", "ENGINEERED_ASTEROID", "ASTEROID_BASE", "ASTEROID_FIELD"),
        *("NEBULA", "DEBRIS_FIELD", "GRAVITY_WELL", "ARTIFICIAL_GRAVITY_WELL"),
    )
)
"""Types of waypoints (official)."""


def get_systems(ctx: Context) -> Paged:
    """List all systems."""
    systems = ctx.world.systems
    return ctx.page(ctx.galaxy.symbols, lambda symbol: system_view(ctx, systems[symbol]))


def get_system(ctx: Context) -> dict[str, Any]:
    """Show one system."""
    return system_view(ctx, ctx.system())


def get_system_waypoints(ctx: Context) -> Paged:
    """List the waypoints of a system, by type and traits if asked.

    The trait filter also finds what is uncharted (seen by one client). Raises Invalid for a type
    or trait that there is none of.
    """
    system = ctx.system()
    wanted = tuple(pair for pair in ctx.query if pair[0] in FILTERS)
    return ctx.page(filtered(ctx, system, wanted), lambda point: waypoint_view(ctx, point))


def filtered(ctx: Context, system: System, wanted: Query) -> list[Waypoint]:
    """List the waypoints of a system that pass filters, or all. Raises Invalid."""
    charted = any("UNCHARTED" in value for _name, value in wanted)
    known = None if charted else ctx.render.chosen(system, wanted)
    if known is not None:
        return known
    kinds = {value for key, value in wanted if key == "type"}
    traits = {trait for key, value in wanted if key != "type" for trait in value.split(",")}
    check_filters(ctx, kinds, traits)
    points = [ctx.world.waypoints[symbol] for symbol in system.waypoints]
    if kinds:
        points = [point for point in points if point.type in kinds]
    if traits:
        points = [point for point in points if traits.issubset(all_traits(point))]
    if not charted:
        ctx.render.choose(system, wanted, points)
    return points


def check_filters(ctx: Context, kinds: set[str], traits: set[str]) -> None:
    """See that filters are of the game (inferred from the specification). Raises Invalid."""
    for kind in kinds - TYPES:
        raise ctx.invalid("type", "a waypoint type", f"'{kind}'")
    for trait in traits - ctx.catalogue.traits.keys():
        raise ctx.invalid("traits", "a waypoint trait", f"'{trait}'")


def all_traits(point: Waypoint) -> list[str]:
    """List true traits, with UNCHARTED for what nobody has charted."""
    return point.traits if point.chart else [*point.traits, "UNCHARTED"]


def get_waypoint(ctx: Context) -> msgspec.Raw:
    """Show one waypoint."""
    return waypoint_view(ctx, ctx.waypoint())


def accessible(ctx: Context, point: Waypoint) -> bool:
    """Tell whether the caller is present; an uncharted place is closed otherwise.

    Raises Refusal 4001 (seen by two).
    """
    present = ctx.present(point.symbol)
    if not present and point.chart is None:
        raise Refusal(
            4001,
            f"Waypoint {point.symbol} is not accessible. Either uncharted or the agent has no "
            "ships present.",
        )
    return present


def get_market(ctx: Context) -> dict[str, Any]:
    """Show a market. Raises Refusal 4001 or 404."""
    point = ctx.waypoint()
    present = accessible(ctx, point)
    if point.symbol not in ctx.world.markets:
        raise not_found(f"Market at {point.symbol}")
    return market_view(ctx, ctx.markets.at(ctx.world, point.symbol, ctx.now), present=present)


def get_shipyard(ctx: Context) -> dict[str, Any]:
    """Show a shipyard. Raises Refusal 4001 or 404."""
    point = ctx.waypoint()
    present = accessible(ctx, point)
    yard = ctx.world.shipyards.get(point.symbol)
    if yard is None:
        raise not_found(f"Shipyard at {point.symbol}")
    return shipyard_view(ctx, yard, present=present)


def get_jump_gate(ctx: Context) -> dict[str, Any]:
    """Show a jump gate. Raises Refusal 4001 or 404."""
    point = ctx.waypoint()
    gate = ctx.world.gates.get(point.symbol)
    if gate is None:
        raise not_found(f"Jump gate at {point.symbol}")
    accessible(ctx, point)
    return gate_view(gate)


def get_construction(ctx: Context) -> dict[str, Any]:
    """Show what a construction site needs; where nothing is built that is nothing (official)."""
    point = ctx.waypoint()
    return construction_view(point.symbol, ctx.world.constructions.get(point.symbol))
