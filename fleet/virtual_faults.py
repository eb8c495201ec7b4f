"""The faults of `fleet chaos` on a fleet in virtual time: the same words, and no time of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from fleet.chaos_script import Strike
from fleet.host.faults import API_FAULTS, DATABASE_DOWN, actors_named, order_of, tell_fault
from fleet.protocol.errors import UsageError
from fleet.runtime.chaos import KINDS, LEAK, Misbehave, Poison
from fleet.storage.engine import Store
from fleet.storage.errors import IN_USE, StoreUnavailable
from fleet.storage.location import Location

if TYPE_CHECKING:
    from fleet.virtual_fleet import VirtualFleet


class LockedStore(Store):
    """A store that finds its database locked while somebody says so, without waiting for it."""

    def __init__(self, location: Location, is_locked: Callable[[], bool]) -> None:
        """Use a database whose tables are up to date."""
        super().__init__(location, durable=False)
        self._is_locked = is_locked

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Begin a transaction. Raises StoreUnavailable while the database is locked."""
        if self._is_locked():
            raise StoreUnavailable(IN_USE)
        with super().transaction() as connection:
            yield connection


def strike(
    fleet: VirtualFleet,
    kind: str,
    address: str = "",
    *,
    seconds: float = 60.0,
    size: int = LEAK,
    share: float = 1.0,
    count: int | None = None,
) -> None:
    """Begin what `fleet chaos KIND ADDRESS` begins, for virtual seconds. Raises UsageError."""
    if kind in KINDS:
        fault: Any = Misbehave(kind, seconds, size) if kind != "poison" else Poison()  # type: ignore[arg-type]
        for path in actors_named(fleet.system, address):
            tell_fault(fleet.system.events, kind, path, seconds)
            fleet.system.address(path).tell(fault)
    elif kind == DATABASE_DOWN:
        tell_fault(fleet.system.events, kind, "", seconds)
        fleet.lock_database(seconds)
    elif kind in API_FAULTS:
        tell_fault(fleet.system.events, kind, "", seconds)
        fleet.universe.transport().send(order_of(kind, seconds, share, count))
    else:
        known = ", ".join((*KINDS, DATABASE_DOWN, *API_FAULTS))
        raise UsageError(f"Chaos can {known}; not {kind}.")


def play(fleet: VirtualFleet, strikes: Iterable[Strike], *, seed: int = 0) -> None:
    """Let time pass and strike, as `fleet chaos --script` does. Raises UsageError."""
    began = fleet.clock.now
    for one in strikes:
        fleet.dispatcher.run_until(began + one.at)
        paths = [cell.address.path for cell in fleet.system.cells() if not cell.closed]
        for arguments in one.aimed(paths, seed):
            strike(fleet, **arguments)
