"""An HTTP protocol that tells the application which connection it answers on."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fleet.simulator.faults.wire import TRANSPORT


class LinkedProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, with the connection as an extension of the scope."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]
