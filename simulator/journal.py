"""The command log: each record is on its way to the disk before its answer leaves."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from pathlib import Path

import msgspec

from fleet.protocol.errors import SetupError
from fleet.simulator.command import Command

HEAD = struct.Struct("<II")
"""Length and checksum in front of each record."""


class Journal:
    """An append-only file of commands; owned by the simulator's thread.

    One `write` per record and no fsync: what was written outlives the process, though not a
    failing machine. A record that was cut off by a kill was never answered, and is dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.msgpack.Encoder()
        self._file: int | None = None
        self.records = 0
        """Records in the file."""

        self._synced = 0

    def read(self) -> list[Command]:
        """Read all records and cut off a torn one. Raises SetupError for a broken file."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        commands, end = parse(content, self._path)
        if end < len(content):
            os.truncate(self._path, end)
        self.records = len(commands)
        return commands

    def append(self, command: Command) -> None:
        """Write one record. Raises OSError; then memory is ahead of the disk."""
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(self._path, flags, 0o600)
        payload = self._encoder.encode(command)
        record = HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        if os.write(self._file, record) != len(record):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.records += 1

    def twin(self) -> int | None:
        """Duplicate the handle of a file that has grown since the last time; None if it hasn't.

        The caller syncs it in a thread of its own and closes it.
        """
        if self._file is None or self._synced == self.records:
            return None
        self._synced = self.records
        return os.dup(self._file)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def parse(content: bytes, path: Path) -> tuple[list[Command], int]:
    """Read records; tell them and where the last whole one ends. Raises SetupError."""
    decoder = msgspec.msgpack.Decoder(Command)
    commands: list[Command] = []
    at = 0
    while at + HEAD.size <= len(content):
        length, checksum = HEAD.unpack_from(content, at)
        end = at + HEAD.size + length
        payload = content[at + HEAD.size : end]
        if end > len(content) or (end == len(content) and zlib.crc32(payload) != checksum):
            break
        try:
            if zlib.crc32(payload) != checksum:
                raise msgspec.DecodeError("wrong checksum")
            commands.append(decoder.decode(payload))
        except msgspec.DecodeError as error:
            number = len(commands) + 1
            raise SetupError(
                f"The command log {path} is broken at record {number} ({error}); "
                "restore it from a copy, or choose another --data-dir."
            ) from error
        at = end
    return commands, at
