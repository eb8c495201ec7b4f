"""Every setting of the game's rules: what it decides, and how sure its default is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from fleet.simulator.settings import Rules

Confidence = Literal["official", "observed", "fitted", "guess"]
"""Published by the makers; seen on the live server; fitted to what was seen; or a guess."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A setting as people read it."""

    confidence: Confidence
    decides: str


RULEBOOK: Mapping[str, Rule] = {
    "travel_rounding": Rule(
        "observed", "how a travel time becomes whole seconds; `floor` is the other reading"
    ),
    "jump_cooldown": Rule(
        "observed", "`new`: 15 + 0.3 per unit of distance, since 2025; `old`: 60 + 1"
    ),
    "refine_batch": Rule("official", "units into and out of one use of a refinery"),
    "refine_batch_micro": Rule("guess", "the same for a micro refinery"),
    "scan_reach": Rule("guess", "distance per strength at which a scan finds systems"),
    "scan_most": Rule("guess", "systems that one scan finds at most"),
    "wear_in_flight": Rule("guess", "odds that a flight wears a part; 0 turns it off"),
    "wear_at_work": Rule("guess", "the same for extracting and siphoning"),
    "wear_damage": Rule("guess", "condition that a new part of middling quality loses then"),
    "wear_slows": Rule("guess", "whether a worn engine is slower, to three quarters at worst"),
    "repair_integrity_loss": Rule("guess", "integrity that repairing a part from nothing costs"),
    "scrap_hull": Rule("guess", "share of a ship's price that scrapping pays"),
    "scrap_fittings": Rule("guess", "the same for mounts and modules"),
    "reserved_symbols": Rule("guess", "call signs that nobody may register"),
    "lock_seconds": Rule(
        "guess", "how long a command locks its ship: others get 409; 0 makes them wait"
    ),
    "yield_low": Rule("guess", "least yield of a laser or siphon, in multiples of its strength"),
    "yield_high": Rule("guess", "the same for the most"),
    "site_evenness": Rule("guess", "how alike asteroids of the same traits are; more is more"),
    "extractions_per_minute": Rule("official", "what an asteroid bears for long"),
    "engineered_factor": Rule("official", "how many times more an engineered one bears"),
    "strain_minutes": Rule("guess", "minutes of that rate that a site stores before UNSTABLE"),
    "critical_share": Rule("guess", "share of that store from which CRITICAL_LIMIT shows"),
    "healed_share": Rule("guess", "share of it below which UNSTABLE ends"),
    "unstable_yield": Rule("guess", "yield on an unstable site"),
    "unstable_refusal": Rule("guess", "chance of error 4253 there"),
    "survey_life": Rule("guess", "seconds that a survey lives"),
    "survey_deposits": Rule("guess", "goods that it lists"),
    "survey_odds": Rule("observed", "shares of SMALL, MODERATE and LARGE among 290"),
    "survey_extractions": Rule("guess", "extractions that each size bears"),
    "chart_reward": Rule("guess", "credits for a chart"),
    "chart_reward_per_trait": Rule("guess", "credits for each trait on it"),
    "market_rates": Rule("fitted", "drift in trade volumes per hour, by activity"),
    "market_smallest_rate": Rule("observed", "units per hour that even small volumes drift"),
    "market_bound": Rule("observed", "trade volumes at which production and consumption stop"),
    "background_traders": Rule(
        "guess", "lots per good and hour that unseen traders move in awake markets; 0 is nobody"
    ),
    "activity_hours": Rule("guess", "hours over which trade is smoothed into activity"),
    "growing_from": Rule("guess", "lots per hour from which activity is GROWING"),
    "strong_from": Rule("guess", "the same for STRONG"),
    "exchange_half_life": Rule("guess", "seconds in which an exchange halves its way back"),
    "volume_growth": Rule("observed", "step of growing trade volumes"),
    "volume_cap": Rule("guess", "largest trade volume"),
    "export_start": Rule("fitted", "supply of fresh exports in trade volumes, mean and spread"),
    "import_start": Rule("fitted", "the same for imports"),
    "exchange_start": Rule("fitted", "the same for exchanges"),
    "transactions_kept": Rule("guess", "transactions that a market or shipyard lists"),
    "ship_price_growth": Rule("observed", "rise of a ship's price per purchase"),
    "ship_restock_hours": Rule("guess", "hours until a purchase is forgotten"),
    "ship_price_spread": Rule("guess", "how far a seed moves the start prices of ships"),
    "contract_pay": Rule("observed", "pay per unit in base prices, for made goods"),
    "contract_pay_raw": Rule("observed", "the same for raw goods"),
    "contract_advance": Rule("observed", "share that is paid on acceptance"),
    "contract_units": Rule("observed", "units asked for where the trade volume is 60"),
    "contract_units_small": Rule("observed", "the same in trade volumes, where they are small"),
    "contract_accept_hours": Rule("observed", "hours in which a contract can be accepted"),
    "contract_days": Rule("observed", "days until it must be fulfilled"),
    "starting_credits": Rule("official", "credits of a new agent"),
    "reset_days": Rule("official", "days between scheduled resets"),
    "reset_downtime": Rule("guess", "seconds after a reset in which everything is answered 503"),
    "empty_json_refused": Rule(
        "observed",
        "whether a body-less POST that declares JSON is refused, as the live server does",
    ),
    "published_extras": Rule(
        "official",
        "whether a route's `departure` and the `symbol` of a ship on sale are shown, which the "
        "published document demands and the live server has not",
    ),
    "validation_style": Rule(
        "observed", "body of a 422: `zod` (2025) or `fields` (before and after)"
    ),
}
"""All settings by name, in the order of `Rules`."""


def listed(rules: Rules) -> list[dict[str, Any]]:
    """List all settings with their values in some rules."""
    return [
        {
            "setting": name,
            "value": msgspec.to_builtins(getattr(rules, name)),
            "confidence": rule.confidence,
            "decides": rule.decides,
        }
        for name, rule in RULEBOOK.items()
    ]


def shown(value: Any) -> str:
    """Write a value as a table does."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return " to ".join(map(shown, value)) if len(value) == 2 else ", ".join(map(shown, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
