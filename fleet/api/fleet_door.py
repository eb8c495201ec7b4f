"""Through a running fleet: its request bucket sends it, and its ledger books it."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.api.call import Answered, Call, Refused
from fleet.control.client import ControlClient

PATIENCE = 30.0
"""Wall seconds; longer than the fleet itself waits for the bucket."""


class Told(msgspec.Struct, frozen=True):
    """What the fleet answers."""

    data: Any = None
    refused: Refused | None = None


class FleetDoor:
    """Takes part in the fleet's one allowance, and needs no token."""

    def __init__(self, client: ControlClient, agent: str | None) -> None:
        self._client = client
        self._agent = agent

    def send(self, call: Call) -> Answered | Refused:
        """Have the fleet do it. Raises FleetError."""
        told: Told = self._client.call_for(
            Told,
            "api",
            timeout=PATIENCE,
            operation=call.endpoint.operation,
            params=call.params,
            query=call.query,
            body=call.body,
            agent=self._agent,
        )
        return Answered(told.data) if told.refused is None else told.refused
