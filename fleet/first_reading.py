"""What is read before the actors start: the agent and its ships, in as few requests as can be."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.errors import BadToken, FleetError, ServerReset, TransportError, Unreachable
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport
from fleet.protocol.wire.decoding import decode_body
from fleet.protocol.wire.market import Agent
from fleet.protocol.wire.ship import Ship

PAGE = 20
TRIES = 20
# Wall seconds between two tries while the server starts or limits us.
PAUSE = 0.25
UNREADABLE = 3000
RESET_CODES = frozenset({4109, 4113})


@dataclass(frozen=True, slots=True)
class FirstReading:
    """The agent and all its ships at the start of a process."""

    agent: Agent
    ships: tuple[Ship, ...]
    requests: int
    unreadable: int = 0
    """Ships that the server has but cannot show (error 3000): nobody flies them."""


class Unreadable(FleetError):
    """The server cannot show what was asked for."""


class FirstReader:
    """Sends the few requests of a start one after the other, in the main thread."""

    def __init__(self, transport: Transport, token: str) -> None:
        self._transport = transport
        self._headers = {"authorization": f"Bearer {token}"}
        self._pause = threading.Event()
        self.requests = 0

    def read(self) -> FirstReading:
        """Read agent and ships. Raises BadToken, ServerReset, Unreachable."""
        agent = self.get("get-my-agent", {})
        ships: list[Ship] = []
        page = unreadable = 0
        while True:
            page += 1
            some, hidden = self._page(page)
            ships += some
            unreadable += hidden
            # The agent tells how many there are, which saves the request for an empty page.
            known = len(ships) + unreadable
            if len(some) + hidden < PAGE or known >= agent.ship_count > 0:
                return FirstReading(agent, tuple(ships), self.requests, unreadable)

    def _page(self, page: int) -> tuple[tuple[Ship, ...], int]:
        """Read a page of ships, one by one if the server cannot show it; tell what is left out."""
        try:
            return self._ships(page, PAGE), 0
        except Unreadable:
            ships: tuple[Ship, ...] = ()
            hidden = 0
        for place in range((page - 1) * PAGE + 1, page * PAGE + 1):
            try:
                one = self._ships(place, 1)
            except Unreadable:
                hidden += 1
                continue
            if not one:
                break
            ships += one
        return ships, hidden

    def _ships(self, page: int, limit: int) -> tuple[Ship, ...]:
        query = {"page": str(page), "limit": str(limit)}
        ships: tuple[Ship, ...] = self.get("get-my-ships", query)
        return ships

    def get(self, operation: str, query: Mapping[str, str]) -> Any:
        """Do one reading operation, trying again while the server is not there yet."""
        request = HttpRequest(
            method="GET",
            path=f"/v2{BY_OPERATION[operation].path}",
            query=tuple(query.items()),
            headers=self._headers,
        )
        reason = ""
        for _ in range(TRIES):
            try:
                self.requests += 1
                answer = self._transport.send(request)
                if answer.status == 200:
                    return decode_body(operation, answer.body)
                reason = _refusal(answer)
            except TransportError as failure:
                reason = failure.reason
            except msgspec.DecodeError as failure:
                reason = f"a reply of another shape: {failure}"
            self._pause.wait(PAUSE)
        raise Unreachable(f"The API does not answer {operation} ({reason}); try again later.")


def _refusal(answer: HttpResponse) -> str:
    """Tell what stands in the way. Raises what waiting won't help against."""
    try:
        error = msgspec.json.decode(answer.body)["error"]
        code, message = int(error["code"]), str(error["message"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        code, message = 0, f"status {answer.status}"
    if code == UNREADABLE:
        raise Unreadable(message)
    if code in RESET_CODES:
        raise ServerReset(message)
    if answer.status in {401, 403}:
        raise BadToken(message)
    return message
