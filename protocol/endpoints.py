"""Every operation of the API as one table: client, simulator and command line read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote


class Auth(Enum):
    """Which bearer token an operation demands."""

    NONE = "none"
    AGENT = "agent"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation: how it is called and how it answers when it succeeds."""

    operation: str
    """The server's own operation id, such as `navigate-ship`."""

    method: str
    path: str
    """Path template below `/v2`, with `{names}` of its parameters."""

    auth: Auth
    ok: int
    """HTTP status of success."""

    paged: bool = False
    """Takes `page` and `limit`, answers with `meta`."""

    @property
    def mutating(self) -> bool:
        """Whether sending it twice could do something twice."""
        return self.method != "GET"

    def fill(self, params: Mapping[str, str]) -> str:
        """Put the parameters into the path. Raises KeyError for one that is missing."""
        return self.path.format_map({key: quote(value, safe="") for key, value in params.items()})


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("get-status", "GET", "/", Auth.NONE, 200),
    Endpoint("get-agents", "GET", "/agents", Auth.NONE, 200, paged=True),
    Endpoint("get-agent", "GET", "/agents/{agentSymbol}", Auth.NONE, 200),
    Endpoint("get-error-codes", "GET", "/error-codes", Auth.NONE, 200),
    Endpoint("get-factions", "GET", "/factions", Auth.NONE, 200, paged=True),
    Endpoint("get-faction", "GET", "/factions/{factionSymbol}", Auth.NONE, 200),
    Endpoint("get-supply-chain", "GET", "/market/supply-chain", Auth.AGENT, 200),
    Endpoint("get-my-account", "GET", "/my/account", Auth.AGENT, 200),
    Endpoint("get-my-agent", "GET", "/my/agent", Auth.AGENT, 200),
    Endpoint("get-my-agent-events", "GET", "/my/agent/events", Auth.AGENT, 200),
    Endpoint("get-contracts", "GET", "/my/contracts", Auth.AGENT, 200, paged=True),
    Endpoint("get-contract", "GET", "/my/contracts/{contractId}", Auth.AGENT, 200),
    Endpoint("accept-contract", "POST", "/my/contracts/{contractId}/accept", Auth.AGENT, 200),
    Endpoint("deliver-contract", "POST", "/my/contracts/{contractId}/deliver", Auth.AGENT, 200),
    Endpoint("fulfill-contract", "POST", "/my/contracts/{contractId}/fulfill", Auth.AGENT, 200),
    Endpoint("get-my-factions", "GET", "/my/factions", Auth.AGENT, 200, paged=True),
    Endpoint("get-my-ships", "GET", "/my/ships", Auth.AGENT, 200, paged=True),
    Endpoint("purchase-ship", "POST", "/my/ships", Auth.AGENT, 201),
    Endpoint("get-my-ship", "GET", "/my/ships/{shipSymbol}", Auth.AGENT, 200),
    Endpoint("get-my-ship-cargo", "GET", "/my/ships/{shipSymbol}/cargo", Auth.AGENT, 200),
    Endpoint("create-chart", "POST", "/my/ships/{shipSymbol}/chart", Auth.AGENT, 201),
    Endpoint("get-ship-cooldown", "GET", "/my/ships/{shipSymbol}/cooldown", Auth.AGENT, 200),
    Endpoint("dock-ship", "POST", "/my/ships/{shipSymbol}/dock", Auth.AGENT, 200),
    Endpoint("extract-resources", "POST", "/my/ships/{shipSymbol}/extract", Auth.AGENT, 201),
    Endpoint(
        "extract-resources-with-survey",
        "POST",
        "/my/ships/{shipSymbol}/extract/survey",
        Auth.AGENT,
        201,
    ),
    Endpoint("jettison", "POST", "/my/ships/{shipSymbol}/jettison", Auth.AGENT, 200),
    Endpoint("jump-ship", "POST", "/my/ships/{shipSymbol}/jump", Auth.AGENT, 200),
    Endpoint("get-ship-modules", "GET", "/my/ships/{shipSymbol}/modules", Auth.AGENT, 200),
    Endpoint(
        "install-ship-module",
        "POST",
        "/my/ships/{shipSymbol}/modules/install",
        Auth.AGENT,
        201,
    ),
    Endpoint(
        "remove-ship-module",
        "POST",
        "/my/ships/{shipSymbol}/modules/remove",
        Auth.AGENT,
        201,
    ),
    Endpoint("get-mounts", "GET", "/my/ships/{shipSymbol}/mounts", Auth.AGENT, 200),
    Endpoint("install-mount", "POST", "/my/ships/{shipSymbol}/mounts/install", Auth.AGENT, 201),
    Endpoint("remove-mount", "POST", "/my/ships/{shipSymbol}/mounts/remove", Auth.AGENT, 201),
    Endpoint("get-ship-nav", "GET", "/my/ships/{shipSymbol}/nav", Auth.AGENT, 200),
    Endpoint("patch-ship-nav", "PATCH", "/my/ships/{shipSymbol}/nav", Auth.AGENT, 200),
    Endpoint("navigate-ship", "POST", "/my/ships/{shipSymbol}/navigate", Auth.AGENT, 200),
    Endpoint(
        "negotiate-contract",
        "POST",
        "/my/ships/{shipSymbol}/negotiate/contract",
        Auth.AGENT,
        201,
    ),
    Endpoint("orbit-ship", "POST", "/my/ships/{shipSymbol}/orbit", Auth.AGENT, 200),
    Endpoint("purchase-cargo", "POST", "/my/ships/{shipSymbol}/purchase", Auth.AGENT, 201),
    Endpoint("ship-refine", "POST", "/my/ships/{shipSymbol}/refine", Auth.AGENT, 201),
    Endpoint("refuel-ship", "POST", "/my/ships/{shipSymbol}/refuel", Auth.AGENT, 200),
    Endpoint("get-repair-ship", "GET", "/my/ships/{shipSymbol}/repair", Auth.AGENT, 200),
    Endpoint("repair-ship", "POST", "/my/ships/{shipSymbol}/repair", Auth.AGENT, 200),
    Endpoint("create-ship-ship-scan", "POST", "/my/ships/{shipSymbol}/scan/ships", Auth.AGENT, 201),
    Endpoint(
        "create-ship-system-scan",
        "POST",
        "/my/ships/{shipSymbol}/scan/systems",
        Auth.AGENT,
        201,
    ),
    Endpoint(
        "create-ship-waypoint-scan",
        "POST",
        "/my/ships/{shipSymbol}/scan/waypoints",
        Auth.AGENT,
        201,
    ),
    Endpoint("get-scrap-ship", "GET", "/my/ships/{shipSymbol}/scrap", Auth.AGENT, 200),
    Endpoint("scrap-ship", "POST", "/my/ships/{shipSymbol}/scrap", Auth.AGENT, 200),
    Endpoint("sell-cargo", "POST", "/my/ships/{shipSymbol}/sell", Auth.AGENT, 201),
    Endpoint("siphon-resources", "POST", "/my/ships/{shipSymbol}/siphon", Auth.AGENT, 201),
    Endpoint("create-survey", "POST", "/my/ships/{shipSymbol}/survey", Auth.AGENT, 201),
    Endpoint("transfer-cargo", "POST", "/my/ships/{shipSymbol}/transfer", Auth.AGENT, 200),
    Endpoint("warp-ship", "POST", "/my/ships/{shipSymbol}/warp", Auth.AGENT, 200),
    Endpoint("websocket-departure-events", "GET", "/my/socket.io", Auth.AGENT, 200),
    Endpoint("register", "POST", "/register", Auth.ACCOUNT, 201),
    Endpoint("get-systems", "GET", "/systems", Auth.NONE, 200, paged=True),
    Endpoint("get-system", "GET", "/systems/{systemSymbol}", Auth.NONE, 200),
    Endpoint(
        "get-system-waypoints",
        "GET",
        "/systems/{systemSymbol}/waypoints",
        Auth.NONE,
        200,
        paged=True,
    ),
    Endpoint(
        "get-waypoint",
        "GET",
        "/systems/{systemSymbol}/waypoints/{waypointSymbol}",
        Auth.NONE,
        200,
    ),
    Endpoint(
        "get-construction",
        "GET",
        "/systems/{systemSymbol}/waypoints/{waypointSymbol}/construction",
        Auth.NONE,
        200,
    ),
    Endpoint(
        "supply-construction",
        "POST",
        "/systems/{systemSymbol}/waypoints/{waypointSymbol}/construction/supply",
        Auth.AGENT,
        201,
    ),
    Endpoint(
        "get-jump-gate",
        "GET",
        "/systems/{systemSymbol}/waypoints/{waypointSymbol}/jump-gate",
        Auth.NONE,
        200,
    ),
    Endpoint(
        "get-market",
        "GET",
        "/systems/{systemSymbol}/waypoints/{waypointSymbol}/market",
        Auth.NONE,
        200,
    ),
    Endpoint(
        "get-shipyard",
        "GET",
        "/systems/{systemSymbol}/waypoints/{waypointSymbol}/shipyard",
        Auth.NONE,
        200,
    ),
)
"""All operations of the server's own specification, by path and method."""

BY_OPERATION: Mapping[str, Endpoint] = {row.operation: row for row in ENDPOINTS}
