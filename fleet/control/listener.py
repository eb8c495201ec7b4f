"""The control socket's file: for its owner alone, taken over from the dead, not the living."""

from __future__ import annotations

import os
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path

from fleet.control.place import reachable
from fleet.protocol.errors import SetupError

BACKLOG = 128
"""Clients that may wait to be let in; beyond it they are turned away at once."""


class Listener:
    """A listening socket under its name in the data folder."""

    def __init__(self, path: Path) -> None:
        """Listen. Raises SetupError if a fleet answers there, or the place can't be used."""
        self._path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _refuse_occupied(path)
            self._inode = self._bind()
            self.socket.setblocking(False)
        except OSError as error:
            self.socket.close()
            raise SetupError(
                f"The control socket {path} cannot be made: {error.strerror or error}; "
                "choose another --data-dir."
            ) from error
        except BaseException:
            self.socket.close()
            raise

    def _bind(self) -> int:
        # Listening under another name first: whoever sees the name can connect, and only
        # its owner sees it with more rights than none.
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            draft.unlink()
        try:
            os.fchmod(self.socket.fileno(), 0o600)
            with reachable(draft) as address:
                self.socket.bind(address)
            draft.chmod(0o600)
            self.socket.listen(BACKLOG)
            inode = draft.stat().st_ino
            draft.replace(self._path)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise
        return inode

    def close(self) -> None:
        """Stop listening, and remove the file unless another fleet has replaced it."""
        with suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
        self.socket.close()


def peer(connection: socket.socket) -> tuple[int, int] | None:
    """Tell the process id and the user id at the other end; None where the system doesn't."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, 12))
    return pid, uid


def _refuse_occupied(path: Path) -> None:
    """Raise SetupError if somebody answers there, or something else than a socket is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SetupError(f"{path} is in the way of the control socket; remove it.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            with reachable(path) as address:
                probe.connect(address)
            holder = peer(probe)
        except (ConnectionRefusedError, FileNotFoundError):
            return
        except TimeoutError:
            holder = None
    who = f"A fleet (process {holder[0]})" if holder else "A fleet"
    raise SetupError(
        f"{who} already answers on {path}; stop it, or choose another folder with --data-dir."
    )
