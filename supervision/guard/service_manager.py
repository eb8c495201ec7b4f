"""Tells a service manager (systemd, Type=notify) that the fleet is ready, works, or stops."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Final

NOTIFY_SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG: Final = ("WATCHDOG_USEC", "WATCHDOG_PID")


class ServiceManager:
    """The socket of whoever started us as a service; without one nothing happens.

    Used by the guard's only thread. Each message is one datagram that never waits: a manager
    that doesn't read must not hold the guard up.
    """

    def __init__(self, address: str | None = None) -> None:
        """Take the address of a datagram socket: a path, or `@name` for an abstract one."""
        self._address = f"\0{address[1:]}" if address and address.startswith("@") else address
        self._told: set[str] = set()

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str] = os.environ) -> ServiceManager:
        """Take the manager's socket; removes the variables, as our children are not the service."""
        for name in WATCHDOG:
            environ.pop(name, None)
        return cls(environ.pop(NOTIFY_SOCKET, None))

    def ready(self) -> None:
        """Tell, once, that the fleet plays."""
        self._once("READY=1\nSTATUS=The fleet plays.")

    def progress(self) -> None:
        """Tell that the actors get on: what keeps WatchdogSec= from ending the service."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Tell, once, that everything is being stopped."""
        self._once("STOPPING=1\nSTATUS=The fleet stops.")

    def _once(self, message: str) -> None:
        # One that the manager's queue has no room for is told again: without it a start fails.
        if message not in self._told and self._send(message):
            self._told.add(message)

    def _send(self, message: str) -> bool:
        """Say whether it needs not be sent again."""
        if not self._address:
            return True
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), self._address)
            return True
        return False
