"""An agent is opened under the name that the user gave, and with books of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.config import Config
from fleet.host import opener as module
from fleet.host.opener import Opener, check_agent
from fleet.protocol.errors import SetupError, UsageError
from fleet.roster import Seat
from fleet.runtime import GameClock
from fleet.storage.engine import open_store
from fleet.storage.namespaces import open_namespace

URL = "http://127.0.0.1:1"


def test_a_token_of_another_agent_is_refused_before_anything_is_written() -> None:
    with pytest.raises(UsageError, match="The token plays OTHER, not MINE; give the token of MINE"):
        check_agent("OTHER", Config(agent="MINE"))
    check_agent("MINE", Config(agent="MINE"))
    check_agent("WHOEVER", Config())


def test_a_new_universe_of_the_same_day_does_not_go_on_with_the_old_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Opener, "_reset_date", lambda _self: "2026-11-23")
    store = open_store(f"sqlite:///{tmp_path}/fleet.sqlite")
    open_namespace(store, "MINE", "2026-11-23", now=0.0)
    config = Config(agent="MINE", data_dir=tmp_path)
    seat = Seat(config, {}, tmp_path / "agent.token")
    with pytest.raises(SetupError, match="has books of MINE since 2026-11-23 already"):
        Opener(store, GameClock(), 1, URL).open(seat)
    assert not seat.kept.exists()
    store.close()


def test_an_earlier_reset_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.Opener, "_reset_date", lambda _self: "2026-11-23")
    asked: list[Any] = []

    def answered(*question: Any) -> tuple[int, dict[str, Any]]:
        asked.append(question)
        return 400, {}

    monkeypatch.setattr("fleet.session._post", answered)
    store = open_store(f"sqlite:///{tmp_path}/fleet.sqlite")
    open_namespace(store, "MINE", "2026-11-16", now=0.0)
    config = Config(agent="MINE", data_dir=tmp_path)
    with pytest.raises(SetupError, match="did not register MINE"):
        Opener(store, GameClock(), 1, URL).open(Seat(config, {}, tmp_path / "agent.token"))
    assert len(asked) == 1
    store.close()
