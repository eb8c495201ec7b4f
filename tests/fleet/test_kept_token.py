"""The kept token: shown to the server that gave it, and to no other."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from fleet.config import EMBEDDED
from fleet.credentials import Token
from fleet.kept_token import KeptToken
from fleet.protocol.errors import SetupError

LIVE = "https://api.example"


def keep(kept: KeptToken, text: str, server: str) -> None:
    kept.expect(server)
    kept.save(Token(text))


@pytest.fixture
def kept(tmp_path: Path) -> KeptToken:
    return KeptToken(tmp_path / "agent.token")


def test_what_was_kept_for_a_server_is_found_for_it(kept: KeptToken) -> None:
    assert kept.read(LIVE) is None
    keep(kept, "secret", LIVE)
    assert kept.read(LIVE) == Token("secret")
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("other", [EMBEDDED, "https://elsewhere.example"])
def test_another_server_does_not_get_it(kept: KeptToken, other: str) -> None:
    keep(kept, "secret", LIVE)
    with pytest.raises(SetupError, match=rf"is for {LIVE}, not for .*choose another") as caught:
        kept.read(other)
    assert "secret" not in str(caught.value)


def test_a_simulator_of_ones_own_may_change_its_port(kept: KeptToken) -> None:
    keep(kept, "secret", "http://127.0.0.1:8080")
    assert kept.read("http://localhost:8081") == Token("secret")
    with pytest.raises(SetupError):
        kept.read(LIVE)


def test_one_that_was_put_there_by_hand_is_for_whoever_is_played(kept: KeptToken) -> None:
    kept.path.write_text("secret\n")
    kept.path.chmod(0o600)
    assert kept.read(EMBEDDED) == Token("secret")


def test_one_that_others_may_read_is_refused(kept: KeptToken) -> None:
    keep(kept, "secret", LIVE)
    kept.path.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        kept.read(LIVE)


def test_the_one_before_stays_beside_the_new_one(kept: KeptToken) -> None:
    keep(kept, "first", LIVE)
    keep(kept, "second", LIVE)
    assert kept.path.with_name("agent.token.before").read_text() == "first\n"
    assert kept.read(LIVE) == Token("second")


def test_a_folder_that_takes_nothing_is_told_before_anything_is_registered(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptToken(tmp_path / "file" / "agent.token")
    with pytest.raises(SetupError, match=r"takes no token \(.*\); make room"):
        kept.expect(LIVE)


def test_a_token_that_cannot_be_kept_after_all_is_told_with_the_reason(tmp_path: Path) -> None:
    kept = KeptToken(tmp_path / "agent.token")
    kept.expect(LIVE)
    kept.path.with_name("agent.token.before").mkdir()
    kept.path.write_text("first")
    with pytest.raises(SetupError, match="is registered, but its token cannot be kept"):
        kept.save(Token("secret"))
    assert kept.path.read_text() == "first"


def test_a_registration_that_failed_leaves_nothing_and_a_token_of_before_stays(
    tmp_path: Path,
) -> None:
    kept = KeptToken(tmp_path / "agents" / "A.token")
    kept.expect(LIVE)
    kept.give_up()
    assert list(tmp_path.iterdir()) == []
    keep(kept, "first", LIVE)
    kept.expect(LIVE)
    kept.give_up()
    assert kept.read(LIVE) == Token("first")
