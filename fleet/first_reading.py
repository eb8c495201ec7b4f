"""What is read before the actors start: the agent and its ships, in as few requests as can be."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.errors import BadToken, ServerReset, SetupError, TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport
from fleet.protocol.wire.decoding import decode
from fleet.protocol.wire.market import Agent
from fleet.protocol.wire.ship import Ship

PAGE = 20
TRIES = 20
# Wall seconds between two tries while the server starts or limits us.
PAUSE = 0.25
RESET_CODES = frozenset({4109, 4113})


@dataclass(frozen=True, slots=True)
class FirstReading:
    """The agent and all its ships at the start of a process."""

    agent: Agent
    ships: tuple[Ship, ...]
    requests: int


class FirstReader:
    """Sends the few requests of a start one after the other, in the main thread."""

    def __init__(self, transport: Transport, token: str) -> None:
        self._transport = transport
        self._headers = {"authorization": f"Bearer {token}"}
        self._pause = threading.Event()
        self.requests = 0

    def read(self) -> FirstReading:
        """Read agent and ships. Raises BadToken, ServerReset, SetupError."""
        agent = self.get("get-my-agent", {})
        ships: list[Ship] = []
        page = 1
        while True:
            query = {"page": str(page), "limit": str(PAGE)}
            some: tuple[Ship, ...] = self.get("get-my-ships", query)
            ships += some
            # The agent tells how many there are, which saves the request for an empty page.
            if len(some) < PAGE or len(ships) >= agent.ship_count > 0:
                return FirstReading(agent, tuple(ships), self.requests)
            page += 1

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
            except TransportError as failure:
                reason = failure.reason
            else:
                if answer.status == 200:
                    return decode(operation, msgspec.json.decode(answer.body)["data"])
                reason = _refusal(answer)
            self._pause.wait(PAUSE)
        raise SetupError(f"The API does not answer {operation} ({reason}); try again later.")


def _refusal(answer: HttpResponse) -> str:
    """Tell what stands in the way. Raises BadToken or ServerReset where waiting won't help."""
    try:
        error = msgspec.json.decode(answer.body)["error"]
        code, message = int(error["code"]), str(error["message"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        code, message = 0, f"status {answer.status}"
    if code in RESET_CODES:
        raise ServerReset(message)
    if answer.status in {401, 403}:
        raise BadToken(message)
    return message
