"""Looks at the files that a run is told of, before anything is started or moved."""

from __future__ import annotations

from pathlib import Path

from fleet.config import Config
from fleet.protocol.errors import UsageError


def check_files(config: Config) -> None:
    """Raise UsageError for a script that can't be injected, or a file that must not be replaced."""
    if config.inject is not None:
        _check_script(config.inject)
    if config.record is not None:
        _check_recording(config.record)
    elif config.record_last is not None:
        raise UsageError(
            "--record-last bounds a recording, but nothing is recorded; give --record FILE, too."
        )


def _check_script(script: Path) -> None:
    # These take a moment to import, and most runs have no script.
    from fleet.inject.order import order_for, refuse_taken
    from fleet.inject.script import compiled

    order = order_for(script)
    order.check()
    refuse_taken(order.name)
    compiled(order.source, order.file)


def _check_recording(path: Path) -> None:
    """See that nothing but an earlier recording is set aside for the new one."""
    from fleet.runtime.recording_frames import Header, read_frames

    try:
        with path.open("rb") as file:
            first = next(read_frames(file), None)
            empty = not file.tell()
    except FileNotFoundError:
        return
    except OSError as failure:
        raise UsageError(f"{path} cannot be read: {failure.strerror}; record elsewhere.") from None
    if not empty and not isinstance(first, Header):
        raise UsageError(
            f"{path} is there already and is no recording, so it is left alone; give --record "
            "another file."
        )
