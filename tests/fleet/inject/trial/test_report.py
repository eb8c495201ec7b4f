"""What the books hold becomes a verdict, the same on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from fleet.cli import _comparing as comparing
from fleet.inject.order import Order
from fleet.inject.trial.report import Report, report, stored
from fleet.inject.trial.shelf import rows as rows_of
from fleet.inject.trial.trial import Trial
from fleet.protocol.rows import Append, Row, Upsert
from fleet.storage.batch import Batch
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace

from .made import HOUR, plan

START = 36_000.0


@pytest.fixture(params=["sqlite_copy_url", "postgresql_shared_url"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Open a database in which an agent of one's own is empty."""
    made = open_store(request.getfixturevalue(request.param))
    yield made
    made.close()


def sale(ship: str, at: float, money: int, behaviour: str) -> Iterator[Row]:
    """Make the rows of one sale."""
    row_id = uuid.uuid4().hex
    told = {"ship": ship, "operation": "sell-cargo", "behaviour": behaviour}
    trade = {"type": "SELL", "ship": ship, "waypoint": "X1-A-M", "good": "ORE", "units": 1}
    asked = {"lane": 2, "queued_at": at, "sent_at": at, "answered_at": at, "outcome": "reply"}
    yield Append("requests", row_id, {**told, **asked})
    money_row = {"kind": "request", "good": "ORE", "units": 1, "delta": money, "at": at}
    yield Append("ledger", row_id, {**told, **money_row})
    yield Append("transactions", row_id, {**trade, "total_price": money, "at": at})


def played(turns: int) -> tuple[Trial, list[Row]]:
    """Play turns in which arm B sells for 300 more per turn."""
    trial = Trial("idea", plan(2, seed=1))
    trial.next(START)
    rows: list[Row] = []
    for _ in range(turns):
        turn = trial.turn
        assert turn is not None
        for place, one in enumerate(trial.plan.members):
            tried = trial.plan.arm(one, turn.number) == "B"
            name = "idea" if tried else "mine_and_sell"
            money = 1_000 + 7 * (turn.number % 3) + place + 300 * tried
            rows += sale(one.ship, turn.counted + 10.0, money, name)
            # In the wash-out, and so of no account.
            rows += sale(one.ship, turn.since + 10.0, 99_999, name)
        trial.next(turn.until)
    rows += sale("STRANGER", START + HOUR - 1.0, 99_999, "mine_and_sell")
    return trial, rows


def told(store: Store, turns: int, *, status: str = "running") -> Report:
    agent = f"AGENT-{uuid.uuid4().hex}"
    namespace = open_namespace(store, agent, "2026-11-01", now=1.0).id
    trial, rows = played(turns)
    order = Order(name="idea", file="/idea.py", source="", ab=trial.plan.terms, quota=150.0)
    result: dict[str, Any] = {"outcome": "", "spent": 0, "trial": trial.as_json()}
    values = {
        "status": status,
        "plan": msgspec.to_builtins(order),
        "result": result,
        "started_at": START,
        "ended_at": None,
    }
    rows.append(Upsert("experiments", ("idea",), values))
    rows.append(Upsert("experiments", ("other",), {**values, "result": None}))
    lease = acquire(store, "test", name=agent)
    assert store.write(Batch(namespace, rows), lease).rejected == ()
    [(found, row)] = rows_of(store, agent, "idea")
    assert found == namespace
    kept = stored("idea", row)
    assert kept is not None
    [(_, other)] = rows_of(store, agent, "other")
    assert stored("other", other) is None
    return report(store, namespace, kept)


def test_sales_of_counted_times_make_the_difference(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(store, 12)
    assert found.per_hour is not None
    # 300 credits in the three quarters of an hour that count, and a little luck.
    assert found.per_hour.difference == pytest.approx(400.0, abs=12.0)
    assert (found.decided, found.decided_at, found.turns) == (True, None, 12)
    a, b = found.arms
    assert (a.requests, b.requests, a.hours, b.hours) == (12, 12, 9.0, 9.0)
    assert found.per_request is not None
    assert found.per_request.difference == pytest.approx(300.0, abs=9.0)
    assert "more than A so far: 95 % interval" in found.sentence
    assert [doubt for doubt in found.doubts if "in 1 of 1 markets" in doubt]
    comparing.show(found)
    text = capsys.readouterr().out
    assert found.sentence in text
    assert found.doubts[0] in text
    assert "B idea" in text


def test_what_is_not_decided_yet_has_a_time(store: Store) -> None:
    found = told(store, 3)
    assert not found.decided
    assert found.decided_at == START + 8 * HOUR
    assert found.until == START + 3 * HOUR
    assert "takes 5h 00m of game time, from the last turn" in found.sentence
    assert "takes" not in told(store, 3, status="ended").sentence
    before = told(store, 0)
    assert (before.turns, before.per_hour, before.doubts) == (0, None, ())
    assert "too little" in before.sentence
