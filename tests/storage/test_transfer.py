"""Moving a database: whatever is in one is in the other, and nothing half."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from fleet.protocol.errors import SetupError, UsageError
from fleet.storage.batch import Batch
from fleet.storage.columns import METADATA
from fleet.storage.lease import acquire
from fleet.storage.ledger import opening
from fleet.storage.namespaces import fresh_epoch, open_namespace
from fleet.storage.prune import prune
from fleet.storage.reader import open_reader
from fleet.storage.transfer import counts, export, import_

TWICE = (
    b'{"table": "process_epochs", "columns": ["epoch", "owner", "started_at"]}',
    b'[1, "runtime", 1.0]',
    b'[1, "runtime", 1.0]',
)
NASTY = "tab\tline\nback\\slash \\N None 'quote' ünï 🚀"


@pytest.fixture
def filled(copy_url, opened, samples):
    store = opened(copy_url)
    namespace = open_namespace(store, "AGENT", "2026-11-01", now=1.0).id
    fresh_epoch(store, "runtime", now=1.0)
    rows = [
        opening(10**12, row_id="1-0", at=1.0),
        samples.ship("S-1", arrival=0.1 + 0.2, waypoint=NASTY),
        samples.cargo("S-1", "IRON", 5),
        samples.assignment("S-1", "mine", {"text": [NASTY, None, 1.5]}),
        samples.market("X1-A-B"),
        samples.good("X1-A-B", "IRON"),
        *(samples.event(f"1-{n}", "S-1", at=float(n)) for n in range(1500)),
    ]
    assert store.write(Batch(namespace, rows), acquire(store, "test")).rejected == ()
    return store


def _all(store):
    with store.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select()).all()))
            for table in METADATA.sorted_tables
            if table.name != "writer_lease"
        }


@pytest.mark.parametrize("target", ["sqlite_url", "postgresql_url"])
def test_a_moved_database_is_the_same(filled, opened, request, target, tmp_path):
    lines = list(export(filled))
    url = request.getfixturevalue(target)
    if url == f"sqlite:///{tmp_path / 'fleet.sqlite'}":
        url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    other = opened(url)
    found = import_(other, lines)
    assert found["events"] == 1500
    assert _all(other) == _all(filled)
    with other.reading() as connection:
        assert counts(connection) == found


def test_a_moved_database_goes_on_counting(filled, opened, postgresql_url, samples):
    other = opened(postgresql_url)
    import_(other, export(filled))
    known = open_namespace(other, "AGENT", "2026-11-01", now=9.0).id
    assert open_namespace(other, "AGENT", "2026-12-01", now=9.0).id > known
    assert fresh_epoch(other, "runtime", now=9.0) == 2
    row = samples.event("2-1", "S-2", at=1.0)
    assert other.write(Batch(known, [row]), acquire(other, "next")).rejected == ()


def test_what_is_cut_off_is_refused_and_nothing_is_imported(filled, opened, postgresql_url):
    other = opened(postgresql_url)
    lines = list(export(filled))
    with pytest.raises(SetupError, match="not complete: other rows in"):
        import_(other, lines[:-3])
    with other.reading() as connection:
        assert not any(counts(connection).values())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda lines: [b"shopping list"], "not an export of a fleet"),
        (lambda lines: [], "not an export of a fleet"),
        (lambda lines: [lines[0].replace(b'"000', b'"999'), *lines[1:]], "has schema 999"),
        (lambda lines: [*lines[:5], b"{oops", *lines[5:]], "damaged"),
        (lambda lines: [lines[0], b'{"table": "songs", "columns": []}'], "unknown table 'songs'"),
        (lambda lines: [b"\xff\xfe", *lines[1:]], "not an export of a fleet"),
        (lambda lines: [*lines[:5], b'"\xff"', *lines[5:]], "damaged"),
        (lambda lines: [lines[0], b"[1, 2]", *lines[1:]], "no row of its table"),
        (lambda lines: [*lines[:2], b"[1, 2]", *lines[2:]], "no row of its table"),
        (lambda lines: [*lines[:2], b"7", *lines[2:]], "no row of its table"),
        (lambda lines: [lines[0], *TWICE, *lines[1:]], "process_epochs takes no such row"),
    ],
)
def test_something_else_is_refused_with_a_sentence(opened, sqlite_url, change, sentence):
    store = opened(sqlite_url)
    lines = list(export(store))
    with pytest.raises(UsageError, match=sentence):
        import_(store, change(lines))


def test_a_database_with_rows_is_not_imported_into(filled):
    with pytest.raises(SetupError, match="holds rows already"):
        import_(filled, list(export(filled)))


UNHURRIED = """
CREATE FUNCTION unhurried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('statement_timeout') <> '0'
        OR coalesce(current_setting('transaction_timeout', true), '0') <> '0' THEN
        RAISE EXCEPTION 'a limit holds';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER unhurried BEFORE INSERT OR DELETE ON events
FOR EACH ROW EXECUTE FUNCTION unhurried();
"""


def test_no_limit_of_the_server_ends_what_a_person_waits_for(
    filled, opened, postgresql_url, samples
):
    other = opened(postgresql_url)
    with other.transaction() as connection:
        connection.exec_driver_sql(UNHURRIED)
    assert import_(other, export(filled))["events"] == 1500
    assert prune(other, resets=None, records=0.0).rows["events"] == 1
    with other.transaction() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "30s"


def test_an_export_takes_its_time_and_waits_for_locks_no_longer_than_others(postgresql_copy_url):
    reader = Watched(open_reader(postgresql_copy_url))
    lines = export(reader)
    next(lines)
    names = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
    shown = [reader.connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["0", "0", "10s"]
    lines.close()
    reader.reader.close()


class Watched:
    """A reader that shows the connection it is read by."""

    def __init__(self, reader):
        self.reader = reader

    @contextmanager
    def reading(self):
        with self.reader.reading() as self.connection:
            yield self.connection
