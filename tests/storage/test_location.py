"""Where the database is: any folder's name, and folders in which nobody can write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.errors import SetupError
from fleet.storage.engine import open_store
from fleet.storage.location import default_url, locate

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\x00"), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))

UNPRIVILEGED = """
import os, sys
import sqlalchemy.dialects.sqlite
from fleet.protocol.errors import SetupError
from fleet.storage.engine import open_store
from fleet.storage.reader import open_reader
from fleet.storage.resume import process_epoch
if os.geteuid() == 0:
    os.setuid(65534)
reader = open_reader(sys.argv[1])
print(process_epoch(reader))
reader.close()
try:
    open_store(sys.argv[1])
except SetupError as error:
    print(error)
"""


@given(NAMES)
def test_the_default_database_is_in_the_data_folder_whatever_its_name(name):
    folder = Path("/") / name
    found = locate(default_url(folder))
    assert found.path == folder / "fleet.sqlite"
    assert found.url.database == str(found.path)


@pytest.mark.parametrize("name", ["plain", "a b?#%20é"])
def test_a_database_opens_in_a_folder_with_any_name(tmp_path, opened, name):
    (tmp_path / name).mkdir()
    opened(default_url(tmp_path / name)).close()
    assert [path.name for path in (tmp_path / name).iterdir()] == ["fleet.sqlite"]


def test_a_password_is_not_shown():
    shown = locate("postgresql+psycopg2://me:secret@host/fleet").shown
    assert "secret" not in shown
    assert "host/fleet" in shown


def test_in_a_read_only_folder_it_can_be_read_and_not_written(opened):
    # pytest's own folders are closed to other users, and root may write anywhere.
    folder = Path(tempfile.mkdtemp())
    try:
        url = default_url(folder)
        opened(url).close()
        (folder / "fleet.sqlite").chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, url], capture_output=True, text=True, check=True
        )
        assert sorted(path.name for path in folder.iterdir()) == ["fleet.sqlite"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
    epoch, refusal = done.stdout.splitlines()
    assert epoch == "0"
    assert "is read-only; choose another --database" in refusal


def test_a_database_on_a_read_only_medium_is_refused_with_its_reason(sqlite_copy_url, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, mode: mode == os.R_OK)
    with pytest.raises(SetupError, match=r"is read-only; choose another --database"):
        open_store(sqlite_copy_url)


@pytest.mark.parametrize(
    "other",
    [
        "postgresql+psycopg2://me:secret@db.example/fleet",
        "postgres://other@DB.example:5432/fleet?sslmode=require",
    ],
)
def test_one_database_has_one_identity_however_it_is_spelled(other: str) -> None:
    assert locate(other).identity == locate("postgresql://me@db.example:5432/fleet").identity


@pytest.mark.parametrize("other", ["db.example/more", "db.example:5433/fleet", "db2.example/fleet"])
def test_other_databases_have_other_identities(other: str) -> None:
    known = locate("postgresql://me@db.example/fleet")
    assert locate(f"postgresql://me@{other}").identity != known.identity


def test_a_server_on_a_socket_is_told_from_one_on_the_network() -> None:
    socket = locate("postgresql:///fleet?host=/run/pg")
    assert socket.identity != locate("postgresql:///fleet").identity


def test_a_file_is_the_same_one_by_any_way_to_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    told = {locate(f"sqlite:///{tmp_path}/{name}/f.sqlite").identity for name in ("data", "link")}
    assert len(told) == 1
