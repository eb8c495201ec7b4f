"""Does single operations for people, through the request bucket like everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

import msgspec

from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Expired,
    Lane,
    Overloaded,
    UnknownOutcome,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION, Auth
from fleet.protocol.errors import FleetError, UsageError
from fleet.protocol.fleet import BUCKET
from fleet.runtime import ActorSystem, AskTimeout, Envelope, Future, GameClock

PATIENCE = 25.0
"""Wall seconds for a place in the queue, and the answer."""

BEHAVIOUR = "by hand"
"""Under this name the ledger books what people do."""


class Asked(msgspec.Struct, frozen=True):
    """What the control socket is asked for."""

    operation: str
    params: dict[str, str] = {}
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None
    agent: str | None = None


class ApiDesk:
    """Used by the control socket's threads."""

    def __init__(
        self, system: ActorSystem, plays: str, clock: GameClock, agents: Sequence[str]
    ) -> None:
        """Name the agents that are played, the first one first."""
        self._agents = agents
        self._system = system
        self._plays = plays
        self._clock = clock

    def answer(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Do what `fleet api` asks for, or tell which API is played. Raises FleetError."""
        if "operation" not in arguments:
            return {"plays": self._plays}
        try:
            asked = msgspec.convert(arguments, Asked)
        except msgspec.ValidationError as error:
            raise UsageError(f"That is no operation of the API: {error}.") from None
        request = replace(_request(asked), agent=self._agent(asked.agent))
        future: Future[Any] = Future()
        expires = GameTime(self._clock.game() + PATIENCE * self._clock.speed)
        envelope = Envelope(request, self._system.next_id(), expires=expires, future=future)
        self._system.post(BUCKET, envelope)
        try:
            return _told(request, future.get(PATIENCE))
        except AskTimeout:
            raise FleetError(
                f"{request.operation} waits in the bucket still, or for its answer; "
                "look at `fleet status` before you try again."
            ) from None

    def _agent(self, named: str | None) -> str:
        """Tell in whose name to send: "" is the first agent's. Raises UsageError."""
        if named is None or named == self._agents[0]:
            return ""
        if named not in self._agents:
            raise UsageError(f"This fleet plays {', '.join(self._agents)}, not {named}.")
        return named


def _request(asked: Asked) -> ApiRequest:
    operation, params = asked.operation, asked.params
    endpoint = BY_OPERATION.get(operation)
    if endpoint is None:
        raise UsageError(f"There is no operation '{operation}'; `fleet api --list` lists them.")
    if endpoint.auth is Auth.ACCOUNT:
        raise UsageError(
            f"{operation} wants the token of an account, and a fleet plays with an agent's; "
            "give --api-url and the token."
        )
    if missing := [name for name in endpoint.params if not params.get(name)]:
        raise UsageError(f"{operation} needs {', '.join(missing)}.")
    return ApiRequest(
        number=0,
        operation=operation,
        lane=Lane.ACTION,
        params=params,
        query=asked.query,
        body=asked.body,
        ship=params.get("shipSymbol"),
        behaviour=BEHAVIOUR,
        raw=True,
    )


def _told(request: ApiRequest, outcome: Any) -> dict[str, Any]:
    match outcome:
        case ApiReply(data=data):
            return {"data": data}
        case ApiRefusal(status=status, code=code, message=message, data=data):
            refused = {"status": status, "code": code, "message": message, "data": data}
            return {"refused": refused}
        case Overloaded():
            raise FleetError("The bucket is full; try again later.")
        case Expired():
            raise FleetError(f"{request.operation} did not get its turn; try again later.")
        case UnknownOutcome(reason=reason):
            raise FleetError(
                f"Whether {request.operation} was done is not known ({reason}); look before you "
                "try again."
            )
        case _:
            assert_never(outcome)
