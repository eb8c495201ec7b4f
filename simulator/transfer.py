"""Takes a world out of its folder as one file, and puts such a file into another folder."""

from __future__ import annotations

import os
from pathlib import Path

from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.catalogue import Catalogue
from fleet.simulator.keeper import Keeper
from fleet.simulator.opening import caught_up
from fleet.simulator.snapshot import Snapshot, read_snapshot, sync_folder, write_snapshot


def export_world(folder: Path, file: Path) -> str:
    """Write the world of a folder into one file, with the key of its tokens; tell its digest.

    No simulator may run on the folder. Raises SetupError.
    """
    if not (folder / "world").exists():
        raise SetupError(f"{folder} holds no world; give the --data-dir of one.")
    keeper = Keeper.open(folder)
    try:
        key = keeper.key()
        world, commands, last = keeper.load()
        if world is None:
            raise SetupError(f"{folder} holds no world; give the --data-dir of one.")
        simulator = caught_up(world, commands, last, Catalogue(), key)
        write(file, Snapshot(0, last, simulator.galaxy.stored(), key))
        return simulator.state_hash()
    finally:
        keeper.close()


def write(file: Path, snapshot: Snapshot) -> None:
    """Write an exported file, readable by its owner alone. Raises SetupError."""
    try:
        write_snapshot(file, snapshot)
        sync_folder(file.parent)
        file.chmod(0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SetupError(f"The file {file} can't be written ({reason}); choose another.") from error


def import_world(file: Path, folder: Path) -> str:
    """Put an exported world into a folder that has none yet; tell its digest.

    Raises SetupError or UsageError; then the folder is as it was.
    """
    snapshot = read_snapshot(file, "give a file that `fleet sim export` wrote")
    if snapshot is None:
        raise SetupError(f"There is no file {file}; give one that `fleet sim export` wrote.")
    if not snapshot.key:
        raise SetupError(f"{file} has no key; give a file that `fleet sim export` wrote.")
    if (folder / "world").exists():
        raise UsageError(f"{folder} holds a world already; choose another --data-dir.")
    keeper = Keeper.open(folder)
    try:
        put_key(folder / "key", snapshot.key)
        keeper.save(snapshot.world, snapshot.game)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SetupError(f"The folder {folder} can't be written ({reason}).") from error
    finally:
        keeper.close()
    return snapshot.world.state_hash()


def put_key(path: Path, key: bytes) -> None:
    """Write the key that signs the tokens. Raises OSError."""
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, key)
    finally:
        os.close(file)
