"""The server about itself; these replies come without the `data` envelope."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire


class Stats(Wire, frozen=True, kw_only=True):
    """How much there is in the universe."""

    agents: int = 0
    ships: int = 0
    systems: int = 0
    waypoints: int = 0
    accounts: int | None = None


class Health(Wire, frozen=True, kw_only=True):
    """Whether the server's economy moves."""

    last_market_update: str | None = None


class Rich(Wire, frozen=True, kw_only=True):
    """A line of the leaderboard of credits."""

    agent_symbol: str
    credits: int


class Explorer(Wire, frozen=True, kw_only=True):
    """A line of the leaderboard of charts."""

    agent_symbol: str
    chart_count: int


class Leaderboards(Wire, frozen=True, kw_only=True):
    """The best agents of this reset."""

    most_credits: tuple[Rich, ...] = ()
    most_submitted_charts: tuple[Explorer, ...] = ()


class Resets(Wire, frozen=True, kw_only=True):
    """When the server is reset next."""

    next: str = ""
    frequency: str = ""


class Announcement(Wire, frozen=True, kw_only=True):
    """What the makers of the game want to say."""

    title: str
    body: str


class Link(Wire, frozen=True, kw_only=True):
    """Where to read on."""

    name: str
    url: str


class Status(Wire, frozen=True, kw_only=True):
    """Reply of get-status. `reset_date` names the life of the universe: tokens carry it."""

    status: str
    version: str
    reset_date: str = ""
    description: str = ""
    stats: Stats = Stats()
    health: Health = Health()
    leaderboards: Leaderboards = Leaderboards()
    server_resets: Resets = Resets()
    announcements: tuple[Announcement, ...] = ()
    links: tuple[Link, ...] = ()


class ErrorCode(Wire, frozen=True, kw_only=True):
    """A code that a refusal may have, and its name."""

    code: float
    name: str


class ErrorCodes(Wire, frozen=True, kw_only=True):
    """Reply of get-error-codes."""

    error_codes: tuple[ErrorCode, ...]
