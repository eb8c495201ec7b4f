"""What an HTTP answer means: one defined disposition for everything that can come back.

A pure function of operation and answer, so that every row of the table in docs/bucket.md is
a line of a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Disposition, LimitHeaders
from fleet.protocol.clock import GameTime, from_iso
from fleet.protocol.endpoints import BY_OPERATION, Auth
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpResponse
from fleet.protocol.wire.decoding import decode_body
from fleet.storage.ledger import PAYMENTS, SIGNS

MOVES_CREDITS = frozenset({*PAYMENTS, *SIGNS})
"""Operations whose reply the ledger reads."""

RESET_CODES = frozenset({4109, 4113})
"""The token belongs to an earlier version or an earlier life of the server (observed)."""

TOKEN_CODES = frozenset({4100, 4101, 4102, 4103, 4104, 4105, 4107, 4115})
"""The token itself is refused (observed)."""

MAY_BE_EMPTY = frozenset({"get-ship-cooldown"})
"""Operations that may answer 204, with nothing (official)."""

AWAY_CODES = frozenset({3100, 3200})
"""The server is in maintenance or being reset (official names, guessed statuses)."""

UNREADABLE = 3000
"""The server cannot show the thing, such as a ship with a broken hold (observed): it will not
be able to a moment later either."""

INVALID = frozenset({422, 3001})
"""The server does not take what was sent (observed, in two styles)."""

MOST_ISSUES = 5

NOTHING: Mapping[str, Any] = {}

MAINTENANCE = "maintenance"
"""Reason of an answer that says nothing about the request: the whole API is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, read."""

    disposition: Disposition
    outcome: ApiReply | ApiRefusal | None = None
    data: Any = None
    """The `data` of a reply as plain JSON, of operations that move credits."""

    status: int = 0
    """HTTP status; 0 where none came."""

    code: int = 0
    """The game's error code; 0 where it gave none."""

    reason: str = ""
    limits: LimitHeaders = field(default_factory=LimitHeaders)
    body: bytes = b""
    """What the outcome's data was decoded from; empty for plain JSON, and where there was none."""


def read_failure(failure: TransportError) -> Answer:
    """Read the absence of an answer."""
    return Answer(disposition="unknown" if failure.sent else "unsent", reason=failure.reason)


def read_answer(request: ApiRequest, response: HttpResponse) -> Answer:
    """Read an answer as it came; nothing in it is trusted. Never raises."""
    status = response.status
    if 200 <= status < 300:
        return _success(request, response)
    error = _error(_json(response.body))
    limits = _limits(response.headers, error)
    code = error["code"] if isinstance(error.get("code"), int) else 0
    base = Answer(disposition="unavailable", status=status, code=code, limits=limits)
    if status == 429:
        return replace(base, disposition="limited", reason="429")
    if status == 503 or code in AWAY_CODES:
        return replace(base, reason=MAINTENANCE)
    if code == UNREADABLE and not request.mutating:
        return _refusal(request, base, error)
    if status >= 500 or code == UNREADABLE:
        return _broken(request, base, f"HTTP {status}")
    if status >= 400 and error:
        return _refusal(request, base, error)
    # A redirect or an error page: something before the game answered, so nothing was done.
    return replace(base, reason=f"HTTP {status} that is not the game's")


def _broken(request: ApiRequest, base: Answer, reason: str) -> Answer:
    """Whether a mutating request was acted on before the server broke cannot be told."""
    return replace(
        base, disposition="unknown" if request.mutating else "unavailable", reason=reason
    )


