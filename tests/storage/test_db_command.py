"""`fleet db`: what it prints, what programs get, how it exits."""

from __future__ import annotations

import gzip
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from fleet.cli import main
from fleet.storage import schema, transfer
from fleet.storage.batch import Batch
from fleet.storage.engine import open_store
from fleet.storage.errors import FULL, StoreUnavailable
from fleet.storage.lease import acquire
from fleet.storage.ledger import opening
from fleet.storage.namespaces import open_namespace
from fleet.storage.outbox import Outbox, outbox_path

PAGE = 4096


@pytest.fixture
def db(tmp_path, monkeypatch, capsys):
    """Run a command on a folder of its own; give exit status, output, complaints."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            main(["db", *words, "--data-dir", str(tmp_path / "data")])
        output = capsys.readouterr()
        return exit_.value.code, output.out, output.err

    return run


def _write(tmp_path, samples, *, after, agent="AGENT"):
    store = open_store(f"sqlite:///{tmp_path}/data/fleet.sqlite")
    namespace = open_namespace(store, agent, "2026-11-01", now=1.0)
    rows = [
        opening(1000, row_id="1-1", at=1.0),
        samples.ledger("1-2", 25, credits_after=after),
    ]
    store.write(Batch(namespace.id, rows), acquire(store, "test"))
    store.close()


def test_upgrade_makes_the_database_and_its_folder(db, tmp_path):
    status, out, err = db("upgrade")
    assert (status, err) == (0, "")
    assert f"has schema {schema.HEAD}" in out
    assert (tmp_path / "data" / "fleet.sqlite").exists()
    status, out, _ = db("upgrade", "--json")
    assert json.loads(out)["revision"] == schema.HEAD


def test_check_finds_a_new_database_whole(db):
    db("upgrade")
    status, out, _ = db("check")
    assert status == 0
    assert "is whole" in out
    assert json.loads(db("check", "--json")[1]) == {"revision": schema.HEAD, "problems": []}


def test_check_exits_1_and_tells_what_is_wrong(db, tmp_path):
    db("upgrade")
    store = open_store(f"sqlite:///{tmp_path}/data/fleet.sqlite")
    with store.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE surveys")
    store.close()
    status, out, _ = db("check")
    assert status == 1
    assert out == "The table surveys is missing.\n"


@pytest.mark.parametrize("command", ["check", "stats", "export"])
def test_a_damaged_file_is_one_sentence_that_names_it(db, tmp_path, samples, command):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    file = tmp_path / "data" / "fleet.sqlite"
    content = bytearray(file.read_bytes())
    content[8 * PAGE :] = b"\xa5" * (len(content) - 8 * PAGE)
    file.write_bytes(content)
    status, out, err = db(command, *([str(tmp_path / "x")] if command == "export" else []))
    assert (status, out) == (1, "")
    assert f"{file} cannot be read: the file is damaged; stop the fleet" in err


@pytest.mark.parametrize("command", ["check", "stats", "audit"])
def test_without_a_database_each_says_what_to_do(db, command, tmp_path):
    status, out, err = db(command)
    assert (status, out) == (1, "")
    assert "There is no database" in err
    assert "fleet db upgrade" in err
    assert not (tmp_path / "data").exists()


def test_a_database_that_cannot_be_used_exits_2(db):
    status, _, err = db("check", "--database", "sqlite://")
    assert status == 2
    assert "name a file" in err


def test_stats_tell_whose_rows_there_are(db, tmp_path, samples):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    status, out, _ = db("stats")
    assert status == 0
    assert "AGENT since 2026-11-01" in out
    found = json.loads(db("stats", "--json")[1])
    assert found["rows"]["ledger"] == 2


def test_audit_exits_0_when_the_ledger_adds_up(db, tmp_path, samples):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    status, out, _ = db("audit")
    assert status == 0
    assert out == "AGENT since 2026-11-01: 1,025 credits by 2 rows\n"
    (found,) = json.loads(db("audit", "--json")[1])
    assert (found["balance"], found["difference"]) == (1025, 0)


def test_audit_exits_1_when_it_does_not(db, tmp_path, samples):
    db("upgrade")
    _write(tmp_path, samples, after=1500)
    status, out, _ = db("audit")
    assert status == 1
    assert "the API told 1,500: +475 without a row" in out
    assert db("audit", "--json")[0] == 1


def test_audit_of_an_empty_ledger_says_so(db):
    db("upgrade")
    assert db("audit")[:2] == (0, "The ledger is empty.\n")


def test_a_data_folder_moves_into_another_database(db, tmp_path, samples, postgresql_url):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    file = str(tmp_path / "moved.jsonl.gz")
    assert db("export", file)[0] == 0
    status, out, err = db("import", file, "--database", postgresql_url)
    assert (status, err) == (0, "")
    assert "each table's number is the same" in out
    status, out, _ = db("audit", "--database", postgresql_url)
    assert (status, out) == (0, "AGENT since 2026-11-01: 1,025 credits by 2 rows\n")
    status, _, err = db("import", file, "--database", postgresql_url)
    assert status == 1
    assert "holds rows already" in err


def test_audit_tells_of_every_agent(db, tmp_path, samples):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    _write(tmp_path, samples, after=900, agent="OTHER")
    status, out, _ = db("audit")
    assert status == 1
    assert [line.split()[0] for line in out.splitlines()] == ["AGENT", "OTHER"]
    assert "the API told 900: -125 without a row" in out.splitlines()[1]


def test_an_export_does_not_overwrite_the_database(db, tmp_path, samples):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    status, out, err = db("export", str(tmp_path / "data" / "fleet.sqlite"))
    assert (status, out) == (2, "")
    assert "is the database itself" in err
    assert db("audit")[0] == 0


@pytest.mark.parametrize("name", ["kept.jsonl", "kept.jsonl.gz"])
def test_an_export_that_fails_leaves_the_one_before_and_nothing_else(
    db, tmp_path, samples, monkeypatch, name
):
    def breaks_off(_):
        yield b"{}\n"
        raise StoreUnavailable("the database is gone")

    db("upgrade")
    _write(tmp_path, samples, after=1025)
    folder = tmp_path / "exports"
    folder.mkdir()
    assert db("export", str(folder / name))[0] == 0
    before = (folder / name).read_bytes()
    monkeypatch.setattr(transfer, "export", breaks_off)
    status, _, err = db("export", str(folder / name))
    assert status == 1
    assert "the database is gone" in err
    assert (folder / name).read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [name]


def test_an_export_in_the_place_of_a_private_one_is_private_too(db, tmp_path):
    db("upgrade")
    file = tmp_path / "private.jsonl"
    file.touch(mode=0o600)
    assert db("export", str(file))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size


def test_an_export_goes_through_a_pipe(db, tmp_path, samples):
    db("upgrade")
    _write(tmp_path, samples, after=1025)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        content = pool.submit(pipe.read_bytes)
        assert db("export", str(pipe))[0] == 0
        assert content.result(30).startswith(b'{"format":"fleet export 1"')


def test_rows_that_still_wait_on_disk_are_not_left_behind(db, tmp_path, samples):
    db("upgrade")
    folder, file = tmp_path / "data", tmp_path / "moved.jsonl"
    path = outbox_path(folder, f"sqlite:///{folder}/fleet.sqlite")
    with closing(Outbox(path.with_stem(f"{path.stem}-OTHER"))) as outbox:
        outbox.keep(2, [samples.ledger("1-1", 5), samples.ledger("1-2", 5)])
    status, out, err = db("export", str(file))
    assert (status, out) == (1, "")
    assert "2 rows wait in" in err
    assert "let the fleet run once" in err
    assert not file.exists()


def test_prune_wants_to_be_told_what(db):
    db("upgrade")
    status, _, err = db("prune")
    assert status == 2
    assert "--resets 30d" in err
    assert db("prune", "--resets", "soon")[0] == 2
    assert db("prune", "--records", "7d")[:2] == (0, "Deleted nothing.\n")


TORN = bytearray(gzip.compress(b"".join(b'["row %d"]\n' % n for n in range(1000))))
TORN[100:110] = bytes(10)


@pytest.mark.parametrize("content", [b"\x1f\x8bno", b"plain", bytes(TORN)])
def test_a_file_that_is_no_export_is_one_sentence(db, tmp_path, content):
    file = tmp_path / "x.gz"
    file.write_bytes(content)
    status, _, err = db("import", str(file))
    assert status == 1
    assert "cannot be read" in err


def test_a_database_that_takes_no_more_keeps_nothing_of_an_import(db, tmp_path, monkeypatch):
    def full(*_):
        raise StoreUnavailable(FULL)

    db("upgrade")
    file = tmp_path / "x.jsonl"
    db("export", str(file))
    monkeypatch.setattr(transfer, "import_", full)
    status, _, err = db("import", str(file))
    assert status == 1
    assert "Nothing was imported: the disk is full; make room." in err
