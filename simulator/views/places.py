"""Systems, waypoints, gates and construction sites as the API shows them."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.simulator.context import Context
from fleet.simulator.rules import digging
from fleet.simulator.world.place import Chart, Construction, Gate, System, Waypoint

MODIFIERS = {
    "CRITICAL_LIMIT": ("Critical Limit", "Extraction has brought this place close to its limit."),
    "UNSTABLE": ("Unstable", "Too much was extracted here; yields are low until it recovers."),
}


def system_view(ctx: Context, system: System) -> dict[str, Any]:
    """Show a system with its waypoints."""
    points = (ctx.world.waypoints[symbol] for symbol in system.waypoints)
    return {
        "symbol": system.symbol,
        "sectorSymbol": system.sector,
        "type": system.type,
        "x": system.x,
        "y": system.y,
        "waypoints": [system_waypoint_view(point) for point in points],
        "factions": [{"symbol": faction} for faction in system.factions],
    }


def system_waypoint_view(point: Waypoint) -> dict[str, Any]:
    """Show a waypoint in short."""
    view: dict[str, Any] = {
        "symbol": point.symbol,
        "type": point.type,
        "x": point.x,
        "y": point.y,
        "orbitals": [{"symbol": symbol} for symbol in point.orbitals],
    }
    if point.orbits:
        view["orbits"] = point.orbits
    return view


def waypoint_view(ctx: Context, point: Waypoint) -> msgspec.Raw:
    """Show a waypoint; an uncharted one hides its traits (official)."""
    # Its system is there, or there were no waypoint: no need to have it made.
    site = dict.get(ctx.world.constructions, point.symbol)
    building = site is not None and not site.complete
    strain = strained(ctx, point) if point.symbol in ctx.world.sites else None
    looks = (point.chart.at if point.chart else None, building, strain)
    known = ctx.render.waypoint(point, looks)
    if known is not None:
        return known
    return ctx.render.show_waypoint(point, looks, waypoint_facts(ctx, point, building, strain))


def waypoint_facts(
    ctx: Context, point: Waypoint, building: bool, strain: str | None
) -> dict[str, Any]:
    """List what is to be seen of a waypoint."""
    view = system_waypoint_view(point)
    view["systemSymbol"] = point.system
    if point.faction:
        view["faction"] = {"symbol": point.faction}
    view["traits"] = [trait_view(ctx, trait) for trait in shown_traits(point)]
    view["modifiers"] = modifier_view(strain)
    if point.chart:
        view["chart"] = chart_view(ctx, point.symbol, point.chart)
    view["isUnderConstruction"] = building
    return view


def shown_traits(point: Waypoint) -> list[str]:
    """List the traits that everybody may see."""
    return point.traits if point.chart else ["UNCHARTED"]


def trait_view(ctx: Context, symbol: str) -> dict[str, Any]:
    """Show a trait; one that the catalogue doesn't know keeps its symbol."""
    trait = ctx.catalogue.traits.get(symbol)
    if trait is None:
        name = symbol.replace("_", " ").title()
        return {"symbol": symbol, "name": name, "description": name}
    return {"symbol": symbol, "name": trait.name, "description": trait.description}


def chart_view(ctx: Context, waypoint: str, chart: Chart) -> dict[str, Any]:
    """Show who charted a waypoint."""
    return {
        "waypointSymbol": waypoint,
        "submittedBy": chart.by,
        "submittedOn": ctx.render.stamp(chart.at),
    }


def strained(ctx: Context, point: Waypoint) -> str | None:
    """Name what extraction has done to a waypoint."""
    site = ctx.world.sites.get(point.symbol)
    if site is None:
        return None
    rules = ctx.world.rules
    return digging.condition(site, ctx.now, digging.bearable(point.type, rules), rules)


def modifiers_view(ctx: Context, point: Waypoint) -> list[dict[str, Any]]:
    """Show what extraction has done to a waypoint."""
    return modifier_view(strained(ctx, point))


def modifier_view(name: str | None) -> list[dict[str, Any]]:
    """Show a modifier, if there is one."""
    if name is None:
        return []
    return [{"symbol": name, "name": MODIFIERS[name][0], "description": MODIFIERS[name][1]}]


def gate_view(gate: Gate) -> dict[str, Any]:
    """Show a jump gate."""
    return {"symbol": gate.waypoint, "connections": gate.connections}


def construction_view(waypoint: str, site: Construction | None) -> dict[str, Any]:
    """Show a construction site; where nothing is built the list is empty and complete."""
    rows = site.materials if site else []
    return {
        "symbol": waypoint,
        "materials": [
            {"tradeSymbol": row.symbol, "required": row.required, "fulfilled": row.fulfilled}
            for row in rows
        ],
        "isComplete": site is None or site.complete,
    }
