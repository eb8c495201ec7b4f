"""The database of a command that only reads: what it can't do is one sentence with its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from fleet.protocol.errors import SetupError

if TYPE_CHECKING:
    from fleet.storage.reader import Reader


@contextmanager
def reading(url: str) -> Iterator[Reader]:
    """Open a database for reading, and close it. Raises UsageError or SetupError."""
    # SQLAlchemy takes longer to import than `--help` may take.
    from fleet.storage.errors import StoreUnavailable
    from fleet.storage.reader import open_reader

    with closing(open_reader(url)) as reader:
        try:
            yield reader
        except StoreUnavailable as error:
            shown = reader.location.shown
            raise SetupError(f"The database {shown} cannot be read: {error}.") from error
