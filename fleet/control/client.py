"""Asks the fleet that runs on a data folder."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from fleet.control.place import reachable, socket_path
from fleet.control.wire import REPLY_MOST, Reply, decode_reply, encode_request
from fleet.protocol.errors import FleetError, SetupError, UsageError
from fleet.supervision.guard.data_lock import holder_of


class NotRunning(SetupError):
    """No fleet runs on the data folder."""


class ControlClient:
    """One connection per call; for any thread."""

    def __init__(self, data_dir: Path) -> None:
        """Name the folder; nothing is opened yet."""
        self._data_dir = data_dir

    def call(self, do: str, /, *, timeout: float = 5.0, **arguments: Any) -> Any:
        """Ask for plain JSON; see `call_for`."""
        return self.call_for(Any, do, timeout=timeout, **arguments)

    def call_for(self, kind: Any, do: str, /, *, timeout: float = 5.0, **arguments: Any) -> Any:
        """Ask, and decode the answer into a type; each step waits at most `timeout` wall seconds.

        Raises NotRunning, SetupError when no answer came, UsageError or FleetError with the
        fleet's own sentence when it refuses.
        """
        try:
            with self._connect() as connection:
                connection.settimeout(timeout)
                # Whoever is refused at once can't be sent to any more, but can be read from.
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.sendall(encode_request(do, arguments))
                reply = decode_reply(_line(connection))
        except (TimeoutError, BlockingIOError):
            raise SetupError(
                f"The fleet on {self._data_dir} did not answer within {timeout:g} s; "
                "it is overloaded or hangs: see `fleet tail`."
            ) from None
        except (OSError, msgspec.DecodeError) as error:
            raise SetupError(
                f"The fleet on {self._data_dir} broke off its answer ({_reason(error)}); try again."
            ) from None
        return self._unpack(reply, kind)

    def _connect(self) -> socket.socket:
        path = socket_path(self._data_dir)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Not to wait where the queue is full, as that of a stopped fleet can be.
            connection.setblocking(False)
            with reachable(path) as address:
                connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            connection.close()
            raise NotRunning(self._absence()) from None
        except PermissionError:
            connection.close()
            raise SetupError(
                f"The fleet on {self._data_dir} belongs to another user; ask as its owner."
            ) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _absence(self) -> str:
        """Say why nobody answers: a guard that starts its runtime anew is no reason for a run."""
        with suppress(OSError):
            if (holder := holder_of(self._data_dir)) is not None:
                return (
                    f"The fleet on {self._data_dir} (process {holder}) is starting its runtime; "
                    "try again in a few seconds, or see `fleet tail`."
                )
        return f"No fleet runs on {self._data_dir}; start one with `fleet run`."

    def _unpack(self, reply: Reply, kind: Any) -> Any:
        if reply.ok:
            try:
                return msgspec.json.decode(reply.result, type=kind)
            except msgspec.ValidationError as error:
                raise SetupError(
                    f"The fleet on {self._data_dir} runs another version of fleet ({error}); "
                    "use the same for both."
                ) from None
        family = {"usage": UsageError, "setup": SetupError}
        raise family.get(reply.fault, FleetError)(reply.error)


def _line(connection: socket.socket) -> bytes:
    """Read up to the first newline. Raises OSError when there is none to come."""
    received = bytearray()
    while not received.endswith(b"\n"):
        part = connection.recv(1 << 16)
        if not part or len(received) > REPLY_MOST:
            raise ConnectionResetError("no whole answer")
        received += part
    return bytes(received)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
