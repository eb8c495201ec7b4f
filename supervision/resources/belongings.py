"""What each life of an actor holds outside itself: temporary files, connections, rows in work."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = Literal["rows", "pool", "client"]
"""rows: set back what is being worked on; pool: close database connections; client: HTTP ones."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One life: nothing of an earlier or later one at the same address is its own."""

    path: str
    incarnation: int


@dataclass(slots=True)
class Held:
    """What one life holds."""

    folder: Path | None = None
    releases: list[tuple[Kind, Callable[[], object]]] = field(default_factory=list)


class Belongings:
    """A register by owner; callable from any thread."""

    def __init__(self, folder: Path) -> None:
        """Keep temporary files below a folder that nobody else uses; made when it is needed."""
        self._folder = folder
        self._held: dict[Owner, Held] = {}
        self._lock = threading.Lock()

    def temp_folder(self, owner: Owner) -> Path:
        """Make the owner's own folder for temporary files. Raises OSError."""
        name = re.sub(r"[^\w.-]+", "_", owner.path).strip("_")
        folder = self._folder / f"{name}#{owner.incarnation}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock:
            self._held.setdefault(owner, Held()).folder = folder
        return folder

    def keep(self, owner: Owner, kind: Kind, release: Callable[[], object]) -> None:
        """Remember what gives something back when the owner fails; it may be called twice."""
        with self._lock:
            self._held.setdefault(owner, Held()).releases.append((kind, release))

    def take(self, owner: Owner) -> Held | None:
        """Take over all that an owner held; None if that was nothing."""
        with self._lock:
            return self._held.pop(owner, None)

    def owners(self, path: str, up_to: int | None = None) -> list[Owner]:
        """List the lives at a path that hold something, oldest first, up to an incarnation."""
        with self._lock:
            mine = [owner for owner in self._held if owner.path == path]
        found = (owner for owner in mine if up_to is None or owner.incarnation <= up_to)
        return sorted(found, key=lambda owner: owner.incarnation)
