"""A writer killed at any moment: every flush it reported is there, none is there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace
from fleet.storage.tables import LEDGER, SHIP_CARGO

KILLS = 50 if os.environ.get("FLEET_LONG") == "1" else 5

WRITERS = """
import os
import sys
import traceback

import psycopg2.extras
import sqlalchemy.dialects.postgresql.psycopg2
import sqlalchemy.dialects.sqlite.pysqlite
from fleet.protocol.rows import Append, Upsert
from fleet.storage.batch import Batch
from fleet.storage.engine import open_store
from fleet.storage.lease import acquire
from fleet.storage.namespaces import fresh_epoch, open_namespace

SHIP = dict(role="R", frame="F", nav_status="DOCKED", system="S", waypoint="W",
            flight_mode="CRUISE", arrival=None, fuel=1, fuel_capacity=1,
            cooldown_expiration=None, cargo_units=0, cargo_capacity=1, engine_speed=1,
            price_paid=None, origin=None, departure=None)


def write():
    store = open_store(sys.argv[1])
    namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    epoch = fresh_epoch(store, "writer", now=1.0)
    lease = acquire(store, f"writer {epoch}")
    store.write(Batch(namespace, [Upsert("ships", ("SHIP",), SHIP)]), lease)
    flush = 0
    while True:
        rows = [Append("ledger", f"{epoch}-{flush * 8 + part}",
                       dict(kind="request", delta=1, at=1.0)) for part in range(8)]
        rows += [Upsert("ship_cargo", ("SHIP", f"GOOD_{part}"), {"units": flush + 1})
                 for part in range(8)]
        batch = Batch(namespace, rows)
        store.write(batch, lease)
        store.write(batch, lease)
        print(os.getpid(), epoch, flush, flush=True)
        flush += 1


for _ in sys.stdin:
    writer = os.fork()
    if not writer:
        try:
            write()
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    status = os.waitpid(writer, 0)[1]
    print("ended", os.waitstatus_to_exitcode(status), flush=True)
"""


class Writers:
    """Starts one writer after the other; forked, since a new interpreter takes its time."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITERS, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run_and_kill(self, kill_after: int) -> tuple[int, int]:
        """Let a writer report some flushes, kill it in the middle of a later one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("next\n")
        self._process.stdin.flush()
        told: list[list[str]] = []
        for line in self._process.stdout:
            if line.startswith("ended"):
                assert line == f"ended {-signal.SIGKILL}\n"
                break
            told.append(line.split())
            if len(told) == kill_after:
                os.kill(int(told[-1][0]), signal.SIGKILL)
        _, epoch, flush = told[-1]
        return int(epoch), int(flush)

    def close(self) -> None:
        """End the process, with whatever writer runs."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def writers(copy_url: str) -> Iterator[Writers]:
    """Writers of one database, one at a time."""
    made = Writers(copy_url)
    yield made
    made.close()


def test_a_killed_writer_leaves_every_reported_flush_once(writers, copy_url, opened):
    chance = random.Random(7)
    reported = dict(writers.run_and_kill(chance.randint(1, 60)) for _ in range(KILLS))
    assert sorted(reported) == list(range(1, KILLS + 1))
    with opened(copy_url).reading() as connection:
        ids = connection.execute(LEDGER.select()).mappings().all()
        cargo = connection.execute(SHIP_CARGO.select()).mappings().all()
    for epoch, flush in reported.items():
        numbers = [int(row["id"].split("-")[1]) for row in ids if row["id"].startswith(f"{epoch}-")]
        assert sorted(numbers) == list(range(len(numbers)))
        # Whole flushes only; the one that was not reported may be there or not.
        assert len(numbers) in {8 * (flush + 1), 8 * (flush + 2)}
    assert len({row["units"] for row in cargo}) == 1
    assert len(ids) == len({row["seq"] for row in ids})


def test_a_database_survives_its_writers_and_takes_the_next(writers, copy_url, opened):
    writers.run_and_kill(3)
    store = opened(copy_url)
    assert acquire(store, "next").epoch == 2
    assert open_namespace(store, "AGENT", "2026-11-01", now=2.0).created_at == 1.0
