"""Arming, listing and taking back faults, over the side door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from fleet.protocol.clock import GameTime
from fleet.protocol.errors import UsageError
from fleet.protocol.transport import HttpRequest
from fleet.simulator.faults.armory import fault_view, kinds_view
from fleet.simulator.faults.fault import check_fault, parse_fault
from fleet.simulator.refusals import Refusal, not_found

if TYPE_CHECKING:
    from fleet.simulator.simulator import Simulator

BODY = (
    'Send {"fault": "latency:request=200,p=0.1"} or '
    '{"name": "latency", "parameters": {"request": "200"}}.'
)


def list_faults(simulator: Simulator, _request: HttpRequest, now: GameTime) -> dict[str, Any]:
    """Show what is armed and what could be."""
    return {"faults": simulator.faults.listed(now), "kinds": kinds_view()}


def arm_fault(simulator: Simulator, request: HttpRequest, now: GameTime) -> dict[str, Any]:
    """Arm one fault. Raises Refusal 422 with a sentence."""
    try:
        name, parameters = read_order(request.body or b"")
    except UsageError as error:
        raise Refusal(422, str(error)) from error
    fault = simulator.faults.arm(name, parameters, now, simulator.clock.speed)
    return fault_view(fault, now)


def clear_faults(simulator: Simulator, request: HttpRequest, _now: GameTime) -> dict[str, Any]:
    """Take back all faults, or those of an id or name that comes as `?fault=`."""
    which = dict(request.query).get("fault", "")
    gone = simulator.faults.clear(which.lower().replace("_", "-"))
    if which and not gone:
        raise not_found(f"Fault {which}")
    return {"cleared": gone}


def read_order(body: bytes) -> tuple[str, dict[str, str]]:
    """Read what is to be armed. Raises UsageError."""
    try:
        order = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The body is no JSON object ({error}). {BODY}") from error
    text, name, given = order.get("fault"), order.get("name"), order.get("parameters", {})
    if isinstance(text, str):
        return parse_fault(text)
    if isinstance(name, str) and isinstance(given, Mapping):
        return check_fault(name, {str(key): plain(value) for key, value in given.items()})
    raise UsageError(BODY)


def plain(value: Any) -> str:
    """Write a parameter as a command line would."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
