from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.config import TOKEN_VARIABLE, Config
from fleet.credentials import read_token
from fleet.protocol.errors import SetupError, UsageError
from fleet.roster import Seat, seats

TWO = """
[[agent]]
symbol = "first"

[[agent]]
symbol = "SECOND"
faction = "void"
"""


def listed(tmp_path: Path, text: str, mode: int = 0o600, **settings: Any) -> tuple[Seat, ...]:
    path = tmp_path / "agents.toml"
    path.write_text(text)
    path.chmod(mode)
    config = Config(data_dir=tmp_path / "data", agents=path, **settings)
    return seats(config, {TOKEN_VARIABLE: "account"} if config.api_url else {})


def test_without_a_list_there_is_one_agent(tmp_path: Path):
    config = Config(data_dir=tmp_path, agent="ONE")
    assert seats(config, {}) == (Seat(config, {}, tmp_path / "agent.token"),)


def test_each_agent_has_its_own_settings_and_place_for_its_token(tmp_path: Path):
    first, second = listed(tmp_path, TWO)
    assert (first.config.call_sign, first.config.faction) == ("FIRST", "COSMIC")
    assert (second.config.call_sign, second.config.faction) == ("SECOND", "VOID")
    assert first.kept == tmp_path / "data/agent.token"
    assert second.kept == tmp_path / "data/agents/SECOND.token"
    assert (first.is_first, second.is_first) == (True, False)


def test_a_token_of_its_own_goes_before_the_account_for_all(tmp_path: Path):
    (tmp_path / "own.token").write_text("from-file")
    (tmp_path / "own.token").chmod(0o600)
    text = TWO + 'token_file = "own.token"\n[[agent]]\nsymbol = "THIRD"\ntoken = "in-line"\n'
    found = listed(tmp_path, text, api_url="https://example.org")
    tokens = [read_token(seat.config, seat.env) for seat in found]
    assert [token and token.text for token in tokens] == ["account", "from-file", "in-line"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lists no agents"),
        ("agent = 7", "lists no agents"),
        ("[[agent]]\n", "lists no agents (Object missing required field `symbol`"),
        ("[[agent]]\nsymbol = 'ABC'\nships = 7\n", "unknown field `ships`"),
        ("agent = []", "lists no agents; write for each"),
        ("[[agent]\n", "lists no agents"),
        (TWO + "[[agent]]\nsymbol = 'First'\n", "lists FIRST twice"),
        ("[[agent]]\nsymbol = 'A B'\n", "a call sign has 3 to 14 letters"),
        ("[[agent]]\nsymbol = 'ABC'\ntoken = 't'\ntoken_file = 'f'\n", "drop one of them"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_write(tmp_path: Path, text: str, said: str):
    with pytest.raises(UsageError) as refused:
        listed(tmp_path, text, api_url="https://example.org")
    assert said in str(refused.value)


def test_tokens_want_an_api_that_they_are_for(tmp_path: Path):
    with pytest.raises(UsageError, match="name the API that they are for with --api-url"):
        listed(tmp_path, "[[agent]]\nsymbol = 'ABC'\ntoken = 't'\n")


def test_a_list_that_others_may_read_is_refused(tmp_path: Path):
    with pytest.raises(SetupError, match="chmod 600"):
        listed(tmp_path, TWO, 0o644)


def test_a_list_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(SetupError, match="There is no list of agents"):
        seats(Config(data_dir=tmp_path, agents=tmp_path / "nowhere"), {})


def test_one_agent_and_several_contradict_each_other(tmp_path: Path):
    with pytest.raises(UsageError, match="--agent names one agent and --agents several"):
        Config.from_sources({"agent": "ONE", "agents": str(tmp_path / "x")}, {}, None)
