"""How a simulator is started, and every rule of the game that nobody outside the server knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

ClockKind = Literal["game", "wall"]
LimitsKind = Literal["live", "account", "off"]
"""As the live API has them, without those per address, or none."""

MOST_SEED = 2**63 - 1
"""What a snapshot has room for."""


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Guessed rules of the game; a world keeps those it was made with.

    Each field is a guess unless its comment says more; official and observed rules are plain code.
    """

    travel_rounding: Literal["round", "floor"] = "round"
    """How a travel time becomes whole seconds; one exact observation says round."""

    jump_cooldown: Literal["new", "old"] = "new"
    """15 + 0.3 per unit of distance as one client predicts it since 2025, or 60 + 1 as before."""

    refine_batch: tuple[int, int] = (100, 10)
    """Units in and out of one use; official, an older example has 30 and 10."""

    refine_batch_micro: tuple[int, int] = (30, 3)

    scan_reach: float = 2000.0
    """Distance per strength of a sensor array at which other systems are found."""

    scan_most: int = 20
    """Systems that one scan finds at most."""

    wear_in_flight: float = 0.06
    wear_at_work: float = 0.1
    """Odds that a flight, an extraction or a siphoning wears a part; 0 turns wear off."""

    wear_damage: tuple[float, float] = (0.005, 0.02)
    """Condition lost by a new part of middling quality."""

    wear_slows: bool = False
    """Whether a worn engine is slower, to three quarters at worst."""

    repair_integrity_loss: float = 0.05
    """Integrity lost by repairing a part from nothing; that some is lost is official."""

    scrap_hull: float = 0.5
    scrap_fittings: float = 0.25
    """Shares of the price of the ship, and of mounts and modules, that scrapping pays."""

    reserved_symbols: tuple[str, ...] = ("SPACETRADERS",)
    """Call signs that nobody may register."""

    lock_seconds: float = 0.0
    """How long a command keeps a ship locked: others are answered 409. 0 makes them wait, as they
    do anyway, because one is handled at a time."""

    yield_low: float = 0.5
    yield_high: float = 1.5
    """A mount yields a whole number drawn evenly between these multiples of its strength."""

    site_evenness: float = 4.0
    """How alike the goods of asteroids with the same traits are; larger is more alike."""

    extractions_per_minute: float = 10.0
    """What an asteroid bears for long; official figure, the mechanism around it is guessed."""

    engineered_factor: float = 2.0
    """How much more an engineered asteroid bears; official figure."""

    strain_minutes: float = 10.0
    """Minutes of bearable extraction that a site stores before it turns unstable."""

    critical_share: float = 0.6
    healed_share: float = 0.5
    unstable_yield: float = 0.25
    unstable_refusal: float = 0.5

    survey_life: tuple[float, float] = (300.0, 3600.0)
    """Seconds that a survey stays valid."""

    survey_deposits: tuple[int, int] = (3, 7)
    survey_odds: dict[str, float] = msgspec.field(
        default_factory=lambda: {"SMALL": 0.64, "MODERATE": 0.29, "LARGE": 0.07}
    )
    """Share of each survey size; from 290 counted surveys."""

    survey_extractions: dict[str, tuple[int, int]] = msgspec.field(
        default_factory=lambda: {"SMALL": (3, 15), "MODERATE": (8, 30), "LARGE": (15, 45)}
    )

    chart_reward: int = 1000
    chart_reward_per_trait: int = 1500

    market_rates: dict[str, float] = msgspec.field(
        default_factory=lambda: {"RESTRICTED": 0.25, "WEAK": 0.42, "GROWING": 1.3, "STRONG": 2.0}
    )
    """Drift of supply in trade volumes per hour; fitted on real markets."""

    market_smallest_rate: float = 4.0
    """Units per hour that even a small trade volume drifts; observed."""

    market_bound: float = 8.0
    """Trade volumes of net supply at which production and consumption stop; observed."""

    background_traders: float = 0.0
    """Lots per good and hour that nobody's ships move in markets that are awake; 0 is nobody."""

    activity_hours: float = 4.0
    growing_from: float = 0.75
    strong_from: float = 1.5
    """Lots per hour, smoothed over `activity_hours`, from which activity is called so."""

    exchange_half_life: float = 3600.0
    volume_growth: float = 1.1
    """Step observed; its condition (activity and supply) is guessed."""

    volume_cap: int = 180
    export_start: tuple[float, float] = (2.6, 1.4)
    import_start: tuple[float, float] = (-2.15, 1.4)
    exchange_start: tuple[float, float] = (0.0, 1.2)
    """Mean and spread of the supply of a fresh market in trade volumes; fitted."""

    transactions_kept: int = 20
    """Transactions that a market or shipyard lists."""

    ship_price_growth: float = 1.04
    ship_restock_hours: float = 3.0
    ship_price_spread: float = 0.06

    contract_pay: tuple[float, float] = (1.55, 1.9)
    contract_pay_raw: tuple[float, float] = (2.5, 3.8)
    """Both payments together, per unit, in multiples of the good's base price."""

    contract_advance: tuple[float, float] = (0.12, 0.28)
    """Share of the payment that is due on acceptance; observed range."""

    contract_units: tuple[int, int] = (30, 78)
    contract_units_small: tuple[float, float] = (0.7, 1.3)
    """Units where the trade volume is 60, and multiples of the trade volume where it is smaller."""

    contract_accept_hours: float = 24.0
    contract_days: float = 7.0

    starting_credits: int = 175_000
    """Official."""

    reset_days: int = 14
    reset_downtime: float = 5.0
    """Seconds after a reset in which everything is answered 503."""

    empty_json_refused: bool = False
    """Refuse a body-less POST that declares JSON, as the live server does, instead of taking it."""

    published_extras: bool = True
    """Show what the published document demands without describing it: a route's `departure`, and
    the `symbol` of a ship on sale."""

    validation_style: Literal["zod", "fields"] = "zod"
    """Shape of a 422 body: the one of 2025, or the field map seen before and after."""


class SimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How one simulator process is started."""

    data_dir: Path | None = None
    """Where the world is kept; None keeps it in memory only."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free port."""

    speed: float = 1.0
    """Game seconds per second."""

    clock: ClockKind = "game"
    seed: int | None = None
    """Seed of a new world; None takes the stored world's, or 1."""

    universe: Path | None = None
    """Captured system or galaxy to load instead of making one from the seed."""

    systems: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Systems of a new galaxy; None takes the stored world's, or 1."""

    scenario: str | None = None
    """Name of a built-in scenario or path of a scenario file; None takes the stored one's."""

    limits: LimitsKind = "live"
    strict: bool = False
    """Whether registration demands an account token of this world."""

    rules: Rules | None = None
    """Rules of a new world; None takes the scenario's or the defaults."""

    resets: Literal["off", "scheduled"] = "off"
    """Whether the universe is reset when `GET /` says so."""

    faults: tuple[str, ...] = ()
    """Faults that are armed from the start, as `NAME:key=value,…`."""

    snapshot_seconds: float = 300.0
    snapshot_records: int = 20_000
    """A snapshot is written after this many seconds or logged commands."""
