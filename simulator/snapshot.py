"""Snapshots: the whole world in one file, replaced as a whole or not at all."""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import msgspec

from fleet.protocol.clock import GameTime
from fleet.protocol.errors import SetupError
from fleet.simulator.world.world import World

MAGIC = b"FLEETSIM"
FORMAT = 1
HEAD = struct.Struct("<8sII")
"""Magic, format, checksum of the rest."""


class Snapshot(msgspec.Struct, frozen=True):
    """A world at a moment, and the number of the log that goes on from it."""

    epoch: int
    game: GameTime
    world: World
    key: bytes = b""
    """Signs the tokens; only in exported files, a folder has it beside the snapshot."""


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Replace the snapshot. Raises OSError; then the old one is untouched.

    Only when its folder was synced, too, does it outlast a failing machine.
    """
    payload = msgspec.msgpack.encode(snapshot)
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(HEAD.pack(MAGIC, FORMAT, zlib.crc32(payload)) + payload)
            file.flush()
            # The log that leads here is deleted next, so this file must not get lost.
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        # Half a snapshot on a full disk would take the room that the log needs to go on.
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Have a folder's entries outlast a failing machine. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_snapshot(path: Path, otherwise: str = "choose another --data-dir") -> Snapshot | None:
    """Read the snapshot; None if there is none. Raises SetupError, the file stays as it is.

    `otherwise` is what the user can do about a file that is no use.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(content) < HEAD.size or not content.startswith(MAGIC):
        raise SetupError(f"{path} is not a snapshot of a world; {otherwise}.")
    _, version, checksum = HEAD.unpack_from(content)
    if version > FORMAT:
        raise SetupError(
            f"The snapshot {path} was written by a newer fleet (format {version}, this one reads "
            f"up to {FORMAT}); update fleet, or {otherwise}."
        )
    payload = content[HEAD.size :]
    try:
        if zlib.crc32(payload) != checksum:
            raise msgspec.DecodeError("wrong checksum")
        return msgspec.msgpack.decode(payload, type=Snapshot)
    except msgspec.DecodeError as error:
        raise SetupError(
            f"The snapshot {path} is broken ({error}); restore it from a copy, or {otherwise}."
        ) from error
