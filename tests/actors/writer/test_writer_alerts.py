"""Alerts: begun by an event, ended by another or by quiet, one row each."""

from __future__ import annotations

import pytest

from fleet.actors.writer_alerts import QUIET, RULES, Alerts, outlived
from fleet.protocol.rows import Upsert
from fleet.storage.resume import open_alerts

SHIP = {"actor": "/fleet/ships/A-1"}


class Told:
    """Alerts in virtual time, and the newest row of each."""

    def __init__(self, stage) -> None:
        self.stage = stage
        self.rows: dict[str, Upsert] = {}
        self.sent = 0
        self.alerts = Alerts(stage.events, stage.clock, self._send, epoch=7)

    def _send(self, row: Upsert) -> None:
        self.sent += 1
        self.rows[row.key[0]] = row

    def emit(self, event: str, level: str = "warning", **fields) -> None:
        self.alerts.emit(event, level=level, text=f"{event}!", **fields)

    def look(self) -> list[tuple[str, str, bool]]:
        """Tell rule, subject and whether it is open, of each alert so far."""
        self.alerts.look()
        rows = [row.values for row in self.rows.values()]
        return [(row["rule"], row["subject"], row["resolved_at"] is None) for row in rows]


@pytest.fixture
def told(virtual) -> Told:
    return Told(virtual)


def test_an_event_passes_on_at_once_and_becomes_a_row_when_somebody_looks(told, virtual):
    told.emit("actor.hung", "error", **SHIP, over_budget_ms=20, stack="s" * 5000)
    assert virtual.events.records("actor.hung")
    assert told.sent == 0
    assert told.look() == [("actor.hung", "/fleet/ships/A-1", True)]
    row = told.rows["7-1"].values
    assert (row["severity"], row["text"], row["raised_at"]) == (
        "error",
        "actor.hung!",
        virtual.clock.game(),
    )
    assert row["detail"] == {"times": 1, **SHIP, "over_budget_ms": 20}


@pytest.mark.parametrize(
    ("began", "ended"),
    [
        (("actor.hung", SHIP), ("recovery.succeeded", SHIP)),
        (
            ("child.quarantined", {"actor": "/fleet/ships", "child": "A-1"}),
            ("actor.restarted", {"actor": "/fleet/ships", "child": "A-1"}),
        ),
        (("breaker.opened", {"dependency": "api"}), ("breaker.closed", {"dependency": "api"})),
        (("database.failed", SHIP), ("database.recovered", SHIP)),
    ],
)
def test_it_is_open_until_the_event_that_ends_it_about_the_same_subject(
    told, virtual, began, ended
):
    told.emit(began[0], **began[1])
    told.emit(ended[0], actor="/somebody/else")
    ((rule, _, is_open),) = told.look()
    assert (rule, is_open) == (began[0], True)
    virtual.run(3.0)
    told.emit(ended[0], "info", **ended[1])
    assert [row[2] for row in told.look()] == [False]
    assert told.rows["7-1"].values["resolved_at"] == virtual.clock.game()
    told.emit(began[0], **began[1])
    assert [row[2] for row in told.look()] == [False, True]


def test_memory_that_is_short_is_one_alert_until_it_is_not(told):
    told.emit("pressure.changed", "warning", rss=1)
    told.emit("pressure.changed", "critical", rss=2)
    assert told.look() == [("pressure.changed", "runtime", True)]
    assert told.rows["7-1"].values["severity"] == "critical"
    assert told.rows["7-1"].values["detail"] == {"times": 2, "rss": 2}
    told.emit("pressure.changed", "info", rss=3)
    assert told.look() == [("pressure.changed", "runtime", False)]


def test_what_nothing_ends_is_over_when_it_was_not_repeated_for_a_while(told, virtual):
    told.emit("cpu.exceeded")
    told.look()
    virtual.run(QUIET - 1)
    told.emit("cpu.exceeded")
    told.look()
    virtual.run(QUIET - 1)
    assert [row[2] for row in told.look()] == [True]
    virtual.run(2.0)
    assert [row[2] for row in told.look()] == [False]
    sent = told.sent
    told.look()
    assert told.sent == sent


def test_other_events_make_no_row(told):
    told.emit("fleet.summarised")
    told.emit("actor.restarted", **SHIP)
    assert told.look() == []


def test_the_writer_stores_them_and_the_next_process_ends_what_it_finds_open(told, bench, control):
    for rule in RULES:
        told.emit(rule, subject=1, reason=None, share=0.5, odd=object())
    told.look()
    bench.tell(*told.rows.values())
    bench.stage.run(1.0)
    found = open_alerts(control.store, control.namespace)
    assert sorted(row.rule for row in found) == sorted(RULES)
    bench.tell(*outlived(found, 99.0))
    bench.stage.run(1.0)
    assert open_alerts(control.store, control.namespace) == ()
