"""Rows as readers get them: one frozen struct per table, fields named like its columns.

Times are seconds on the game's clock. Fields of JSON columns hold what was written.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Record(msgspec.Struct, frozen=True):
    """Base of all records; made from a row's columns in the order of the fields."""


class Seen(Record, frozen=True):
    """Base of records of something that changes while we don't look."""

    seen_at: float

    def age(self, now: float) -> float:
        """Tell how old the knowledge is, in seconds of game time."""
        return now - self.seen_at


class AgentRecord(Seen, frozen=True):
    """An agent and its credits."""

    symbol: str
    headquarters: str
    faction: str
    credits: int
    ship_count: int


class ShipRecord(Record, frozen=True):
    """A ship as it was when it was last written."""

    symbol: str
    role: str
    frame: str
    nav_status: str
    system: str
    waypoint: str
    flight_mode: str
    arrival: float | None
    fuel: int
    fuel_capacity: int
    cooldown_expiration: float | None
    cargo_units: int
    cargo_capacity: int
    engine_speed: int
    price_paid: int | None
    origin: str | None
    departure: float | None


class PartRecord(Record, frozen=True):
    """A frame, reactor, engine, module or mount."""

    ship: str
    slot: str
    symbol: str
    strength: int
    capacity: int
    condition: float | None
    integrity: float | None


class AlertRecord(Record, frozen=True):
    """Something that somebody should look at."""

    id: str
    rule: str
    subject: str
    severity: str
    text: str
    detail: Any
    raised_at: float
    acknowledged_at: float | None
    resolved_at: float | None


class CargoRecord(Record, frozen=True):
    """Units of one good in one hold."""

    ship: str
    good: str
    units: int


class AssignmentRecord(Record, frozen=True):
    """What a ship is for, and how far it meant to be."""

    ship: str
    behaviour: str
    task: Any
    version: int
    updated_at: float


class ReservationRecord(Record, frozen=True):
    """What one owner holds."""

    id: str
    kind: str
    owner: str
    subject: str
    amount: int
    detail: Any
    created_at: float
    expires_at: float | None
    released_at: float | None


class ContractRecord(Record, frozen=True):
    """A contract; `body` is the API's."""

    id: str
    faction: str
    type: str
    accepted: bool
    fulfilled: bool
    deadline_to_accept: float | None
    deadline: float
    on_accepted: int
    on_fulfilled: int
    body: Any


class SystemRecord(Seen, frozen=True):
    """A system; `factions` are symbols."""

    symbol: str
    type: str
    x: int
    y: int
    factions: list[str]


class WaypointRecord(Seen, frozen=True):
    """A waypoint; `orbitals`, `traits` and `modifiers` are symbols."""

    symbol: str
    system: str
    type: str
    x: int
    y: int
    orbits: str | None
    orbitals: list[str]
    traits: list[str]
    modifiers: list[str]
    faction: str | None
    charted: bool
    under_construction: bool


class JumpGateRecord(Seen, frozen=True):
    """A gate and the waypoints it leads to."""

    waypoint: str
    connections: list[str]


class MarketRecord(Seen, frozen=True):
    """What a market trades."""

    waypoint: str
    system: str
    imports: list[str]
    exports: list[str]
    exchange: list[str]


class TradeGoodRecord(Seen, frozen=True):
    """Newest prices of a good; `ask` is what we pay, `bid` what we get, in credits per unit."""

    market: str
    good: str
    type: str
    ask: int
    bid: int
    volume: int
    supply: str
    activity: str | None


class ShipyardRecord(Seen, frozen=True):
    """What a shipyard sells."""

    waypoint: str
    system: str
    ship_types: list[str]
    modification_fee: int


class ShipyardPriceRecord(Seen, frozen=True):
    """Newest price of a type of ship, in credits."""

    shipyard: str
    ship_type: str
    price: int
    supply: str | None
    activity: str | None


class SurveyRecord(Seen, frozen=True):
    """A survey; `body` is what an extraction sends back unaltered."""

    signature: str
    waypoint: str
    size: str
    deposits: list[str]
    expires_at: float
    exhausted: bool
    body: Any


class ConstructionRecord(Seen, frozen=True):
    """A construction site; `materials` is the API's list."""

    waypoint: str
    complete: bool
    materials: Any
