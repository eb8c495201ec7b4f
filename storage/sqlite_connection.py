"""A SQLite connection that another thread can end for good, between two of its statements."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

ENDED = "the connection was ended"
LOOK = 0.05
"""Wall seconds between two interrupts of a statement that doesn't end at once."""


class OwnedConnection(sqlite3.Connection):
    """Closes itself with its owner: a writer that crashed or was replaced can't do so any more.

    Nobody else may do it, since the half-dead owner's thread may be in a statement of it.
    """

    def __del__(self) -> None:
        # Since Python 3.13 one that is still open then is warned of.
        with suppress(sqlite3.Error):
            self.close()


class EndableConnection(OwnedConnection):
    """Rolls back on request of any thread, and takes no statement afterwards.

    Closing it instead would pull the statement away from under the thread that runs it, and
    a rollback alone would let a half-dead owner go on outside of its transaction.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.statement = threading.RLock()
        self.ended = False

    def cursor(self, factory: Any = None) -> Any:
        """Make a cursor whose statements can be ended."""
        return super().cursor(EndableCursor)

    def commit(self) -> None:
        """Commit, unless ended. Raises OperationalError."""
        with self.statement:
            self.check()
            super().commit()

    def check(self) -> None:
        """Refuse to go on once ended. Raises OperationalError."""
        if self.ended:
            raise sqlite3.OperationalError(ENDED)

    def end(self) -> None:
        """Stop what runs, roll back, and take no more; in any thread."""
        self.ended = True
        # Closed in the meantime: then nothing runs on it any more.
        with suppress(sqlite3.ProgrammingError):
            self.interrupt()
            while not self.statement.acquire(timeout=LOOK):
                self.interrupt()
            try:
                super().rollback()
            finally:
                self.statement.release()


class EndableCursor(sqlite3.Cursor):
    """Runs its statements under the connection's lock."""

    def execute(self, sql: str, parameters: Any = (), /) -> EndableCursor:
        """Run a statement, unless ended. Raises OperationalError."""
        owner: Any = self.connection
        with owner.statement:
            owner.check()
            super().execute(sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> EndableCursor:
        """Run a statement once per row, unless ended. Raises OperationalError."""
        owner: Any = self.connection
        with owner.statement:
            owner.check()
            super().executemany(sql, parameters)
        return self