def _success(request: ApiRequest, response: HttpResponse) -> Answer:
    operation, body = request.operation, response.body
    limits = _limits(response.headers, {})
    try:
        empty = response.status == 204 and operation in MAY_BE_EMPTY
        model = None if empty else decode_body(operation, body)
        plain = _plain(operation, body) if request.raw or operation in MOVES_CREDITS else None
    except msgspec.DecodeError as error:
        base = Answer(disposition="unavailable", status=response.status, limits=limits)
        return _broken(request, base, f"a reply of another shape: {error}")
    return Answer(
        disposition="reply",
        outcome=ApiReply(request.number, operation, plain if request.raw else model),
        data=plain,
        status=response.status,
        limits=limits,
        body=b"" if request.raw or empty else body,
    )


def _plain(operation: str, body: bytes) -> Any:
    if not body:
        return None
    read = msgspec.json.decode(body)
    return read["data"] if BY_OPERATION[operation].wrapped else read


def _refusal(request: ApiRequest, base: Answer, error: Mapping[str, Any]) -> Answer:
    data = error.get("data")
    refusal = ApiRefusal(
        number=request.number,
        operation=request.operation,
        status=base.status,
        code=base.code,
        message=message_of(base.code, error),
        data=data if isinstance(data, dict) else {},
    )
    fatal = _fatal(request, base)
    reason = f"{base.code} {refusal.message}"
    return replace(
        base, disposition="fatal" if fatal else "refusal", outcome=refusal, reason=reason
    )


def message_of(code: int, error: Mapping[str, Any]) -> str:
    """Take the server's own words; of invalid input the fields belong to them."""
    said, data = str(error.get("message", "")), error.get("data")
    if code not in INVALID or not isinstance(data, dict):
        return said
    issues = data.get("zodIssues")
    if isinstance(issues, list):
        found = [_issue(each) for each in issues if isinstance(each, dict)]
    else:
        found = [f"{name}: {_first(why)}" for name, why in data.items()]
    return f"{said} ({'; '.join(found[:MOST_ISSUES])})" if found else said


def _issue(issue: Mapping[str, Any]) -> str:
    path = issue.get("path")
    where = ".".join(map(str, path)) if isinstance(path, list) else str(path)
    return f"{where}: {issue.get('message', 'invalid')}"


def _first(why: Any) -> str:
    return str(why[0] if isinstance(why, list) and why else why)


def _fatal(request: ApiRequest, base: Answer) -> bool:
    """Whether no request with this token will ever be answered again."""
    if BY_OPERATION[request.operation].auth is Auth.ACCOUNT:
        return False
    return base.status == 401 or base.code in RESET_CODES or base.code in TOKEN_CODES


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body) if body else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _error(body: Any) -> dict[str, Any]:
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _limits(headers: Mapping[str, str], error: Mapping[str, Any]) -> LimitHeaders:
    """Read the limiter's headers, and what a 429 says in its body where a header is missing."""
    told = error.get("data") if error else None
    told = told if isinstance(told, dict) else NOTHING
    remaining = _number(headers.get("x-ratelimit-remaining", told.get("remaining")))
    return LimitHeaders(
        remaining=None if remaining is None else int(remaining),
        reset=_instant(headers.get("x-ratelimit-reset", told.get("reset"))),
        retry_after=_seconds(
            headers.get("retry-after", told.get("retryAfter")), headers.get("date")
        ),
        account=headers.get("x-ratelimit-type", told.get("type")) == "Account",
    )


def _seconds(value: Any, now: str | None) -> float | None:
    """Read Retry-After: seconds, or an instant, which is compared with the server's own clock."""
    if not (isinstance(value, str) and value.endswith("GMT")):
        return _number(value)
    try:
        left = parsedate_to_datetime(value) - parsedate_to_datetime(now or "")
    except (TypeError, ValueError):
        return None
    return _number(max(0.0, left.total_seconds()))


def _number(value: Any) -> float | None:
    # Most headers are missing most of the time, and an exception costs more than a look.
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < 1e6 else None


def _instant(value: Any) -> GameTime | None:
    if value is None:
        return None
    try:
        return GameTime(from_iso(value))
    except (TypeError, ValueError, OverflowError):
        return None
