"""What `fleet doctor` looks at on this machine: each look makes one line."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Literal

import msgspec

from fleet import sizes
from fleet.config import Config
from fleet.control.client import ControlClient, NotRunning
from fleet.durations import show_duration
from fleet.protocol.errors import FleetError
from fleet.sources import variable_of
from fleet.status import Status

State = Literal["ok", "warn", "fail"]

OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)
"""The newest Python that the tests run on."""

LITTLE_SPACE = 1 << 30
NO_SPACE = 100 << 20
"""Bytes: a day of a large fleet's events and logs takes some hundred MiB."""


class Check(msgspec.Struct, frozen=True):
    """What one look found."""

    name: str
    state: State
    text: str
    """What is so."""

    remedy: str = ""
    """What to do, unless it is ok."""


def python_version(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Look at the interpreter."""
    shown = ".".join(map(str, version))
    if version[:2] < OLDEST_PYTHON:
        return Check("python", "fail", f"Python {shown} is too old", "install Python 3.11 or later")
    if version[:2] > NEWEST_PYTHON:
        remedy = "use Python 3.11 to 3.13 if something fails"
        return Check("python", "warn", f"Python {shown} is untried", remedy)
    return Check("python", "ok", f"Python {shown}")


def configuration(config: Config | FleetError, file: Path | None, env: Mapping[str, str]) -> Check:
    """Look at where settings come from."""
    if isinstance(config, FleetError):
        return Check("configuration", "fail", "it cannot be used", str(config))
    names = {variable_of(field.name) for field in fields(Config)} & set(env)
    named = [str(file)] if file else []
    sources = [*named, *sorted(names)]
    shown = ", ".join(sources) if sources else "no file and no variables; all defaults"
    return Check("configuration", "ok", shown)


def data_dir(folder: Path) -> Iterator[Check]:
    """Look at the data folder, whether it can be written and who has it."""
    base = _existing(folder)
    if not base.is_dir():
        yield Check("data folder", "fail", f"{base} is no folder", "choose another --data-dir")
        return
    if not os.access(base, os.R_OK | os.W_OK | os.X_OK):
        remedy = "change its rights, or choose another --data-dir"
        yield Check("data folder", "fail", f"{base} cannot be written", remedy)
        return
    made = "" if base == folder else " (will be made)"
    yield Check("data folder", "ok", f"{folder}{made}")
    yield _lock(folder)
    yield _space(base, shutil.disk_usage(base).free)


def _existing(path: Path) -> Path:
    """Find the nearest thing on the way to a path that is there."""
    return next(one for one in (path, *path.parents) if one.exists())


def _lock(folder: Path) -> Check:
    from fleet.supervision.guard.data_lock import LOCK_NAME

    try:
        with (folder / LOCK_NAME).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = (folder / LOCK_NAME).read_text(errors="replace").strip()
        return Check("lock", "ok", f"held by process {holder}")
    except FileNotFoundError:
        return Check("lock", "ok", "free")
    except OSError as error:
        return Check("lock", "fail", f"cannot be read: {error.strerror}", "change its rights")
    return Check("lock", "ok", "free (left by a fleet that was killed)")


def _space(folder: Path, free: int) -> Check:
    state: State = "fail" if free < NO_SPACE else "warn" if free < LITTLE_SPACE else "ok"
    remedy = "" if state == "ok" else "free some, or choose a --data-dir on another disk"
    return Check("disk", state, f"{sizes.show_size(free)} free at {folder}", remedy)


def database(config: Config) -> Check:
    """Look whether the database can be opened and has the tables of this version."""
    from fleet.storage.location import locate
    from fleet.storage.reader import open_reader
    from fleet.storage.schema import HEAD

    try:
        location = locate(config.database_url)
        if location.path and not location.path.exists():
            return Check("database", "ok", f"{location.shown} (will be made)")
        open_reader(config.database_url).close()
    except FleetError as error:
        remedy = "see `fleet db --help`, or choose another --database"
        return Check("database", "fail", str(error).rstrip("."), remedy)
    return Check("database", "ok", f"{location.shown} has schema {HEAD}")


def control_socket(folder: Path, ask: Callable[[], Status] | None = None) -> Check:
    """Look whether a fleet runs on the folder, and whether it answers."""
    try:
        status = ask() if ask else ControlClient(folder).call_for(Status, "status", timeout=3.0)
    except NotRunning:
        return Check("control socket", "ok", "no fleet runs here")
    except FleetError as error:
        remedy = "see `fleet tail`; if it stays so, stop the fleet and start it again"
        return Check("control socket", "fail", str(error).rstrip("."), remedy)
    process = status.process
    up = show_duration(process.uptime_s)
    return Check("control socket", "ok", f"a fleet answers: process {process.pid}, up {up}")
