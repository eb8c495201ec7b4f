"""What a running fleet asks of its database: transactions and connections, as the server counts."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from sqlalchemy.engine import make_url

from fleet.bench.figure import Figure, at_most
from fleet.bench.plan import Plan
from fleet.bench.storage_databases import SETTINGS
from fleet.bench.storage_server import PostgresqlServer, make_database, postgresql_server

BOOT = 120.0
"""Wall seconds that a fleet gets to send its first request on a busy machine."""

LOOK = 0.5
SPEED = 60

OURS = "fleet bench"
ACTIVITY = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s "
    f"AND backend_type = 'client backend' AND application_name <> '{OURS}'"
)
COMMITS = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
"""The next number of a transaction that writes, whoever's: those that only read get none."""

TRANSACTIONS = "SELECT xact_commit FROM pg_stat_database WHERE datname = %s"
REQUESTS = "SELECT count(*) FROM requests"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server counted while a fleet played."""

    seconds: float
    commits: int
    requests: int
    connections: int
    transactions: int = 0
    """With those that only read, and the server's own."""

    why: str = ""


def fleet_commits(plan: Plan) -> Iterator[Figure]:
    """Count the transactions of a fleet in scenario late."""
    seconds = 8.0 if plan.quick else 20.0
    with postgresql_server(SETTINGS) as server:
        plan.say(f"a fleet plays scenario late at speed {SPEED} for {seconds:g} s")
        seen = watch(server, "late", seconds, plan.folder)
    yield Figure(
        name=f"commits per second, scenario late, live limits, speed {SPEED}",
        value=seen.commits / seen.seconds if seen.seconds else None,
        unit="1/s",
        reach=at_most(4.5),
        why=seen.why,
    )
    yield Figure(
        name=f"commits per API request, scenario late, live limits, speed {SPEED}",
        value=seen.commits / seen.requests if seen.requests else None,
        unit="commits",
        reach=at_most(0.05),
        why=seen.why or ("" if seen.requests else "no request was sent"),
    )
    yield Figure(
        name=f"transactions per second with reading ones, late, live limits, speed {SPEED}",
        value=seen.transactions / seen.seconds if seen.seconds else None,
        unit="1/s",
        why=seen.why,
    )


def armada_connections(plan: Plan) -> Iterator[Figure]:
    """Count the connections of a fleet of a thousand ships."""
    seconds = 5.0 if plan.quick else 10.0
    with postgresql_server(SETTINGS) as server:
        plan.say(f"a fleet plays scenario armada at speed {SPEED} for {seconds:g} s")
        seen = watch(server, "armada", seconds, plan.folder)
    yield Figure(
        name=f"connections, scenario armada (1,000 ships), live limits, speed {SPEED}",
        value=seen.connections,
        unit="connections",
        reach=at_most(4),
        why=seen.why,
    )
    yield Figure(
        name=f"commits per second, scenario armada, live limits, speed {SPEED}",
        value=seen.commits / seen.seconds if seen.seconds else None,
        unit="1/s",
        reach=at_most(4.5),
        why=seen.why,
    )


def watch(server: PostgresqlServer, scenario: str, seconds: float, folder: Path) -> Seen:
    """Run a fleet until it has played for so long, and tell what the server counted."""
    url = make_database(server.url, scenario)
    command = [sys.executable, "-m", "fleet", "run", "--headless", "--speed", str(SPEED)]
    command += ["--scenario", scenario, "--seed", "1", "--database", url, "--ships", "1000"]
    command += ["--data-dir", str(folder / scenario)]
    with (folder / f"{scenario}.out").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        return _watch(server, scenario, seconds, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _watch(
    server: PostgresqlServer, name: str, seconds: float, process: subprocess.Popen[bytes]
) -> Seen:
    # From another database, so that looking is not counted.
    with closing(_connect(server, "postgres")) as outside:
        if not _await_requests(server, name, process):
            return Seen(0.0, 0, 0, 0, why=f"the fleet sent no request within {BOOT:g} s")
        # What a backend did at the start reaches the server's counters seconds later.
        threading.Event().wait(5.0)
        before, began = _ask(outside, COMMITS), time.perf_counter()
        read_before = _ask(outside, TRANSACTIONS, name)
        sent = _requests(server, name)
        most = 0
        while time.perf_counter() - began < seconds:
            most = max(most, _ask(outside, ACTIVITY, name))
            threading.Event().wait(LOOK)
        took = time.perf_counter() - began
        commits = _ask(outside, COMMITS) - before
        transactions = _ask(outside, TRANSACTIONS, name) - read_before
        requests = _requests(server, name) - sent
        why = "" if process.poll() is None else "the fleet ended too early"
        return Seen(took, commits, requests, most, transactions, why)


def _await_requests(server: PostgresqlServer, name: str, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(int(BOOT)):
        if process.poll() is not None:
            return False
        try:
            if _requests(server, name) > 0:
                return True
        except psycopg2.Error:
            # Its tables are not made yet.
            pass
        threading.Event().wait(1.0)
    return False


def _requests(server: PostgresqlServer, name: str) -> int:
    with closing(_connect(server, name)) as inside:
        return _ask(inside, REQUESTS)


def _connect(server: PostgresqlServer, name: str) -> Any:
    url = make_url(server.url)
    connection = psycopg2.connect(
        dbname=name, user=url.username, host=url.query["host"], application_name=OURS
    )
    connection.autocommit = True
    return connection


def _ask(connection: Any, query: str, *arguments: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        (found,) = cursor.fetchone()
    return int(found)
