"""The supervision log as a file that several processes append to and one of them rotates."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from fleet.supervision.rotation import Rotation, rotate


class LogFile:
    """Appends whole lines with single writes; not for use by two threads at once."""

    def __init__(self, path: Path, *, rotation: Rotation | None = None) -> None:
        """Remember the path; the file is opened with the first line."""
        self._path = path
        self._rotation = rotation
        self._fd = -1
        self._torn = False

    def append(self, line: bytes) -> None:
        """Write one line that ends with a newline. Raises OSError when it was not written."""
        self._open_current()
        data = b"\n" + line if self._torn else line
        written = os.write(self._fd, data)
        self._torn = written < len(data)
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file; the next line would open it again."""
        if self._fd >= 0:
            with suppress(OSError):
                os.close(self._fd)
            self._fd = -1

    def _open_current(self) -> None:
        """See to it that the descriptor is the file of that name, and not a full one."""
        # One stat per line tells both: that another process rotated, and that we should.
        # Checking now and then instead would send late lines into files set aside.
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._reopen()
            return
        if self._fd < 0 or not os.path.samestat(status, os.fstat(self._fd)):
            self._reopen()
        if self._rotation is not None and status.st_size >= self._rotation.limit:
            with suppress(OSError):
                if rotate(self._path, self._fd, self._rotation):
                    self._reopen()

    def _reopen(self) -> None:
        self.close()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._fd = os.open(self._path, flags, 0o600)
        self._torn = _ends_torn(self._fd)


def _ends_torn(fd: int) -> bool:
    """Whether the file ends with half a line of a process that died on a full disk."""
    status = os.fstat(fd)
    if status.st_size == 0 or os.pread(fd, 1, status.st_size - 1) == b"\n":
        return False
    # A file system shows a line that crosses a page in two parts while it is written. Setting
    # the mode waits for that write, as both need the file's lock; then the file has grown.
    with suppress(PermissionError):
        os.fchmod(fd, stat.S_IMODE(status.st_mode))
    return os.fstat(fd).st_size == status.st_size
