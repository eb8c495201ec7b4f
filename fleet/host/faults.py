"""Faults on purpose: of actors by message, of the database by a lock, of the API's simulator."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Final

import msgspec

from fleet.chaos_kinds import MOST_LEAK, check_length, check_share, check_size
from fleet.host.boot import Booted
from fleet.host.outage import Outage
from fleet.http_transport import HttpTransport
from fleet.protocol.errors import FleetError, TransportError, UsageError
from fleet.protocol.transport import HttpRequest
from fleet.runtime import ActorSystem
from fleet.runtime.chaos import KINDS, LEAK, Misbehave, Poison
from fleet.runtime.events import EventSink

API_FAULTS: Final[Mapping[str, str]] = {
    "api-500": "status-500",
    "api-502": "status-502",
    "api-429-html": "limited-html",
    "api-reset": "connection-reset",
    "api-slow": "latency:request=500,reply=500",
    "half-open": "half-open",
    "clock-skew": "clock-skew:seconds=30",
}
"""What the simulator is told to do for each fault of the API."""

DATABASE_DOWN: Final = "db-down"


class Faults:
    """Called from the control socket's threads."""

    def __init__(self, booted: Booted, system: ActorSystem) -> None:
        """Act on a system, on its database and on the server it plays."""
        self._booted = booted
        self._system = system
        self._outage = Outage(booted.config.database_url, system.events)

    def close(self) -> None:
        """End what would outlive the fleet."""
        self._outage.close()

    def begin(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Begin the fault that the arguments describe. Raises UsageError, FleetError."""
        kind, address = str(arguments.get("kind", "")), str(arguments.get("address", ""))
        seconds = check_length(kind, arguments.get("seconds", 60.0))
        if kind in KINDS:
            return {"actors": self._hit(kind, address, seconds, arguments)}
        if address:
            raise UsageError(f"{kind} is not done to an actor; leave {address} out.")
        if kind == DATABASE_DOWN:
            self._outage.begin(seconds)
        elif kind in API_FAULTS:
            self._arm(kind, seconds, arguments)
        else:
            known = ", ".join((*KINDS, DATABASE_DOWN, *API_FAULTS))
            raise UsageError(f"Chaos can {known}; not {kind}.")
        self._tell(kind, "", seconds)
        return {"actors": [], "fault": kind, "seconds": seconds}

    def _hit(
        self, kind: str, pattern: str, seconds: float, arguments: Mapping[str, Any]
    ) -> list[str]:
        size = check_size(arguments.get("size", LEAK))
        fault = Poison() if kind == "poison" else Misbehave(kind, seconds, size)  # type: ignore[arg-type]
        hit = actors_named(self._system, pattern)
        if kind == "leak" and size * len(hit) > MOST_LEAK:
            raise UsageError(f"{len(hit)} actors would leak more than {MOST_LEAK} bytes in all.")
        for path in hit:
            self._tell(kind, path, seconds)
            self._system.address(path).tell(fault)
        return hit

    def _tell(self, kind: str, path: str, seconds: float) -> None:
        tell_fault(self._system.events, kind, path, seconds)

    def _arm(self, kind: str, seconds: float, arguments: Mapping[str, Any]) -> None:
        """Have the simulator fail. Raises UsageError for a server that can't be asked to."""
        url = self._booted.session.base_url
        count = arguments.get("count")
        if not self._booted.simulated:
            raise UsageError(f"{url} is no simulator, and cannot be asked to fail.")
        share = check_share(arguments.get("share", 1.0))
        if count is not None and not (isinstance(count, int) and count > 0):
            raise UsageError(f"The count of requests is a whole number from 1 on, not {count}.")
        order = order_of(kind, seconds, share, count)
        try:
            answer = HttpTransport(url, self._system.clock.monotonic).send(order)
        except TransportError as failure:
            raise FleetError(f"The simulator did not take the fault: {failure}") from None
        if answer.status not in (200, 201):
            raise FleetError(f"The simulator did not take the fault: status {answer.status}.")


def actors_named(system: ActorSystem, pattern: str) -> list[str]:
    """List the actors that an address or a pattern names. Raises UsageError for none."""
    paths = [cell.address.path for cell in system.cells() if not cell.closed]
    hit = [path for path in paths if path == pattern or fnmatchcase(path, pattern)]
    if not hit:
        near = ", ".join(get_close_matches(pattern, paths, 3, 0.3)) or ", ".join(paths[:3])
        raise UsageError(f"There is no actor {pattern}; there is {near}.")
    return hit


def tell_fault(events: EventSink, kind: str, path: str, seconds: float) -> None:
    """Say in the log what is done on purpose, and to which actor, if to one."""
    where = f" {path}" if path else ""
    lasts = "" if kind in ("crash", "poison") else f" for {seconds:g} s"
    text = f"asked to {kind}{where}{lasts}"
    fields = {"actor": path} if path else {}
    events.emit("chaos.injected", text=text, kind=kind, seconds=seconds, **fields)


def order_of(
    kind: str, seconds: float, share: float = 1.0, count: int | None = None
) -> HttpRequest:
    """Make the request that arms one of API_FAULTS in a simulator, for wall seconds."""
    fault = API_FAULTS[kind]
    most = "" if count is None else f",count={count}"
    joint = "," if ":" in fault else ":"
    body = msgspec.json.encode({"fault": f"{fault}{joint}for={seconds:g},p={share:g}{most}"})
    headers = {"content-type": "application/json"}
    return HttpRequest(method="POST", path="/sim/faults", headers=headers, body=body)
