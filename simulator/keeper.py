"""Keeps a world in a folder: lock, key, snapshot, command log, and the game's time."""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import secrets
import struct
from contextlib import suppress
from pathlib import Path
from typing import Self

from fleet.protocol.clock import GameTime
from fleet.protocol.errors import SetupError
from fleet.simulator.command import Command
from fleet.simulator.journal import Journal
from fleet.simulator.snapshot import Snapshot, read_snapshot, sync_folder, write_snapshot
from fleet.simulator.world.world import World

MARK = struct.Struct("<dd")
"""The game's time, and its negative as a check."""

KEY_BYTES = 32
PID_WIDTH = 10


class Keeper:
    """A folder with one world, held by one process; used from the simulator's thread."""

    def __init__(self, folder: Path, lock: int) -> None:
        self._folder = folder
        self._lock = lock
        self._mark: mmap.mmap = open_mark(folder / "clock")
        self._epoch = 0
        self._journal = Journal(folder / "log-0")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Take a folder for this process. Raises SetupError if that can't be."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls(folder, take_lock(folder))
        except OSError as error:
            raise unwritable(folder, error) from error

    @property
    def records(self) -> int:
        """Commands in the log since the last snapshot."""
        return self._journal.records

    def load(self) -> tuple[World | None, list[Command], GameTime]:
        """Read the stored world, the commands after it, and the time of the last answer.

        Raises SetupError for what can't be read.
        """
        snapshot = read_snapshot(self._folder / "world")
        if snapshot is None:
            return None, [], GameTime(0.0)
        self._epoch = snapshot.epoch
        self._journal = Journal(self._folder / f"log-{self._epoch}")
        commands = self._journal.read()
        times = [snapshot.game, marked(self._mark), *(command.at for command in commands[-1:])]
        return snapshot.world, commands, GameTime(max(times))

    def append(self, command: Command) -> None:
        """Log a command. Raises OSError."""
        self._journal.append(command)

    def log_twin(self) -> int | None:
        """Duplicate the handle of the log if it has grown, to be synced and closed elsewhere."""
        return self._journal.twin()

    def mark(self, now: GameTime) -> None:
        """Note the game's time in shared memory, which outlives the process."""
        MARK.pack_into(self._mark, 0, now, -now)

    def save(self, world: World, now: GameTime) -> None:
        """Write a snapshot and begin a new log. Raises OSError; nothing is lost then."""
        epoch = self._epoch + 1
        write_snapshot(self._folder / "world", Snapshot(epoch, now, world))
        self._journal.close()
        self._epoch = epoch
        self._journal = Journal(self._folder / f"log-{epoch}")
        # Not before: from the rename on, whoever loads the folder goes on with the new log.
        sync_folder(self._folder)
        for path in self._folder.glob("log-*"):
            if path.name != f"log-{epoch}":
                path.unlink()

    def key(self) -> bytes:
        """Tell the key that signs this world's tokens; made on first use."""
        return signing_key(self._folder)

    def close(self) -> None:
        """Give the folder free."""
        self._journal.close()
        self._mark.close()
        os.close(self._lock)


def unwritable(folder: Path, error: OSError) -> SetupError:
    """Say that a folder is no place for a world."""
    reason = error.strerror or str(error)
    return SetupError(f"The folder {folder} can't be used ({reason}); choose another --data-dir.")


def take_lock(folder: Path) -> int:
    """Lock the folder for this process. Raises SetupError that names who holds it."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise SetupError(
            f"The world in {folder} is in use by process {owner}; "
            "stop that one, or choose another --data-dir."
        ) from error
    # As long as the last owner's: a full disk takes no other length, and must not keep out.
    os.pwrite(lock, f"{os.getpid():<{PID_WIDTH}}\n".encode(), 0)
    return lock


def open_mark(path: Path) -> mmap.mmap:
    """Map the file that holds the game's time. Raises OSError."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.truncate(file, MARK.size)
        return mmap.mmap(file, MARK.size)
    finally:
        os.close(file)


def marked(mark: mmap.mmap) -> float:
    """Read the noted time; one that was torn or never written counts for nothing."""
    time, check = MARK.unpack_from(mark)
    return time if math.isfinite(time) and time == -check else 0.0


def signing_key(folder: Path) -> bytes:
    """Read the key of a folder's world, or make one. Raises SetupError."""
    path = folder / "key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise unwritable(folder, error) from error
    if len(key) != KEY_BYTES:
        raise SetupError(f"The key {path} is broken; restore it, or choose another --data-dir.")
    return key


def _make_key(path: Path) -> None:
    """Make a key, whole or not at all; one that another process made meanwhile stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    file = os.open(draft, flags, 0o600)
    try:
        os.write(file, secrets.token_bytes(KEY_BYTES))
        os.fsync(file)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.close(file)
        draft.unlink()
