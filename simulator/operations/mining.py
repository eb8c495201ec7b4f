"""Surveying, extracting and siphoning."""

from __future__ import annotations

from typing import Any

from fleet.protocol.clock import from_iso
from fleet.simulator.bodies import SurveyBody, WrappedSurvey
from fleet.simulator.catalogue import Part
from fleet.simulator.context import Context
from fleet.simulator.operations import checks
from fleet.simulator.operations.wearing import strain_ship
from fleet.simulator.refusals import Refusal
from fleet.simulator.rules import digging
from fleet.simulator.views.agents import survey_view
from fleet.simulator.views.places import modifiers_view
from fleet.simulator.views.ships import cargo_view, cooldown_view
from fleet.simulator.world.place import Waypoint
from fleet.simulator.world.ship import Ship
from fleet.simulator.world.survey import Site, Survey

LASER = "MOUNT_MINING_LASER"
SIPHON = "MOUNT_GAS_SIPHON"
SURVEYOR = "MOUNT_SURVEYOR"
MINERAL_PROCESSOR = "MODULE_MINERAL_PROCESSOR_I"
GAS_PROCESSOR = "MODULE_GAS_PROCESSOR_I"
STAMP_SLACK = 0.002
"""Seconds by which a survey's expiration may differ from what was given out."""

SURVEYS_SWEPT = 256
"""Draws between two sweeps: each looks at all surveys, of which a large fleet has thousands."""


def create_survey(ctx: Context) -> dict[str, Any]:
    """Survey the asteroid where a ship orbits; the count is the surveyors' strength (seen)."""
    ship = ctx.ship()
    checks.reactor_ready(ctx, ship)
    if ship.nav.docked:
        text = f"Ship survey failed. Ship {ship.symbol} must be in orbit to perform this type of "
        raise Refusal(4223, f"{text}survey.", {"shipSymbol": ship.symbol})
    surveyors = checks.mounts(ctx, ship, SURVEYOR)
    if not surveyors:
        raise Refusal(4240, f"Ship {ship.symbol} has no surveyor mount.")
    point = checks.place(ctx, ship)
    found = frozenset(good for mount in surveyors for good in mount.deposits or ())
    if point.type not in digging.DIGGABLE or not found & point.deposits.keys():
        text = f"Ship survey failed. Ship {ship.symbol} is not at a valid location for surveying."
        raise Refusal(4222, text, {"shipSymbol": ship.symbol, "waypointSymbol": point.symbol})
    count = sum(mount.strength or 0 for mount in surveyors)
    surveys = [draw_survey(ctx, point, found) for _ in range(count)]
    checks.start_cooldown(ctx, ship, digging.cooldown_seconds(surveyors))
    return {
        "cooldown": cooldown_view(ctx, ship),
        "surveys": [survey_view(ctx, survey) for survey in surveys],
    }


def draw_survey(ctx: Context, point: Waypoint, found: frozenset[str]) -> Survey:
    """Make one survey, and now and then forget those that have expired."""
    world, rng = ctx.world, ctx.world.random()
    if world.draws % SURVEYS_SWEPT == 0:
        for signature in [key for key, row in world.surveys.items() if row.expires <= ctx.now]:
            del world.surveys[signature]
    goods, size, life, bears = digging.draw_survey(point.deposits, found, world.rules, rng)
    signature = f"{point.symbol}-{rng.randrange(16**6):06X}"
    while signature in world.surveys:
        signature = f"{point.symbol}-{rng.randrange(16**6):06X}"
    survey = Survey(signature, point.symbol, goods, size, ctx.later(life), bears)
    world.surveys[signature] = survey
    return survey


def extract_resources(ctx: Context) -> dict[str, Any]:
    """Extract whatever the site gives; a survey in the body is the deprecated way."""
    if b'"survey"' in ctx.body:
        return extract_deprecated(ctx)
    ship = ctx.ship()
    lasers, point = ready_to_extract(ctx, ship)
    return dig(ctx, ship, point, lasers, None)


def extract_deprecated(ctx: Context) -> dict[str, Any]:
    """Extract with a survey that is wrapped in the body."""
    body = ctx.read(WrappedSurvey)
    return extract_surveyed(ctx, body.survey)


def extract_resources_with_survey(ctx: Context) -> dict[str, Any]:
    """Extract after a survey."""
    return extract_surveyed(ctx, ctx.read(SurveyBody))


def extract_surveyed(ctx: Context, body: SurveyBody) -> dict[str, Any]:
    """Check the ship, then the survey, then dig."""
    ship = ctx.ship()
    lasers, point = ready_to_extract(ctx, ship)
    survey = valid_survey(ctx, body, point)
    return dig(ctx, ship, point, lasers, survey)


def ready_to_extract(ctx: Context, ship: Ship) -> tuple[list[Part], Waypoint]:
    """See that a ship can extract here. Raises Refusal."""
    checks.reactor_ready(ctx, ship)
    checks.in_orbit(ship)
    lasers = checks.mounts(ctx, ship, LASER)
    if not lasers:
        raise Refusal(4243, f"Ship {ship.symbol} has no mining laser.")
    if MINERAL_PROCESSOR not in ship.modules:
        raise Refusal(4242, f"Ship {ship.symbol} has no mineral processor.")
    point = checks.place(ctx, ship)
    if point.type not in digging.DIGGABLE:
        text = f"Ship extract failed. {point.symbol} is not a valid location for extracting "
        raise Refusal(4205, f"{text}minerals.", {"waypointSymbol": point.symbol})
    if not point.deposits:
        raise Refusal(4261, f"Waypoint {point.symbol} yields nothing.")
    checks.has_room(ship)
    return lasers, point


