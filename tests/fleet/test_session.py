"""Whose token is used, and what becomes of one that is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fleet import session as module
from fleet.config import Config
from fleet.protocol.errors import FleetError, ServerReset, SetupError, Unreachable
from fleet.roster import Seat
from fleet.session import open_session, replace_session

URL = "http://127.0.0.1:1"


@pytest.fixture
def seat(tmp_path: Path) -> Seat:
    """A seat in the embedded simulator, of somebody whose live token stands in the environment."""
    env = {"SPACETRADERS_TOKEN": "live-token"}
    config = replace(Config(), data_dir=tmp_path, api_url=None)
    assert config.embedded
    return Seat(config, env, tmp_path / "agent.token")


def answers(monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, Any]) -> None:
    monkeypatch.setattr(module, "_post", lambda *_: (status, body))


def unplayed(_call_sign: str) -> None:
    """Let it be registered."""


def test_the_embedded_simulator_is_never_shown_a_token_of_elsewhere(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, 201, {"data": {"token": "its-own"}})
    assert open_session(seat, URL, unplayed).token.text == "its-own"
    # The next start goes on with it.
    assert open_session(seat, URL, unplayed).token.text == "its-own"


def test_a_refused_token_is_kept_aside_and_stays_where_nobody_can_register(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat.kept.write_text("the-only-copy")
    seat.kept.chmod(0o600)
    refused = open_session(seat, URL, unplayed)
    answers(monkeypatch, 503, {})
    with pytest.raises(SetupError, match="did not register"):
        replace_session(refused, seat, ServerReset("reset"), unplayed)
    assert seat.kept.read_text() == "the-only-copy"
    answers(monkeypatch, 201, {"data": {"token": "another"}})
    assert replace_session(refused, seat, ServerReset("reset"), unplayed).token.text == "another"
    assert seat.kept.read_text().strip() == "another"
    assert seat.kept.with_name("agent.token.before").read_text() == "the-only-copy"


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, {"error": "no"}, "did not register .*: no; see --agent and --faction"),
        (
            422,
            {"error": {"code": 422, "message": "Invalid.", "data": {"faction": ["unknown"]}}},
            r"Invalid\. \(faction: unknown\); see --agent and --faction",
        ),
        (201, {"data": {}}, "the server's answer holds no token"),
        (201, {"data": []}, "the server's answer holds no token"),
        (403, {}, "status 403"),
    ],
)
def test_any_answer_to_a_registration_is_told_in_a_sentence(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, Any], says: str
) -> None:
    answers(monkeypatch, status, body)
    with pytest.raises(FleetError, match=says):
        open_session(seat, URL, unplayed)


@pytest.mark.parametrize(("status", "body"), [(502, {"error": "bad gateway"}), (429, {})])
def test_a_server_that_is_in_trouble_may_be_waited_for(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, Any]
) -> None:
    answers(monkeypatch, status, body)
    with pytest.raises(Unreachable):
        open_session(seat, URL, unplayed)
