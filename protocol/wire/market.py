"""Markets, shipyards and what is traded there."""

from __future__ import annotations

from fleet.protocol.wire.ship import Ship, Wire


class Symbol(Wire, frozen=True, kw_only=True):
    """Anything of which only the symbol is read."""

    symbol: str


class TradeGood(Wire, frozen=True, kw_only=True):
    """One good at one market; prices in credits per unit."""

    symbol: str
    type: str
    """EXPORT, IMPORT or EXCHANGE."""

    trade_volume: int
    supply: str
    purchase_price: int
    """What a ship pays."""

    sell_price: int
    """What a ship gets."""

    activity: str = ""


class Transaction(Wire, frozen=True, kw_only=True):
    """A trade; `type` is PURCHASE or SELL."""

    waypoint_symbol: str
    trade_symbol: str
    type: str
    units: int
    price_per_unit: int
    total_price: int
    timestamp: str


class Market(Wire, frozen=True, kw_only=True):
    """A market; `trade_goods` is None while none of our ships is there."""

    symbol: str
    exports: tuple[Symbol, ...] = ()
    imports: tuple[Symbol, ...] = ()
    exchange: tuple[Symbol, ...] = ()
    trade_goods: tuple[TradeGood, ...] | None = None


class YardType(Wire, frozen=True, kw_only=True):
    """A type of ship that a yard sells."""

    type: str


class YardShip(Wire, frozen=True, kw_only=True):
    """An offer; shown while one of our ships is there."""

    type: str
    purchase_price: int
    supply: str = ""
    activity: str = ""


class Shipyard(Wire, frozen=True, kw_only=True):
    """A shipyard; `ships` is None while none of our ships is there."""

    symbol: str
    ship_types: tuple[YardType, ...] = ()
    ships: tuple[YardShip, ...] | None = None
    modifications_fee: int = 0


class ShipPurchase(Wire, frozen=True, kw_only=True):
    """What a ship cost."""

    waypoint_symbol: str
    ship_type: str
    price: int
    timestamp: str


class Agent(Wire, frozen=True, kw_only=True):
    """Ourselves."""

    symbol: str
    headquarters: str
    credits: int
    starting_faction: str = ""
    ship_count: int = 0


class ShipPurchased(Wire, frozen=True, kw_only=True):
    """Reply of purchase-ship."""

    agent: Agent
    ship: Ship
    transaction: ShipPurchase