def valid_survey(ctx: Context, body: SurveyBody, point: Waypoint) -> Survey:
    """Find the survey that a body speaks of. Raises Refusal 4220, 4221, 4224 or 4270."""
    survey = ctx.world.surveys.get(body.signature)
    if survey is None or ctx.now >= survey.expires:
        raise gone()
    same = (
        body.symbol == survey.waypoint
        and [row.symbol for row in body.deposits] == survey.deposits
        and body.size == survey.size
    )
    if not (same and (ctx.replaying or same_stamp(ctx, body.expiration, survey.expires))):
        raise Refusal(4220, "Ship survey failed. The survey could not be verified.")
    if survey.waypoint != point.symbol:
        raise Refusal(
            4270,
            "Ship extract failed. The survey belongs to another location.",
            {"surveyWaypointSymbol": survey.waypoint, "waypointSymbol": point.symbol},
        )
    if survey.left <= 0:
        text = f"Ship extract failed. Survey {survey.signature} has been exhausted."
        raise Refusal(4224, text)
    return survey


def same_stamp(ctx: Context, text: str, expires: float) -> bool:
    """Whether a stamp is the one that was given out; a replay has another clock to read it by."""
    try:
        meant = ctx.render.meant(from_iso(text))
    except ValueError as error:
        raise ctx.invalid("expiration", "a date", f"'{text}'") from error
    slack = STAMP_SLACK * max(1.0, ctx.render.clock.speed)
    return any(abs(time - expires) <= slack for time in meant)


def gone() -> Refusal:
    """Say that a survey is over, or never was."""
    return Refusal(4221, "Ship survey failed. Target signature is no longer in range or valid.")


def dig(
    ctx: Context, ship: Ship, point: Waypoint, lasers: list[Part], survey: Survey | None
) -> dict[str, Any]:
    """Draw a yield, put what fits into the hold, strain the site. Raises Refusal 4253."""
    world, rng = ctx.world, ctx.world.random()
    rules = world.rules
    rate = digging.bearable(point.type, rules)
    site = world.sites.get(point.symbol) or Site()
    unstable = digging.condition(site, ctx.now, rate, rules) == "UNSTABLE"
    if unstable and rng.random() < rules.unstable_refusal:
        text = f"Ship extract failed. Waypoint {point.symbol} is destabilized."
        raise Refusal(4253, text, {"waypointSymbol": point.symbol})
    good = rng.choice(survey.deposits) if survey else digging.pick(point.deposits, rng)
    units = digging.draw_units((mount.strength or 0 for mount in lasers), rules, rng)
    if unstable:
        units = int(units * rules.unstable_yield)
    if survey:
        survey.left -= 1
    world.sites[point.symbol] = site
    digging.strain(site, ctx.now, rate, rules)
    kept = store(ship, good, units)
    checks.start_cooldown(ctx, ship, digging.cooldown_seconds(lasers))
    result = {"shipSymbol": ship.symbol, "yield": {"symbol": good, "units": kept}}
    return {
        "extraction": result,
        "cooldown": cooldown_view(ctx, ship),
        "cargo": cargo_view(ctx, ship),
        "modifiers": modifiers_view(ctx, point),
        "events": strain_ship(ctx, ship, "work", point.traits),
    }


def store(ship: Ship, good: str, units: int) -> int:
    """Put what fits into the hold; the rest is lost (official)."""
    kept = min(units, ship.capacity - ship.load)
    if kept:
        ship.put(good, kept)
    return kept


def siphon_resources(ctx: Context) -> dict[str, Any]:
    """Siphon gas from a gas giant."""
    ship = ctx.ship()
    checks.reactor_ready(ctx, ship)
    checks.in_orbit(ship)
    siphons = checks.mounts(ctx, ship, SIPHON)
    if not siphons:
        raise Refusal(4258, f"Ship {ship.symbol} has no gas siphon.")
    if GAS_PROCESSOR not in ship.modules:
        raise Refusal(4257, f"Ship {ship.symbol} has no gas processor.")
    point = checks.place(ctx, ship)
    if point.type != "GAS_GIANT":
        text = f"Ship siphon failed. {point.symbol} is not a valid location for siphoning gases."
        raise Refusal(4259, text, {"waypointSymbol": point.symbol})
    checks.has_room(ship)
    rng = ctx.world.random()
    good = digging.pick(point.deposits, rng)
    strengths = (mount.strength or 0 for mount in siphons)
    kept = store(ship, good, digging.draw_units(strengths, ctx.world.rules, rng))
    checks.start_cooldown(ctx, ship, digging.cooldown_seconds(siphons))
    return {
        "siphon": {"shipSymbol": ship.symbol, "yield": {"symbol": good, "units": kept}},
        "cooldown": cooldown_view(ctx, ship),
        "cargo": cargo_view(ctx, ship),
        "events": strain_ship(ctx, ship, "work", point.traits),
    }
