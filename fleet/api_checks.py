"""What `fleet doctor` asks the API: whether it answers, what its clock says, who the token is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from fleet.checks import Check
from fleet.config import TOKEN_VARIABLE, Config
from fleet.credentials import Token
from fleet.protocol.clock import WallTime
from fleet.protocol.errors import FleetError, TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport

MOST_SKEW = 5.0
"""Wall seconds that the clocks may differ; arrivals are computed from the server's own."""


def api(
    config: Config, token: Token | FleetError | None, transport: Transport, now: WallTime
) -> Iterator[Check]:
    """Ask the API that the configuration names; `now` is this machine's time."""
    if config.embedded:
        yield Check("api", "ok", "the embedded simulator, started with the fleet")
        yield Check("token", "ok", "none needed for the embedded simulator")
        return
    try:
        answer = transport.send(HttpRequest(method="GET", path="/v2/"))
    except TransportError as error:
        remedy = "check the network and --api-url"
        yield Check("api", "fail", f"{config.api_url} does not answer: {_short(error)}", remedy)
        return
    yield _reachable(config, answer)
    if answer.status == 200:
        yield _clock(answer.headers, transport, now)
        yield check_token(config, token, transport)


def _reachable(config: Config, answer: HttpResponse) -> Check:
    if answer.status != 200:
        remedy = "it may be in maintenance; try again later"
        return Check("api", "fail", f"{config.api_url} answers {answer.status}", remedy)
    body = _json(answer)
    if "resetDate" not in body:
        remedy = "check --api-url"
        return Check("api", "fail", f"{config.api_url} is no SpaceTraders API", remedy)
    version, reset = body.get("version", "?"), body["resetDate"]
    return Check("api", "ok", f"{config.api_url} is {version}, last reset {reset}")


def _clock(headers: Mapping[str, str], transport: Transport, now: WallTime) -> Check:
    try:
        simulated = _json(transport.send(HttpRequest(method="GET", path="/sim/clock")))
    except TransportError:
        simulated = {}
    if "speed" in simulated:
        return Check("clock", "ok", f"a simulator's, {simulated['speed']:g}x")
    try:
        skew = now - parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return Check("clock", "warn", "the API tells no time", "check --api-url")
    if abs(skew) > MOST_SKEW:
        which = "ahead of" if skew > 0 else "behind"
        text = f"this machine's clock is {abs(skew):.0f} s {which} the API's"
        return Check("clock", "warn", text, "set it, for instance with NTP")
    return Check("clock", "ok", "this machine's clock agrees with the API's")


def check_token(config: Config, token: Token | FleetError | None, transport: Transport) -> Check:
    """Ask the API who the token is, or tell what is to be done about it."""
    if isinstance(token, FleetError):
        return Check("token", "fail", "it cannot be read", str(token))
    if token is None:
        remedy = f"export {TOKEN_VARIABLE}, or name a file with --token-file"
        return Check("token", "fail", "there is none", remedy)
    if token.holder == "account":
        text = f"an account's; `fleet run` registers {config.call_sign} with it"
        return Check("token", "ok", text)
    bearer = {"authorization": f"Bearer {token.text}"}
    try:
        answer = transport.send(HttpRequest(method="GET", path="/v2/my/agent", headers=bearer))
    except TransportError as error:
        return Check("token", "fail", f"no answer: {_short(error)}", "try again")
    return _accepted(token, answer)


def _accepted(token: Token, answer: HttpResponse) -> Check:
    body = _json(answer)
    if answer.status == 200 and isinstance(agent := body.get("data"), dict):
        credits_left = agent.get("credits", 0)
        return Check("token", "ok", f"{agent.get('symbol')} with {credits_left:,} credits")
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    shown = f"{answer.status}, code {code}" if code else str(answer.status)
    if answer.status == 429:
        return Check("token", "warn", "not looked at: too many requests", "try again")
    since = f" (it is of {token.reset_date})" if token.reset_date else ""
    remedy = f"register again after a reset{since}, or copy the token anew"
    return Check("token", "fail", f"the API refuses it ({shown})", remedy)


def _short(error: TransportError) -> str:
    """Leave out the classes and objects that a network error names before what happened."""
    return error.reason.rpartition(": ")[2] or error.reason


def _json(answer: HttpResponse) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
