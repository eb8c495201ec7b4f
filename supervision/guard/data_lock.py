"""One fleet per data folder: a lock that the kernel releases however its holder ends."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from fleet.protocol.errors import SetupError

LOCK_NAME = "fleet.lock"


class DataLock:
    """Holds a data folder between enter and exit; the guard's children don't inherit it."""

    def __init__(self, data_dir: Path) -> None:
        """Name the folder; it is created, for its owner only, when the lock is taken."""
        self._folder = data_dir
        self._path = data_dir / LOCK_NAME
        self._fd = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises SetupError if the folder is in use or can't be used."""
        prepare_data_dir(self._folder)
        try:
            self._fd = self._lock()
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        except OSError as failure:
            self._release()
            raise _unusable(self._folder, failure) from failure
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock and remove its file."""
        # Still locked while it is unlinked: whoever opened it before sees that it is gone. A
        # lost folder may have been made anew by now, and then the file is another fleet's.
        with suppress(OSError):
            if self._is_there():
                self._path.unlink()
        self._release()

    def lost(self) -> str | None:
        """Tell in a sentence when the lock's file is gone, so that it keeps nobody out."""
        try:
            if self._is_there():
                return None
        except OSError:
            # A folder on a server that is away for a moment is ours all the same.
            return None
        return (
            f"The data folder {self._folder} was deleted under the running fleet, which stops: "
            "another one may begin there at any time."
        )

    def _is_there(self) -> bool:
        """Whether the name still leads to the file that is locked. Raises OSError."""
        try:
            return os.path.samestat(os.fstat(self._fd), self._path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _lock(self) -> int:
        while (fd := self._try_lock()) is None:
            continue
        return fd

    def _try_lock(self) -> int | None:
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), self._path.stat()):
                return fd
        except FileNotFoundError:
            pass
        except BlockingIOError:
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            os.close(fd)
            raise SetupError(_in_use(self._folder, holder)) from None
        except OSError:
            os.close(fd)
            raise
        # The holder unlinked it between our open and our lock: the name is another file now.
        os.close(fd)
        return None

    def _release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def holder_of(folder: Path) -> str | None:
    """Tell the process that holds a data folder; None when none does. Raises OSError."""
    try:
        with (folder / LOCK_NAME).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read(32).decode("ascii", "replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        pass
    return None


def prepare_data_dir(folder: Path) -> None:
    """Create a data folder for its owner only, or check the one there. Raises SetupError."""
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failure:
        raise _unusable(folder, failure) from failure
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _unusable(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _in_use(folder: Path, holder: str) -> str:
    if not holder.isdecimal():
        return f"Another fleet uses {folder}; stop it, or choose another folder with --data-dir."
    return (
        f"Another fleet (process {holder}) uses {folder}; stop it with `kill {holder}`, "
        "or choose another folder with --data-dir."
    )


def _unusable(folder: Path, failure: OSError) -> SetupError:
    match failure:
        case FileExistsError() | NotADirectoryError() | IsADirectoryError():
            what = f"The data folder {folder} can't be made: something else has that name"
        case PermissionError() | OSError(errno=errno.EROFS):
            what = f"The data folder {folder} can't be written"
        case _:
            what = f"The data folder {folder} can't be used ({failure.strerror})"
    return SetupError(f"{what}; choose another one with --data-dir.")
