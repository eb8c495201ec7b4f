"""A ship among actors that are played by the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from fleet.actors.ship import ship_props
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
)
from fleet.protocol.fleet import (
    BOOK,
    BUCKET,
    CONDUCTOR,
    SURVEYS,
    TREASURY,
    WRITER,
    ShipQuery,
)
from fleet.protocol.rows import Delete, Recall, Rows, Upsert
from fleet.protocol.tasks import Park, dump
from fleet.protocol.wire.replies import Moved
from fleet.protocol.wire.ship import Ship
from fleet.runtime import Envelope, Future
from fleet.runtime.chaos import Misbehave

PATH = "/fleet/ships/TEST-1"
PARK = Park(reason="test")


class Harbour:
    """A ship in virtual time; whoever it talks to only notes what was said."""

    def __init__(self, stage: Any, ship: Ship, saved: Any = None) -> None:
        self.stage = stage
        self.ship = ship
        self.saved = {"task": dump(saved)} if saved else None
        self.heard: list[tuple[str, Any]] = []
        self.envelopes: list[Envelope] = []
        self.answers: dict[type, Callable[[Any], Any]] = {Recall: lambda _: self.saved}
        for path in (BOOK, BUCKET, CONDUCTOR, SURVEYS, TREASURY, WRITER):
            stage.spawn(path, receive=self._receive)
        self.address = stage.system.spawn(PATH, ship_props(ship.symbol, ship))
        stage.run()

    def _receive(self, ctx: Any, message: Any) -> None:
        if isinstance(message, Misbehave):
            raise AssertionError(message)
        rows = message.rows if isinstance(message, Rows) else (message,)
        self.heard += [(ctx.self.path, row) for row in rows]
        self.envelopes.append(ctx.envelope)
        answer = self.answers.get(type(message))
        if answer is not None:
            ctx.reply(answer(message))

    def tell(self, *messages: Any) -> None:
        for message in messages:
            self.address.tell(message)
        self.stage.run()

    def view(self) -> Any:
        answer: Future[Any] = Future()
        system = self.stage.system
        system.post(PATH, Envelope(ShipQuery(), system.next_id(), future=answer))
        self.stage.run()
        return answer.get(0.0)

    def crash(self) -> None:
        self.tell(Misbehave("crash"))
        # Nobody stands above this ship: it waits a little before it runs again.
        self.stage.run(6.0)

    def said(self, kind: type) -> list[Any]:
        return [message for _, message in self.heard if isinstance(message, kind)]

    def asked(self, kind: type) -> list[Envelope]:
        return [envelope for envelope in self.envelopes if isinstance(envelope.message, kind)]

    @property
    def requests(self) -> list[ApiRequest]:
        return self.said(ApiRequest)

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    @property
    def saves(self) -> list[Any]:
        rows = [m for m in self.said(Upsert) + self.said(Delete) if m.table == "assignments"]
        return sorted(rows, key=lambda row: [m for _, m in self.heard].index(row))

    def reply(self, data: Any) -> None:
        """Answer the newest request."""
        request = self.requests[-1]
        self.tell(ApiReply(request.number, request.operation, data))

    def refuse(self, code: int, status: int = 400, **data: Any) -> None:
        request = self.requests[-1]
        self.tell(ApiRefusal(request.number, request.operation, status, code, "no", data))

    def orbiting(self) -> Moved:
        """The reply to an orbit request."""
        return Moved(nav=replace(self.ship.nav, status="IN_ORBIT"))
