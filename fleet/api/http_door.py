"""Straight to a server, with a token of one's own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from fleet.actors.answers import Answer, read_answer, read_failure
from fleet.api.call import Answered, Call, Refused
from fleet.credentials import Token
from fleet.protocol.api import ApiRefusal, ApiReply, ApiRequest, Lane
from fleet.protocol.endpoint import Auth
from fleet.protocol.errors import SetupError, TransportError
from fleet.protocol.transport import HttpRequest, Transport

TRIES = 4
PAUSE = 0.5
"""Wall seconds between two tries where the server names no time."""

LONGEST = 10.0
"""Wall seconds of one pause at most; somebody waits at the terminal."""


class HttpDoor:
    """Sends in the calling thread; what was not acted on is tried again a few times."""

    def __init__(
        self,
        transport: Transport,
        token: Callable[[], Token | None],
        where: str,
        *,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._transport = transport
        self._token = token
        self._where = where
        self._pause = pause or threading.Event().wait

    def send(self, call: Call) -> Answered | Refused:
        """Do it and wait. Raises SetupError where no answer can be had."""
        request = _request(call)
        answer = Answer(disposition="unsent")
        for _ in range(TRIES):
            answer = self._try(call, request)
            match answer.outcome:
                case ApiReply(data=data):
                    return Answered(data)
                case ApiRefusal() as refusal:
                    return Refused(refusal.status, refusal.code, refusal.message, refusal.data)
            if answer.disposition == "unknown":
                break
            self._pause(min(LONGEST, answer.limits.retry_after or PAUSE))
        raise SetupError(self._failure(request, answer))

    def _failure(self, request: ApiRequest, answer: Answer) -> str:
        if answer.disposition == "unknown" and request.mutating:
            return (
                f"{self._where} gave no usable answer to {request.operation} ({answer.reason}); "
                "whether it was done is not known: look before you try again."
            )
        return f"{self._where} does not answer {request.operation} ({answer.reason})."

    def _try(self, call: Call, request: ApiRequest) -> Answer:
        try:
            return read_answer(request, self._transport.send(self._build(call)))
        except TransportError as failure:
            return read_failure(failure)

    def _build(self, call: Call) -> HttpRequest:
        headers = {"accept": "application/json"}
        if call.endpoint.auth is not Auth.NONE:
            headers["authorization"] = f"Bearer {self._demand(call.endpoint.auth).text}"
        body = None
        if call.body is not None:
            headers["content-type"] = "application/json"
            body = msgspec.json.encode(call.body)
        return HttpRequest(
            method=call.endpoint.method,
            path=f"/v2{call.endpoint.fill(call.params)}",
            query=call.query,
            headers=headers,
            body=body,
        )

    def _demand(self, kind: Auth) -> Token:
        token = self._token()
        # What is no JWT does not tell whose it is; the server will.
        if token is None or (kind is Auth.AGENT and token.holder == "account"):
            raise SetupError(
                f"{self._where} wants the token of an {kind.value}; put it into "
                "SPACETRADERS_TOKEN, or name a file with --token-file."
            )
        return token


def _request(call: Call) -> ApiRequest:
    return ApiRequest(
        number=0,
        operation=call.endpoint.operation,
        lane=Lane.ACTION,
        params=call.params,
        query=call.query,
        body=call.body,
        raw=True,
    )
