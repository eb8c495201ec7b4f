"""Where the control socket is, however long its path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.protocol.errors import SetupError

SOCKET_NAME = "control.sock"
PATH_MOST = 100
"""Bytes that a socket's address takes everywhere: 108 on Linux, 104 elsewhere, with its end."""


def socket_path(data_dir: Path) -> Path:
    """Name the control socket of a data folder."""
    return data_dir / SOCKET_NAME


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Give an address for a socket's path that is short enough, as long as the block lasts.

    Raises SetupError where there is none, OSError if the folder can't be opened.
    """
    if len(os.fsencode(path)) <= PATH_MOST:
        yield str(path)
        return
    fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Through the open folder's entry in /proc, because the working directory, the other
        # way to a short path, belongs to the whole process.
        if not Path(f"/proc/self/fd/{fd}").is_dir():
            raise SetupError(
                f"The path {path} is too long for a socket; choose a shorter --data-dir."
            )
        yield f"/proc/self/fd/{fd}/{path.name}"
    finally:
        os.close(fd)
