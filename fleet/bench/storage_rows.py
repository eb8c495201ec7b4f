"""Rows as a fleet writes them, in any number and never the same twice."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.protocol.rows import Append, Row, Upsert


def ship(number: int, change: int) -> Upsert:
    """Make the row of a ship; another `change` gives other values."""
    values = {
        "role": "EXCAVATOR",
        "frame": "FRAME_MINER",
        "nav_status": "IN_ORBIT" if change % 2 else "DOCKED",
        "system": "X1-AB12",
        "waypoint": f"X1-AB12-C{change % 90}D",
        "flight_mode": "CRUISE",
        "arrival": 1_782_000_000.25 + change,
        "fuel": change % 400,
        "fuel_capacity": 400,
        "cooldown_expiration": None if change % 3 else 1_782_000_070.5 + change,
        "cargo_units": change % 41,
        "cargo_capacity": 40,
        "engine_speed": 9,
        "price_paid": None,
        "origin": f"X1-AB12-A{change % 70}",
        "departure": 1_782_000_000.5 + change,
    }
    return Upsert("ships", (f"BENCH-{number:X}",), values)


def upserts(ships: int) -> Iterator[Upsert]:
    """Make changed rows of so many ships, in turns and for ever."""
    change = 0
    while True:
        for number in range(ships):
            yield ship(number, change)
        change += 1


def ledger(number: int, epoch: int = 1) -> Append:
    """Make a row of the ledger."""
    values = {
        "kind": "request",
        "request_id": f"{epoch}-{number}",
        "ship": f"BENCH-{number % 100:X}",
        "operation": "sell-cargo",
        "good": "IRON_ORE",
        "units": 10,
        "delta": 1 + number % 7,
        "credits_after": 1_000 + number,
        "behaviour": "mine_and_sell",
        "at": 1_782_000_000.0 + number,
    }
    return Append("ledger", f"{epoch}-{number}", values)


def request(number: int, epoch: int = 1) -> Append:
    """Make the row of a request."""
    queued = 1_782_000_000.0 + number / 2
    values = {
        "ship": f"BENCH-{number % 100:X}",
        "operation": "navigate-ship",
        "lane": number % 5,
        "queued_at": queued,
        "sent_at": queued + 1.5,
        "answered_at": queued + 1.75,
        "wait": 1.5,
        "duration": 0.25,
        "status": 200,
        "outcome": "reply",
        "behaviour": "mine_and_sell",
    }
    return Append("requests", f"{epoch}-{number}", values)


def mixed(count: int, first: int = 0) -> Iterator[Row]:
    """Make what a fleet of a thousand ships writes: half states, half records."""
    for number in range(first, first + count):
        match number % 4:
            case 0:
                yield request(number)
            case 1:
                yield ledger(number)
            case _:
                yield ship(number % 1_000, number)
