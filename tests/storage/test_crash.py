"""A writer killed at any moment: every flush it reported is there, none is there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace
from fleet.storage.tables import LEDGER, SHIP_CARGO

KILLS = 50 if os.environ.get("FLEET_LONG") == "1" else 3

WRITER = """
import sys
from fleet.protocol.rows import Append, Upsert
from fleet.storage.batch import Batch
from fleet.storage.engine import open_store
from fleet.storage.lease import acquire
from fleet.storage.namespaces import fresh_epoch, open_namespace

store = open_store(sys.argv[1])
namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
epoch = fresh_epoch(store, "writer", now=1.0)
lease = acquire(store, f"writer {epoch}")
ship = dict(role="R", frame="F", nav_status="DOCKED", system="S", waypoint="W",
            flight_mode="CRUISE", arrival=None, fuel=1, fuel_capacity=1,
            cooldown_expiration=None, cargo_units=0, cargo_capacity=1, engine_speed=1,
            price_paid=None, origin=None, departure=None)
store.write(Batch(namespace, [Upsert("ships", ("SHIP",), ship)]), lease)
flush = 0
while True:
    rows = [Append("ledger", f"{epoch}-{flush * 8 + part}", dict(kind="request", delta=1, at=1.0))
            for part in range(8)]
    rows += [Upsert("ship_cargo", ("SHIP", f"GOOD_{part}"), {"units": flush + 1})
             for part in range(8)]
    batch = Batch(namespace, rows)
    store.write(batch, lease)
    store.write(batch, lease)
    print(epoch, flush, flush=True)
    flush += 1
"""


def _run_and_kill(url: str, kill_after: int) -> tuple[int, int]:
    """Let a writer report some flushes, kill it in the middle of a later one."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if len(lines) == kill_after:
            process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait(10) == -signal.SIGKILL
    epoch, flush = lines[-1].split()
    return int(epoch), int(flush)


def test_a_killed_writer_leaves_every_reported_flush_once(copy_url, opened):
    chance = random.Random(7)
    reported = dict(_run_and_kill(copy_url, chance.randint(1, 60)) for _ in range(KILLS))
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


@pytest.mark.parametrize("kills", [1])
def test_a_database_survives_its_writers_and_takes_the_next(copy_url, opened, kills):
    for _ in range(kills):
        _run_and_kill(copy_url, 3)
    store = opened(copy_url)
    assert acquire(store, "next").epoch == kills + 1
    assert open_namespace(store, "AGENT", "2026-11-01", now=2.0).created_at == 1.0
