"""`fleet report`: tables, CSV, JSON, charts, and what it refuses."""

from __future__ import annotations

import csv
import io
import json

import pytest

from fleet.cli import main
from fleet.protocol.rows import Append
from fleet.storage.batch import Batch
from fleet.storage.engine import open_store
from fleet.storage.lease import acquire
from fleet.storage.namespaces import open_namespace


@pytest.fixture
def report(tmp_path, monkeypatch, capsys):
    """Run the command on a database with three hours of requests."""
    monkeypatch.chdir(tmp_path)
    store = open_store(f"sqlite:///{tmp_path}/fleet.sqlite")
    namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    rows = []
    for n in range(30):
        at = 36_000.0 + n * 360
        times = {"queued_at": at, "sent_at": at + n, "answered_at": at + n, "wait": float(n)}
        names = {"ship": f"S-{n % 3}", "operation": "sell-cargo", "lane": 2, "outcome": "reply"}
        rows.append(Append("requests", f"1-{n}", {**times, **names, "duration": 0.25}))
        money = {"kind": "request", "ship": f"S-{n % 3}", "delta": 10 * (n % 3) - 5, "at": at}
        rows.append(Append("ledger", f"1-{n}", money))
        trade = {"type": "SELL", "good": f"G-{n % 2}", "units": 2, "total_price": 50, "at": at}
        rows.append(Append("transactions", f"1-{n}", trade))
    lease = acquire(store, "test")
    store.write(Batch(namespace, rows), lease)
    older = open_namespace(store, "AGENT", "2026-10-01", now=0.5).id
    money = {"kind": "request", "ship": "OLD-1", "delta": 77, "at": 1.0}
    store.write(Batch(older, [Append("ledger", "1-1", money)]), lease)
    store.close()

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            main(["report", *words, "--data-dir", str(tmp_path)])
        output = capsys.readouterr()
        return exit_.value.code, output.out, output.err

    return run


def test_without_a_name_it_is_the_hourly_one(report):
    status, out, err = report()
    assert (status, err) == (0, "")
    assert "CPH" in out.splitlines()[1]
    assert len(out.splitlines()) == 5


@pytest.mark.parametrize(("name", "lines"), [("ships", 4), ("goods", 3), ("saturation", 4)])
def test_each_report_comes_as_csv_with_one_line_per_row(report, name, lines):
    status, out, _ = report(name, "--csv")
    found = list(csv.reader(io.StringIO(out)))
    assert status == 0
    assert len(found) == lines
    assert all(len(row) == len(found[0]) for row in found)


def test_since_counts_from_the_newest_request(report):
    rows = json.loads(report("hourly", "--since", "30m", "--bucket", "10m", "--json")[1])["rows"]
    assert sum(row["requests"] for row in rows) == 6


def test_an_older_reset_stays_readable(report):
    told = json.loads(report("ships", "--reset", "2026-10-01", "--json")[1])
    assert [(row["ship"], row["delta"]) for row in told["rows"]] == [("OLD-1", 77)]


@pytest.mark.parametrize("name", ["hourly", "ships", "goods", "saturation"])
def test_each_report_can_be_drawn(report, tmp_path, name):
    chart = tmp_path / f"{name}.png"
    status, _, err = report(name, "--plot", str(chart))
    assert (status, err) == (0, "")
    assert chart.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["weekly"], "There is no report 'weekly'; there are hourly, ships, goods, saturation."),
        (["--since", "soon"], "--since is 'soon'; give a time such as"),
        (["--bucket", "0"], "--bucket is '0'; give a time such as"),
        (["--reset", "2025-01-01"], "no reset of 2025-01-01; it has 2026-10-01, 2026-11-01."),
        (["--agent", "NOBODY"], "The database holds nothing of NOBODY yet"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(report, words, sentence):
    status, out, err = report(*words)
    assert (status, out) == (2, "")
    assert sentence in err


def test_a_chart_that_cannot_be_written_is_one_sentence(report, tmp_path):
    status, _, err = report("ships", "--plot", str(tmp_path / "nowhere" / "x.png"))
    assert status == 1
    assert "cannot be written" in err
