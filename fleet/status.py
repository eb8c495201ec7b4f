"""How a running fleet is doing: the snapshot that status page, console and scripts read.

Everything is a value of one moment; money is credits, game seconds and wall seconds are told
apart where it matters. A reader takes unknown fields in its stride, so that fields can be added.
"""

from __future__ import annotations

import msgspec

VERSION = 1
"""Raised when a field changes its meaning."""


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the snapshot; whatever is not known yet keeps its default."""


class ProcessStatus(Struct, frozen=True, kw_only=True):
    """The runtime's process."""

    pid: int = 0
    epoch: int = 0
    """How many times a runtime was started on this data folder, this one included."""

    started: str = ""
    """Wall time of the start, as an ISO instant."""

    uptime_s: float = 0.0
    """Wall seconds since the start."""

    restarts: int = 0
    """How often the guard has started the runtime anew in this run; what it counted begins anew."""


class ClockStatus(Struct, frozen=True, kw_only=True):
    """The server's clock as the fleet knows it."""

    game: str = ""
    """Game time, as an ISO instant."""

    speed: float = 1.0
    """Game seconds per wall second; 0 while the server is paused."""

    error_s: float | None = None
    """Bound of the clock's error in game seconds; None before the first look at it."""


class AgentStatus(Struct, frozen=True, kw_only=True):
    """Who plays."""

    symbol: str = ""
    credits: int = 0
    headquarters: str = ""
    ships: int = 0


class MoneyStatus(Struct, frozen=True, kw_only=True):
    """What the fleet owns and earns; net worth is credits and ships at the price paid."""

    credits_start: int = 0
    net_worth_start: int = 0
    net_worth: int = 0
    gain: int = 0
    """Net worth since the start of the run."""

    per_hour: float = 0.0
    """Gain per game hour, over the run so far."""

    history: list[int] = []
    """Net worth at even steps over the run, oldest first, at most some 200 values."""


class LaneStatus(Struct, frozen=True, kw_only=True):
    """One lane of the request bucket."""

    lane: int
    name: str
    queued: int = 0
    wait_p50: float | None = None
    """Half of the last requests waited at most so many game seconds; None if there were none."""

    wait_p95: float | None = None
    wait_p99: float | None = None


class RequestStatus(Struct, frozen=True, kw_only=True):
    """Use of the API's allowance."""

    total: int = 0
    per_second: float = 0.0
    """Requests per game second over the last game minute."""

    share_last_minute: float = 0.0
    """Part of the allowance that was used in the last game minute, 0 to 1."""

    credits_per_request: float = 0.0
    """Credits that a request brought in, less costs, over the last game hour."""

    seconds_per_request: float = 0.0
    """Game seconds from sending to the answer, on the average of the latest requests."""

    share_saturated: float | None = None
    """Part of the allowance that was used in saturated minutes, those in which a request always
    waited; None while there was none."""

    saturated_minutes: int = 0
    r429: int = 0
    """Answers that said too many requests."""

    refusals: int = 0
    """Answers in which the game refused."""

    unknown: int = 0
    """Requests sent without an answer."""

    in_flight: int = 0
    breaker: str = "closed"
    """State of the API's circuit breaker: closed, open or half-open."""

    down: list[str] = []
    """Groups of endpoints whose own breakers are not closed, by path."""

    saturated: list[str] = []
    """Names of the lanes in which requests wait too long at present."""

    by_operation: dict[str, dict[str, int]] = {}
    """What became of the requests of each operation since the bucket's last start."""

    lanes: list[LaneStatus] = []


class ShipStatus(Struct, frozen=True, kw_only=True):
    """One ship."""

    symbol: str
    role: str = ""
    behaviour: str = ""
    doing: str = ""
    """A few words for people, such as `extracting` or `selling 12 IRON_ORE`."""

    waypoint: str = ""
    """Where it is, or where it flies to."""

    nav: str = ""
    """DOCKED, IN_ORBIT or IN_TRANSIT."""

    arrives_in: float | None = None
    """Game seconds until it arrives; None if it doesn't fly."""

    fuel: int = 0
    fuel_capacity: int = 0
    cargo: int = 0
    cargo_capacity: int = 0
    income: int = 0
    """Credits it brought in since the start of the run, its own costs taken off."""


class BehaviourStatus(Struct, frozen=True, kw_only=True):
    """All ships of one behaviour."""

    name: str
    ships: int = 0
    income: int = 0
    """Credits since the start of the run."""


class ActorStatus(Struct, frozen=True, kw_only=True):
    """The actors under supervision; all counts since the start of the process but `total`."""

    total: int = 0
    """Actors alive now."""

    restarts: int = 0
    hung: int = 0
    """Actors replaced because a message took longer than its budget."""

    zombies: int = 0
    """Replaced actors whose thread still runs."""

    quarantined: int = 0
    """Actors that failed too often and are left alone just now."""

    dead_letters: int = 0
    """Messages that nobody handled."""


class ResourceStatus(Struct, frozen=True, kw_only=True):
    """What the runtime's process uses, by the last sample; nothing of it is one actor's."""

    rss_mb: float = 0.0
    """Resident memory, in units of 2**20 bytes, as are the other two."""

    vms_mb: float = 0.0
    peak_mb: float = 0.0
    cpu_percent: float = 0.0
    """Of one core, since the sample before."""

    open_files: int = 0
    threads: int = 0
    pressure: str = "normal"
    """normal, warn, emergency or critical; at the last no new work is given out."""


class DatabaseStatus(Struct, frozen=True, kw_only=True):
    """The database and its writer."""

    url: str = ""
    """Without the password."""

    pending: int = 0
    """Rows that wait to be written."""

    failing: bool = False
    last_flush_ms: float | None = None
    """Wall milliseconds that the last transaction took; None before the first."""


class ContractStatus(Struct, frozen=True, kw_only=True):
    """The contract at hand."""

    line: str = ""
    """One sentence, empty without a contract."""


class EventStatus(Struct, frozen=True, kw_only=True):
    """One of the last events of the supervision log."""

    time: str
    """Wall time, as an ISO instant."""

    level: str = "info"
    """debug, info, warning, error or critical."""

    actor: str = ""
    event: str = ""
    text: str = ""


class Status(Struct, frozen=True, kw_only=True):
    """The whole snapshot."""

    version: int = VERSION
    process: ProcessStatus = ProcessStatus()
    clock: ClockStatus = ClockStatus()
    agent: AgentStatus = AgentStatus()
    agents: list[AgentStatus] = []
    """All agents where several are played; the ships, requests and so on are everybody's, money
    and contract are the first one's."""

    money: MoneyStatus = MoneyStatus()
    requests: RequestStatus = RequestStatus()
    ships: list[ShipStatus] = []
    behaviours: list[BehaviourStatus] = []
    actors: ActorStatus = ActorStatus()
    resources: ResourceStatus = ResourceStatus()
    database: DatabaseStatus = DatabaseStatus()
    contract: ContractStatus = ContractStatus()
    events: list[EventStatus] = []
    """The last events, the newest at the end."""
