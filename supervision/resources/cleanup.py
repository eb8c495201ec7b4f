"""Gives back what a failed life held, and nothing that is another's."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from fleet.protocol.clock import Clock
from fleet.runtime.events import EventSink
from fleet.supervision.resources import texts
from fleet.supervision.resources.belongings import Belongings, Held, Kind, Owner
from fleet.supervision.resources.cooldown import Cooldown

Trigger = Literal["failure", "completion", "error", "shutdown", "manual"]

ORDER: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("rows", "rows.reset", texts.ROWS_RESET),
    ("pool", "pool.reset", texts.POOL_RESET),
    ("client", "client.reset", texts.CLIENT_RESET),
)


class Cleanup:
    """Cleans up after one owner at a time, in a thread that may wait for a disk."""

    def __init__(
        self, belongings: Belongings, events: EventSink, clock: Clock, *, cooldown: float
    ) -> None:
        """Collect garbage at most once in `cooldown` wall seconds: it holds everybody up."""
        self._belongings = belongings
        self._events = events
        self._clock = clock
        self._garbage = Cooldown(cooldown)

    def up_to(self, owner: Owner, trigger: Trigger) -> None:
        """Clean up after a life and all before it at the same address, which ended unheard."""
        for one in self._belongings.owners(owner.path, owner.incarnation):
            self.after(one, trigger)

    def after(self, owner: Owner, trigger: Trigger) -> bool:
        """Clean up after a life; says whether there was anything. Never raises."""
        held = self._belongings.take(owner)
        if held is None:
            return False
        self._tell("cleanup.started", texts.CLEANUP_STARTED, owner, trigger)
        for name in self._remove_files(held, owner):
            self._tell("file.removed", texts.temp_file_removed(name), owner, trigger)
        self._release(held, "rows", owner, trigger)
        self._release(held, "pool", owner, trigger)
        if self._garbage.lets("garbage", self._clock.monotonic()):
            gc.collect()
            self._tell("garbage.collected", texts.GARBAGE_COLLECTED, owner, trigger)
        self._release(held, "client", owner, trigger)
        self._tell("cleanup.completed", texts.CLEANUP_COMPLETED, owner, trigger)
        return True

    def _remove_files(self, held: Held, owner: Owner) -> Iterator[str]:
        folder = held.folder
        if folder is None:
            return
        names = sorted(path.name for path in _files(folder))
        shutil.rmtree(folder, onerror=lambda _, path, why: self._failed(owner, f"{path}: {why[1]}"))
        yield from (name for name in names if not (folder / name).exists())

    def _release(self, held: Held, kind: Kind, owner: Owner, trigger: Trigger) -> None:
        mine = [release for one, release in held.releases if one == kind]
        for release in mine:
            try:
                release()
            except Exception as failure:
                self._failed(owner, f"{kind}: {failure}")
        if mine:
            event, text = next((event, text) for one, event, text in ORDER if one == kind)
            self._tell(event, text, owner, trigger)

    def _failed(self, owner: Owner, reason: str) -> None:
        text = f"{owner.path} could not be cleaned up after: {reason}"
        named = {"actor": owner.path, "incarnation": owner.incarnation}
        self._events.emit("cleanup.failed", level="warning", text=text, reason=reason, **named)

    def _tell(self, event: str, text: str, owner: Owner, trigger: Trigger) -> None:
        self._events.emit(
            event,
            text=text,
            actor=owner.path,
            incarnation=owner.incarnation,
            trigger=trigger,
            scope="actor",
        )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else iter(())
