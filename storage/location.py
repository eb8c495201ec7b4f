"""Where the database is: a URL read once, checked before anything on disk is touched."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from fleet.protocol.errors import SetupError, UsageError

FILE_NAME = "fleet.sqlite"
POSTGRESQL = "postgresql+psycopg2"
POSTGRESQL_PORT = 5432


@dataclass(frozen=True, slots=True)
class Location:
    """A database that the fleet can use: a SQLite file or a PostgreSQL server's database."""

    url: URL
    path: Path | None
    """The SQLite file; None for PostgreSQL."""

    @property
    def log(self) -> Path:
        """The SQLite file's write-ahead log; there while somebody has the database open."""
        return Path(f"{self.path}-wal")

    @property
    def still(self) -> bool:
        """Whether the SQLite file lies where nobody can write: a read-only folder or medium."""
        path = self.path
        return path is not None and not (os.access(path.parent, os.W_OK) or self.log.exists())

    @property
    def file(self) -> tuple[int, int] | None:
        """The device and number of the SQLite file; None where there is none."""
        try:
            found = self.path.stat() if self.path else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found else None

    @property
    def shown(self) -> str:
        """The address as messages name it: without the password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    @property
    def identity(self) -> str:
        """The database itself, however its address is spelled, and whoever logs in."""
        if self.path:
            return str(self.path.resolve())
        url = self.url
        hosts, ports = (url.query.get(name) for name in ("host", "port"))
        host = (url.host or "").lower() or hosts or "localhost"
        return f"{host}:{url.port or ports or POSTGRESQL_PORT}/{url.database or url.username}"


def default_url(data_dir: Path) -> str:
    """Name the database that is used when none is given."""
    path = str(data_dir / FILE_NAME)
    # A folder's name may hold what means something in a URL.
    return URL.create("sqlite", database=path).render_as_string()


def locate(url: str) -> Location:
    """Read a database URL. Raises UsageError for one that the fleet can't use."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(
            f"'{_without_password(url)}' is not a database URL; write sqlite:///PATH or "
            f"{POSTGRESQL}://USER@HOST/DATABASE."
        ) from None
    if read.drivername in ("postgres", "postgresql"):
        # SQLAlchemy 2.1 would take these for psycopg 3, which the fleet does not use.
        read = read.set(drivername=POSTGRESQL)
    if read.drivername == POSTGRESQL:
        return Location(read, None)
    if read.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise UsageError(
            f"The fleet cannot use a '{read.drivername}' database; write sqlite:///PATH or "
            f"{POSTGRESQL}://USER@HOST/DATABASE."
        )
    path = _sqlite_path(read)
    if not (read.database or "").startswith("file:"):
        read = read.set(database=str(path))
    return Location(read, path)


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"***@{tail}" if head and at else url


def _sqlite_path(url: URL) -> Path:
    name = url.database or ""
    if name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    if name in ("", ":memory:"):
        raise UsageError(
            "The fleet's readers cannot see a database in memory; name a file: sqlite:///PATH."
        )
    return Path(name).absolute()


def check_file(path: Path, *, create: bool) -> bool:
    """Tell whether the SQLite file holds anything yet. Raises SetupError if it can't be used."""
    if path.is_dir():
        raise SetupError(f"{path} is a folder, not a database file; choose another --database.")
    if path.exists():
        return _has_content(path)
    if not create:
        raise SetupError(f"There is no database at {path}; `fleet db upgrade` makes one.")
    if not path.parent.is_dir():
        raise SetupError(f"The folder {path.parent} does not exist; create it first.")
    if not os.access(path.parent, os.W_OK):
        raise SetupError(f"The folder {path.parent} is read-only; choose another --database.")
    return False


def _has_content(path: Path) -> bool:
    # Never to be opened and closed: that ends all locks that this process has on the file, which
    # SQLite believes in still (fcntl, POSIX). The next program that was done with it took itself
    # for the last one then, and deleted the log that the fleet went on writing to.
    try:
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return path.stat().st_size > 0
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.") from None
