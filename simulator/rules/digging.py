"""What asteroids and gas giants give: yields, surveys, and the strain on a site."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping

from fleet.simulator.catalogue import Part, Yields
from fleet.simulator.settings import Rules
from fleet.simulator.world.survey import Site

DIGGABLE = ("ASTEROID", "ENGINEERED_ASTEROID", "ASTEROID_FIELD")
"""Official; single asteroids since version 2.1."""

ACTION_SECONDS = 60
SECONDS_PER_POWER = 10


def cooldown_seconds(mounts: Iterable[Part]) -> int:
    """Tell the cooldown of extracting, siphoning or surveying with these mounts.

    Seen by two or more clients: 60 s and 10 s for each unit of power that the mounts draw.
    """
    return ACTION_SECONDS + SECONDS_PER_POWER * sum(
        mount.requirements.power or 0 for mount in mounts
    )


def deposits(
    kind: str,
    traits: Iterable[str],
    *,
    yields: Yields,
    minable: frozenset[str],
    rules: Rules,
    rng: random.Random,
) -> dict[str, float]:
    """Draw the fixed weight of each good of a site.

    Which goods a trait brings is observed; that each asteroid has weights of its own is official;
    the weights are guessed.
    """
    if kind == "GAS_GIANT":
        return {good: float(weight) for good, weight in yields.gas_giant.items()}
    if kind not in DIGGABLE:
        return {}
    weights: dict[str, float] = {}
    for trait in traits:
        for good, weight in yields.by_trait.get(trait, {}).items():
            if good in minable:
                weights[good] = weights.get(good, 0) + weight
    evenness = rules.site_evenness
    return {
        good: round(weight * rng.gammavariate(evenness, 1 / evenness), 3)
        for good, weight in weights.items()
    }


def pick(weights: Mapping[str, float], rng: random.Random) -> str:
    """Draw one good by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def draw_units(strengths: Iterable[int], rules: Rules, rng: random.Random) -> int:
    """Draw the units that mounts of these strengths bring; the spread is guessed."""
    return sum(
        rng.randint(math.ceil(rules.yield_low * s), math.floor(rules.yield_high * s))
        for s in strengths
    )


def draw_survey(
    weights: Mapping[str, float], found: frozenset[str], rules: Rules, rng: random.Random
) -> tuple[list[str], str, float, int]:
    """Draw (deposits, size, life in seconds, hidden extractions) of one survey.

    The shape is official, the sizes' odds are counted, life and capacity are guessed.
    """
    known = {good: weight for good, weight in weights.items() if good in found}
    count = rng.randint(*rules.survey_deposits)
    drawn = rng.choices(list(known), list(known.values()), k=count)
    size = pick(rules.survey_odds, rng)
    life = rng.uniform(*rules.survey_life)
    return drawn, size, life, rng.randint(*rules.survey_extractions[size])


def level_at(site: Site, now: float, rate: float) -> float:
    """Tell how full the bucket of a site is; it drains at `rate` extractions a minute."""
    return max(0.0, site.level - (now - site.at) / 60 * rate)


def bearable(kind: str, rules: Rules) -> float:
    """Extractions a minute that a site bears for long (official: about 10, engineered 20)."""
    factor = rules.engineered_factor if kind == "ENGINEERED_ASTEROID" else 1.0
    return rules.extractions_per_minute * factor


def condition(site: Site, now: float, rate: float, rules: Rules) -> str | None:
    """Name what strain has done to a site: nothing, CRITICAL_LIMIT or UNSTABLE (guessed)."""
    level = level_at(site, now, rate) / (rate * rules.strain_minutes)
    if site.unstable and level >= rules.healed_share:
        return "UNSTABLE"
    return "CRITICAL_LIMIT" if level > rules.critical_share else None


def strain(site: Site, now: float, rate: float, rules: Rules) -> None:
    """Add one extraction to a site."""
    unstable = condition(site, now, rate, rules) == "UNSTABLE"
    site.level = level_at(site, now, rate) + 1
    site.at = now
    site.unstable = unstable or site.level > rate * rules.strain_minutes
