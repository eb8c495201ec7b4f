"""A watched script is loaded after each save, and its end is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.cli import _watched
from fleet.cli._watched import Watched, stamp_of
from fleet.control.client import NotRunning
from fleet.protocol.errors import FleetError, SetupError


class Client:
    """A fleet that tells one thing after the other, and then is gone."""

    def __init__(self, *told: Any) -> None:
        self.told = list(told)

    def call(self, do: str) -> Any:
        assert do == "experiments"
        if not self.told:
            raise NotRunning("No fleet runs.")
        told = self.told.pop(0)
        if isinstance(told, Exception):
            raise told
        return told() if callable(told) else told


def row(state: str, outcome: str = "", name: str = "idea") -> dict[str, Any]:
    return {"name": name, "state": state, "outcome": outcome}


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Follow a script until the fleet is gone."""
    monkeypatch.setattr(_watched, "LOOK", 0.001)
    script = tmp_path / "idea.py"
    script.write_text("one")

    def follow(load: Callable[[], None], *told: Any) -> Path:
        watched = Watched(Client(*told), "idea", script, stamp_of(script))  # type: ignore[arg-type]
        with pytest.raises(NotRunning):
            watched.follow(load)
        return script

    return follow


def test_an_end_is_told_once(watch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    over = [row("ended", "replaced"), row("ended", "crashed: idea.py, line 3: no")]
    watch(lambda: None, [row("running")], SetupError("busy"), over, over)
    told = capsys.readouterr().err
    assert told.count("idea is over: crashed: idea.py, line 3: no. Save ") == 1
    assert told.count("\n") == 1


def test_one_that_is_not_there_any_more_is_told(watch: Any, capsys: Any) -> None:
    watch(lambda: None, [row("running", name="other")])
    assert "idea is over: the runtime was started anew" in capsys.readouterr().err


def test_each_save_loads_it_and_a_broken_one_does_not_end_the_watch(
    watch: Any, tmp_path: Path, capsys: Any
) -> None:
    loaded: list[str] = []

    def load() -> None:
        loaded.append((tmp_path / "idea.py").read_text())
        if loaded[-1] == "broken":
            raise FleetError("idea.py, line 1: invalid syntax.")

    def save(text: str) -> Callable[[], Any]:
        def saved() -> Any:
            (tmp_path / "idea.py").write_text(text)
            return [row("running")]

        return saved

    def lose() -> Any:
        (tmp_path / "idea.py").unlink()
        return [row("running")]

    watch(load, save("broken"), lose, save("mended"), [row("running")])
    assert loaded == ["broken", "mended"]
    assert capsys.readouterr().err == "fleet: idea.py, line 1: invalid syntax.\n"
