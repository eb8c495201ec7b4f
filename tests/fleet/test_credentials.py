"""The token: where it is read from, whose it is, and how it is kept."""

from __future__ import annotations

import json
import stat
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.config import Config
from fleet.credentials import Token, parse_token, read_token, save_private
from fleet.protocol.errors import SetupError, UsageError


def jwt(**claims: object) -> str:
    body = urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


AGENT = jwt(identifier="ME-1", sub="agent-token", reset_date="2026-07-04")
ACCOUNT = jwt(identifier="someone", sub="account-token")


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_token_tells_whose_it_is() -> None:
    assert parse_token(AGENT, where="x") == Token(AGENT, "agent", "ME-1", "2026-07-04")
    assert parse_token(ACCOUNT, where="x") == Token(ACCOUNT, "account")
    assert parse_token("opaque", where="x") == Token("opaque", "agent")


def test_the_variable_goes_before_the_file(tmp_path: Path) -> None:
    config = Config(token_file=private(tmp_path / "token", f"{ACCOUNT}\n"))
    found = read_token(config, {"SPACETRADERS_TOKEN": f" {AGENT}\n"})
    assert found is not None
    assert found.agent == "ME-1"
    in_file = read_token(config, {"SPACETRADERS_TOKEN": ""})
    assert in_file is not None
    assert in_file.holder == "account"
    assert read_token(Config(), {}) is None


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = private(tmp_path / "token", AGENT)
    path.chmod(0o640)
    with pytest.raises(SetupError, match=f"run: chmod 600 {path}$"):
        read_token(Config(token_file=path), {})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"There is no token file .*/token; write"):
        read_token(Config(token_file=tmp_path / "token"), {})
    with pytest.raises(SetupError, match="cannot be read: Is a directory"):
        read_token(Config(token_file=tmp_path), {})


@pytest.mark.parametrize("text", ["two words", "line\nline", "bell\x07", "ümlaut"])
def test_what_is_no_token_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_token(text, where="SPACETRADERS_TOKEN")
    sentence = "SPACETRADERS_TOKEN holds no token; copy the token's one line into it, whole."
    assert str(raised.value) == sentence


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="holds no t"):
        read_token(Config(token_file=path), {})


def test_a_saved_token_is_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("older")
    path.chmod(0o644)
    save_private(path, AGENT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_token(Config(token_file=path), {}) == parse_token(AGENT, where="x")
    assert list(tmp_path.iterdir()) == [path]


def test_a_token_that_cannot_be_saved_leaves_the_old_one(tmp_path: Path) -> None:
    blocked = tmp_path / "token"
    blocked.mkdir()
    with pytest.raises(OSError, match="directory"):
        save_private(blocked, "x")
    assert list(tmp_path.iterdir()) == [blocked]


def test_a_token_does_not_show_itself() -> None:
    assert AGENT not in repr(parse_token(AGENT, where="x"))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    for given_text in (text, f"a.{text}.b"):
        try:
            assert parse_token(given_text, where="x").text == given_text
        except UsageError as error:
            assert text not in str(error) or len(text) < 20  # noqa: PT017 - a property
