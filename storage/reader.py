"""Reading beside the writer: connections of its own, which the database keeps from writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet.protocol.errors import SetupError
from fleet.storage import schema
from fleet.storage.busy import Busy
from fleet.storage.connections import CACHE, READERS, reading_engine
from fleet.storage.errors import StoreUnavailable, reason_of, unavailable
from fleet.storage.failures import Failures
from fleet.storage.location import Location, check_file, locate


class Source(Protocol):
    """Whatever can be read from: a Reader or a Store."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Begin a read-only transaction."""
        ...


class Reader:
    """Reads the database through at most a few read-only connections; any thread."""

    def __init__(
        self,
        location: Location,
        busy: Busy | None = None,
        *,
        keep: int = READERS,
        cache: int = CACHE,
    ) -> None:
        self.location = location
        self._busy = busy or Busy()
        self._failures = Failures()
        # SQLite would want to make files beside the database, to keep writers out.
        self._engine = reading_engine(
            location, self._busy, immutable=location.still, keep=keep, cache=cache
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a read-only transaction: all its queries see one state of the database.

        Raises StoreUnavailable; after three times in a row idle connections are thrown away.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            if self._failures.failed():
                self.reset()
            raise unavailable(error) from error
        else:
            self._failures.succeeded()

    def reset(self) -> None:
        """Throw idle connections away; those in use go when they are given back."""
        self._engine.dispose()

    def interrupt(self) -> int:
        """End every query that runs now; callable from any thread."""
        return self._busy.interrupt()

    def close(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()


def open_reader(url: str) -> Reader:
    """Open an up-to-date database for reading only.

    Raises UsageError for a URL that can't be used, SetupError for a database that isn't there,
    isn't the fleet's or needs an upgrade.
    """
    location = locate(url)
    if location.path and not check_file(location.path, create=False):
        raise SetupError(f"The database {location.shown} is empty; run `fleet db upgrade`.")
    reader = Reader(location)
    try:
        with reader.reading() as connection:
            state = schema.compare(schema.revision(connection))
    except StoreUnavailable as error:
        reader.close()
        raise SetupError(f"The database {location.shown} cannot be read: {error}.") from error
    if state is not schema.State.CURRENT:
        reader.close()
        what = "empty" if state is schema.State.EMPTY else "out of date"
        raise SetupError(f"The database {location.shown} is {what}; run `fleet db upgrade`.")
    return reader


def inspect_file(location: Location) -> schema.State:
    """Look at a SQLite file without changing it or making a file beside it.

    Raises SetupError if it isn't the fleet's database or a newer version's.
    """
    if location.path is None:
        raise ValueError("only a SQLite file can be inspected")
    # A log beside the file may hold the newest tables; without one the file is all there is.
    engine = reading_engine(location, Busy(), immutable=not location.log.exists())
    try:
        with engine.begin() as connection:
            return schema.compare(schema.revision(connection))
    except DBAPIError as error:
        raise SetupError(
            f"The database {location.shown} cannot be read: {reason_of(error.orig)}."
        ) from error
    finally:
        engine.dispose()
