"""How answers leave: status, headers and JSON bodies."""

from __future__ import annotations

import random
import uuid
from typing import Any

import msgspec

from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import Endpoint
from fleet.protocol.transport import HttpResponse
from fleet.simulator.context import Bare, Paged
from fleet.simulator.limiter import BURST, PER_SECOND, Verdict
from fleet.simulator.refusals import Refusal
from fleet.simulator.renderer import Renderer

LIMIT_HEADERS = (
    "X-RateLimit-Type, X-RateLimit-Limit-Burst, X-RateLimit-Limit-Per-Second, "
    "X-RateLimit-Remaining, X-RateLimit-Reset"
)
COMMON = {
    "content-type": "application/json; charset=utf-8",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": f"Retry-After, {LIMIT_HEADERS}, X-Sim-Time",
}
LIMITED = COMMON | {
    "x-ratelimit-limit-burst": str(BURST),
    "x-ratelimit-limit-per-second": str(PER_SECOND),
}
PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PATCH, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-max-age": "86400",
}


class Answers:
    """Makes HTTP answers; owned by the simulator's thread."""

    def __init__(self, render: Renderer, ids: random.Random) -> None:
        self._render = render
        self._ids = ids
        self._encoder = msgspec.json.Encoder()
        self._second = -1
        self._date = ""

    def success(
        self, endpoint: Endpoint, result: Any, now: GameTime, verdict: Verdict | None
    ) -> HttpResponse:
        """Wrap what a handler returned; None is an empty 204."""
        if result is None:
            headers = self.headers(now, verdict)
            del headers["content-type"]
            return HttpResponse(status=204, headers=headers)
        if isinstance(result, Bare):
            body = result.body
        elif isinstance(result, Paged):
            meta = {"total": result.total, "page": result.page, "limit": result.limit}
            body = {"data": result.data, "meta": meta}
        else:
            body = {"data": result}
        return HttpResponse(
            status=endpoint.ok,
            headers=self.headers(now, verdict),
            body=self._encoder.encode(body),
        )

    def plain(self, body: Any, now: GameTime) -> HttpResponse:
        """Answer outside the game's own API."""
        return HttpResponse(
            status=200, headers=self.headers(now, None), body=self._encoder.encode(body)
        )

    def refusal(self, refusal: Refusal, now: GameTime, verdict: Verdict | None) -> HttpResponse:
        """Answer with the error object of the API."""
        error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
        if refusal.data is not None:
            error["data"] = refusal.data
        error["requestId"] = self._request_id(now)
        return HttpResponse(
            status=refusal.status,
            headers=self.headers(now, verdict),
            body=self._encoder.encode({"error": error}),
        )

    def limited(self, now: GameTime, verdict: Verdict) -> HttpResponse:
        """Answer 429 with the limiter's own body, which has no request id (official)."""
        wait = max(1, self._render.clock.seconds(verdict.reset - now))
        data = {
            "type": verdict.kind,
            "retryAfter": wait,
            "limitBurst": BURST,
            "limitPerSecond": PER_SECOND,
            "remaining": verdict.remaining,
            "reset": self._render.stamp(verdict.reset),
        }
        error = {"message": "You have reached your API limit.", "code": 429, "data": data}
        headers = self.headers(now, verdict)
        headers["retry-after"] = str(wait)
        return HttpResponse(
            status=429, headers=headers, body=self._encoder.encode({"error": error})
        )

    def headers(self, now: GameTime, verdict: Verdict | None) -> dict[str, str]:
        """Make the headers that every answer has."""
        second = int(self._render.clock.shown(now))
        if second != self._second:
            self._second = second
            self._date = self._render.date(now)
        if verdict is None:
            return {**COMMON, "date": self._date, "x-sim-time": repr(float(now))}
        return {
            **LIMITED,
            "date": self._date,
            "x-sim-time": repr(float(now)),
            "x-ratelimit-type": verdict.kind,
            "x-ratelimit-remaining": str(verdict.remaining),
            "x-ratelimit-reset": self._render.stamp(verdict.reset),
        }

    def _request_id(self, now: GameTime) -> str:
        """Make a version 7 UUID: milliseconds first, then random bits."""
        bits = self._ids.getrandbits(74)
        value = int(now * 1000) << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (2**62 - 1)
        return str(uuid.UUID(int=value))
