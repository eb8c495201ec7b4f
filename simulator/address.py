"""Where a running simulator of a folder can be reached: it leaves its address there."""

from __future__ import annotations

from pathlib import Path

NAME = "address"


def write_address(folder: Path, address: str) -> None:
    """Leave the address (`http://HOST:PORT`) in the folder. Raises OSError."""
    (folder / NAME).write_text(f"{address}\n")


def forget_address(folder: Path) -> None:
    """Take the address back. Raises OSError."""
    (folder / NAME).unlink(missing_ok=True)


def read_address(folder: Path) -> str | None:
    """Read the address that a simulator has left; after a kill it may be out of date."""
    try:
        return (folder / NAME).read_text().strip() or None
    except OSError:
        return None
