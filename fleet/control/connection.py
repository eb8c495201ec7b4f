"""One client of the control socket, as the server's own thread sees it."""

from __future__ import annotations

import socket

from fleet.control.wire import LINE_MOST


class Connection:
    """Buffers of one client; never blocks. Used by the server's thread alone."""

    def __init__(self, client: socket.socket, *, used: int) -> None:
        """Take over an accepted socket; `used` counts up over all connections."""
        client.setblocking(False)
        self.socket = client
        self.used = used
        """When it last asked something, in the server's own count."""

        self.busy = False
        """Whether a request of it is being handled; the next one waits for its reply."""

        self.ended = False
        """Whether nothing more is to be read: the client said so, or the server refuses it."""

        self._received = bytearray()
        self._unsent = bytearray()

    @property
    def unsent(self) -> bool:
        """Whether a part of a reply waits to be taken by the client."""
        return bool(self._unsent)

    @property
    def overlong(self) -> bool:
        """Whether the client sends a line beyond all measure."""
        return len(self._received) > LINE_MOST and b"\n" not in self._received

    def receive(self) -> None:
        """Read what is there. Raises OSError for a broken connection."""
        try:
            part = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        self._received += part
        self.ended = self.ended or not part

    def take_line(self) -> bytes | None:
        """Take the next whole line, if there is one."""
        line, newline, rest = self._received.partition(b"\n")
        if not newline:
            return None
        self._received = rest
        return bytes(line)

    def send(self, data: bytes) -> None:
        """Send, now or as the client takes it. Raises OSError for a broken connection."""
        self._unsent += data
        self.flush()

    def flush(self) -> None:
        """Send more of what waits. Raises OSError for a broken connection."""
        while self._unsent:
            try:
                sent = self.socket.send(self._unsent)
            except BlockingIOError:
                return
            del self._unsent[:sent]
