"""A connection that nobody can close any more: its owner crashed, or was replaced."""

import gc
import sqlite3

import pytest

from fleet.storage.sqlite_connection import OwnedConnection


def test_a_connection_is_closed_with_its_owner(tmp_path):
    connection = sqlite3.connect(tmp_path / "left.sqlite", factory=OwnedConnection)
    connection.__del__()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


@pytest.mark.filterwarnings("error")
def test_nobody_is_warned_of_a_connection_whose_owner_is_gone(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("sys.unraisablehook", told.append)
    connection = sqlite3.connect(tmp_path / "left.sqlite", factory=OwnedConnection)
    connection.execute("SELECT 1").close()
    del connection
    gc.collect()
    assert told == []
