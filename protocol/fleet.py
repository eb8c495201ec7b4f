"""What ships, conductor, treasury, market book and survey pool say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fleet.protocol.clock import GameTime
from fleet.protocol.tasks import LEAST_RATE, AnyTask
from fleet.protocol.wire.contract import Contract
from fleet.protocol.wire.market import Market, Shipyard
from fleet.protocol.wire.place import Waypoint
from fleet.protocol.wire.ship import Ship

CONDUCTOR = "/fleet/conductor"
TREASURY = "/fleet/treasury"
BOOK = "/fleet/book"
SURVEYS = "/fleet/surveys"
BUCKET = "/fleet/bucket"
WRITER = "/fleet/writer"
SHIPS = "/fleet/ships"
AUDITOR = "/fleet/auditor"


# -- conductor and ships


@dataclass(frozen=True, slots=True)
class Assign:
    """Do this from now on; what is in hand is brought to a safe end first."""

    task: AnyTask


@dataclass(frozen=True, slots=True)
class Ready:
    """The ship has nothing to do: it is new, or its task ended (with this outcome)."""

    ship: Ship
    ended: AnyTask | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    """The ship goes on with a task that it found saved."""

    ship: Ship
    task: AnyTask


@dataclass(frozen=True, slots=True)
class Announce:
    """Say again whether you are Ready or Working; a replaced conductor asks this."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Look again; sent by one's own timer."""


# -- facts, in the past tense


@dataclass(frozen=True, slots=True)
class MarketSeen:
    """A market was read."""

    redeliver: ClassVar[str] = "once"

    market: Market
    at: GameTime


@dataclass(frozen=True, slots=True)
class YardSeen:
    """A shipyard was read."""

    redeliver: ClassVar[str] = "once"

    yard: Shipyard
    at: GameTime


@dataclass(frozen=True, slots=True)
class Charted:
    """The waypoints of a system are known."""

    redeliver: ClassVar[str] = "once"

    waypoints: tuple[Waypoint, ...]


@dataclass(frozen=True, slots=True)
class Traded:
    """A trade went through; `units` are negative for a sale."""

    ship: str
    waypoint: str
    good: str
    units: int
    price: int
    """Credits per unit."""


@dataclass(frozen=True, slots=True)
class CreditsSeen:
    """The agent's credits after something that `owner` did, which spent `spent` of its grant."""

    redeliver: ClassVar[str] = "once"

    credits: int
    owner: str = ""
    spent: int = 0


@dataclass(frozen=True, slots=True)
class ContractSeen:
    """A contract was read or changed."""

    redeliver: ClassVar[str] = "once"

    contract: Contract


# -- treasury


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Set credits aside for an owner; a former grant of the same owner ends.

    Answered with Granted or Denied.
    """

    owner: str
    amount: int
    floor: int = 0
    """Credits that must stay free after it."""


@dataclass(frozen=True, slots=True)
class Granted:
    """The credits are set aside."""

    amount: int


@dataclass(frozen=True, slots=True)
class Denied:
    """There are not that many free."""

    free: int


@dataclass(frozen=True, slots=True)
class Release:
    """What is left of the owner's grant is free again."""

    redeliver: ClassVar[str] = "once"

    owner: str


@dataclass(frozen=True, slots=True)
class TreasuryQuery:
    """Answered with Funds."""


@dataclass(frozen=True, slots=True)
class Funds:
    """What the treasury knows, in credits."""

    credits: int
    reserved: int

    @property
    def free(self) -> int:
        """Credits that nobody has a grant on."""
        return self.credits - self.reserved


# -- market book


@dataclass(frozen=True, slots=True, kw_only=True)
class Craft:
    """What routing and trading must know about a ship."""

    symbol: str
    at: str
    fuel: int
    fuel_capacity: int
    speed: int
    cargo_free: int = 0


@dataclass(frozen=True, slots=True)
class PlanRoute:
    """Answered with Route, or NoRoute."""

    craft: Craft
    to: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One flight of a route."""

    to: str
    mode: str
    refuel: bool
    """Fill the tank before it."""

    seconds: float
    fuel: int


@dataclass(frozen=True, slots=True)
class Route:
    """Flights in order; `seconds` in all."""

    hops: tuple[Hop, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class NoRoute:
    """The place can't be reached, or is not known."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindTrade:
    """Choose the trip that pays best per second and claim its goods for the ship.

    Answered with TradePlan or NoTrade. A former claim of the ship ends.
    """

    craft: Craft
    budget: int
    keep: tuple[str, str, str, int] | None = None
    """Claim just this again after a restart: good, buy_at, sell_at, units."""

    least: float = LEAST_RATE
    """Credits per game second that it must bring."""

    claim: bool = True
    """Whether to claim it; who only looks has nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePlan:
    """A trip and what it is expected to pay, in credits."""

    good: str
    buy_at: str
    sell_at: str
    units: int
    ask: int
    cost: int
    gain: int
    seconds: float


@dataclass(frozen=True, slots=True)
class NoTrade:
    """Nothing known pays."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseTrade:
    """The ship's claim ends."""

    redeliver: ClassVar[str] = "once"

    ship: str


@dataclass(frozen=True, slots=True)
class FindSale:
    """Where the goods in the hold sell best; answered with Sale or NoTrade."""

    craft: Craft
    goods: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Sale:
    """Go there and sell these goods; the others find no buyer there."""

    at: str
    goods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindSource:
    """The cheapest known place to buy a good; answered with Source or NoTrade."""

    craft: Craft
    good: str
    units: int


@dataclass(frozen=True, slots=True)
class Source:
    """Buy there; `cost` for all units, in credits."""

    at: str
    cost: int
    volume: int


@dataclass(frozen=True, slots=True)
class Describe:
    """What the book knows of a place; answered with a Waypoint or None."""

    waypoint: str


@dataclass(frozen=True, slots=True)
class BookQuery:
    """Answered with BookView."""


@dataclass(frozen=True, slots=True)
class BookView:
    """What the conductor plans with."""

    waypoints: tuple[Waypoint, ...]
    markets_seen: tuple[tuple[str, GameTime], ...]
    """Waypoint and when its prices were last read."""

    listed: frozenset[str]
    """Waypoints of markets of which it is known what they trade."""

    offers: tuple[tuple[str, str, int], ...]
    """Waypoint of a yard, ship type, price in credits (0: never seen)."""


# -- auditor


@dataclass(frozen=True, slots=True)
class Doubt:
    """A request that may have moved credits ended without an answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class AuditNow:
    """Compare the books with the server; answered with the difference found, in credits."""


# -- what the face asks


@dataclass(frozen=True, slots=True)
class ShipQuery:
    """Answered with ShipView."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipView:
    """One ship, for people."""

    ship: Ship
    behaviour: str
    doing: str
    income: tuple[tuple[str, int], ...]
    """Behaviour, and the credits that this process has seen the ship bring in by it."""

    requests: int = 0
    """Requests that it has asked for since its actor runs."""


@dataclass(frozen=True, slots=True)
class FleetQuery:
    """Answered by the conductor with FleetView."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """The conductor's idea of the fleet."""

    ships: tuple[str, ...]
    assignments: tuple[tuple[str, str], ...]
    """Ship and behaviour."""

    contract: str
    """What became of the contract in hand, in a sentence."""

    contracts_fulfilled: int
    value: int
    """Ships at the price paid, in credits."""
