"""What a handler gets: the world, the moment, the caller and the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fleet.protocol.clock import GameTime
from fleet.simulator.bodies import decode_body
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.clock import instant
from fleet.simulator.feed import Feed
from fleet.simulator.harbours import Harbours
from fleet.simulator.locks import Locks
from fleet.simulator.markets import Markets
from fleet.simulator.refusals import Invalid, Refusal, not_found
from fleet.simulator.renderer import Renderer
from fleet.simulator.tokens import Tokens
from fleet.simulator.universe.galaxy import Galaxy
from fleet.simulator.world.agent import Agent
from fleet.simulator.world.place import System, Waypoint
from fleet.simulator.world.ship import Ship
from fleet.simulator.world.world import World

T = TypeVar("T")

PAGE_DEFAULT = 10
PAGE_MOST = 20
DIGITS = 18
"""Most of a number that stands for a page."""


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of a list, with the meta object of the API."""

    data: list[Any]
    total: int
    page: int
    limit: int


@dataclass(frozen=True, slots=True)
class Bare:
    """A body that is not wrapped in `data`."""

    body: Any


@dataclass(slots=True)
class Context:
    """One request as its handler sees it; lives in the thread that owns the world."""

    world: World
    galaxy: Galaxy
    catalogue: Catalogue
    render: Renderer
    tokens: Tokens
    markets: Markets
    harbours: Harbours
    now: GameTime
    caller: Agent | None
    account: str | None
    params: Mapping[str, str]
    query: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    form: bool = False
    replaying: bool = False
    """Whether the command comes from the log, and was once found to be in order."""

    twice: bool = False
    """Whether a fault has a transfer count twice for the giver."""

    feed: Feed | None = None
    """Who is told of departures; nobody during a replay."""

    locks: Locks | None = None
    """Locks of ships, where commands refuse instead of waiting for each other."""

    @property
    def agent(self) -> Agent:
        """The agent whose token came along; operations that need one are checked before."""
        if self.caller is None:
            raise Refusal(4103, "No agent token.")
        return self.caller

    def later(self, seconds: float) -> GameTime:
        """Tell the moment so many seconds from now, to the millisecond."""
        return instant(self.now + seconds)

    def read(self, kind: type[T]) -> T:
        """Read the body. Raises Invalid."""
        return decode_body(self.body, kind, form=self.form, style=self.world.rules.validation_style)

    def ship(self) -> Ship:
        """Find the ship of the path among the caller's. Raises Refusal 404 or 409."""
        return self.own_ship(self.params["shipSymbol"])

    def own_ship(self, symbol: str) -> Ship:
        """Find a ship of the caller's. Raises Refusal 404 or 409."""
        ship = self.world.ships.get(symbol)
        if ship is None or ship.agent != self.agent.symbol:
            raise not_found(f"Ship {symbol}")
        if self.locks is not None:
            self.locks.take(symbol, self.now, self.world.rules.lock_seconds)
        return ship

    def system(self) -> System:
        """Find the system of the path. Raises Refusal 404."""
        symbol = self.params["systemSymbol"]
        system = self.world.systems.get(symbol)
        if system is None:
            raise not_found(f"System {symbol}")
        return system

    def waypoint(self) -> Waypoint:
        """Find the waypoint of the path in its system. Raises Refusal 404."""
        system, symbol = self.system(), self.params["waypointSymbol"]
        point = self.world.waypoints.get(symbol)
        if point is None or point.system != system.symbol:
            raise not_found(f"Waypoint {symbol}")
        return point

    def good(self, symbol: str, field_name: str) -> str:
        """See that a symbol is one of a trade good. Raises Invalid."""
        if symbol not in self.catalogue.goods:
            raise self.invalid(field_name, "a trade symbol", f"'{symbol}'")
        return symbol

    def invalid(self, field_name: str, expected: str, received: str) -> Invalid:
        """Make the refusal of a body or parameter."""
        return Invalid(field_name, expected, received, style=self.world.rules.validation_style)

    def present(self, waypoint: str) -> bool:
        """Whether the caller has a ship there that is not in transit."""
        return self.caller is not None and self.harbours.present(self.caller, waypoint, self.now)

    def page(self, items: Sequence[Any], show: Callable[[Any], Any]) -> Paged:
        """Cut one page out of a list and render it. Raises Invalid."""
        page = self._number("page", 1, None)
        limit = self._number("limit", PAGE_DEFAULT, PAGE_MOST)
        start = (page - 1) * limit
        return Paged([show(item) for item in items[start : start + limit]], len(items), page, limit)

    def _number(self, name: str, default: int, most: int | None) -> int:
        text = next((value for key, value in self.query if key == name), None)
        if text is None:
            return default
        # Python itself refuses to read thousands of digits.
        if not (text.isascii() and text.isdigit() and len(text) <= DIGITS) or int(text) < 1:
            raise self.invalid(name, "a whole number from 1", f"'{text}'")
        if most is not None and int(text) > most:
            raise self.invalid(name, f"at most {most}", text)
        return int(text)
