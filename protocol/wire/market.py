"""Markets, shipyards and what is traded there."""

from __future__ import annotations

from fleet.protocol.wire.agent import Agent
from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.ship import Crew, Engine, Frame, Module, Mount, Reactor, Ship
from fleet.protocol.wire.words import Activity, GoodType, Supply, TransactionType

__all__ = [
    "Agent",
    "Market",
    "ShipPurchase",
    "ShipPurchased",
    "Shipyard",
    "SupplyChain",
    "Symbol",
    "TradeGood",
    "Transaction",
    "YardShip",
    "YardType",
]


class Symbol(Wire, frozen=True, kw_only=True):
    """Anything of which only the symbol is read."""

    symbol: str


class TradeGood(Wire, frozen=True, kw_only=True):
    """One good at one market; prices in credits per unit."""

    symbol: str
    type: GoodType
    trade_volume: int
    supply: Supply
    purchase_price: int
    """What a ship pays."""

    sell_price: int
    """What a ship gets."""

    activity: Activity = ""


class Transaction(Wire, frozen=True, kw_only=True):
    """A trade."""

    waypoint_symbol: str
    trade_symbol: str
    type: TransactionType
    units: int
    price_per_unit: int
    total_price: int
    timestamp: str
    ship_symbol: str = ""


class Market(Wire, frozen=True, kw_only=True):
    """A market; `trade_goods` is None while none of our ships is there."""

    symbol: str
    exports: tuple[Symbol, ...] = ()
    imports: tuple[Symbol, ...] = ()
    exchange: tuple[Symbol, ...] = ()
    trade_goods: tuple[TradeGood, ...] | None = None
    transactions: tuple[Transaction, ...] | None = None


class YardType(Wire, frozen=True, kw_only=True):
    """A type of ship that a yard sells."""

    type: str


class YardShip(Wire, frozen=True, kw_only=True):
    """An offer; shown while one of our ships is there."""

    type: str
    purchase_price: int
    supply: Supply = "MODERATE"
    activity: Activity = ""
    frame: Frame | None = None
    reactor: Reactor | None = None
    engine: Engine | None = None
    modules: tuple[Module, ...] = ()
    mounts: tuple[Mount, ...] = ()
    crew: Crew | None = None


class ShipPurchase(Wire, frozen=True, kw_only=True):
    """What a ship cost. `ship_symbol` holds the type once more (official, for old clients)."""

    waypoint_symbol: str
    ship_type: str
    price: int
    timestamp: str
    ship_symbol: str = ""
    agent_symbol: str = ""


class Shipyard(Wire, frozen=True, kw_only=True):
    """A shipyard; `ships` is None while none of our ships is there."""

    symbol: str
    ship_types: tuple[YardType, ...] = ()
    ships: tuple[YardShip, ...] | None = None
    transactions: tuple[ShipPurchase, ...] | None = None
    modifications_fee: int = 0


class ShipPurchased(Wire, frozen=True, kw_only=True):
    """Reply of purchase-ship."""

    agent: Agent
    ship: Ship
    transaction: ShipPurchase


class SupplyChain(Wire, frozen=True, kw_only=True):
    """What each export is made of."""

    export_to_import_map: dict[str, tuple[str, ...]]
