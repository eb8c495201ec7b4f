"""Several agents in one runtime: the file that lists them, and how each of them is opened."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from fleet.config import LIVE_URL, TOKEN_VARIABLE, Config
from fleet.credentials import read_private
from fleet.protocol.errors import UsageError

KEPT = "agent.token"
AGENTS = "agents"
"""Folder in the data folder for the tokens of further agents."""

SYMBOL = re.compile(r"[A-Z0-9_-]{3,14}")
FORM = '[[agent]]\nsymbol = "NAME"\nfaction = "COSMIC"'


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agent of the file. Without a token it is registered, as a single agent would be."""

    symbol: str
    faction: str = "COSMIC"
    token: str | None = None
    token_file: str | None = None


class Roster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    agent: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """Under which settings one agent is opened, and where its token is kept."""

    config: Config
    env: Mapping[str, str]
    kept: Path

    @property
    def is_first(self) -> bool:
        """Whether it is the agent that a runtime with one agent would play."""
        return self.kept.parent == self.config.data_dir


def seats(config: Config, env: Mapping[str, str]) -> tuple[Seat, ...]:
    """List the agents to play, the first one first. Raises UsageError, SetupError."""
    if config.agents is None:
        return (Seat(config, env, config.data_dir / KEPT),)
    entries = read_roster(config.agents)
    if config.embedded and any(each.token or each.token_file for each in entries):
        raise UsageError(
            f"{config.agents} gives tokens, but the embedded simulator takes none; name the API "
            f"that they are for with --api-url, such as {LIVE_URL}."
        )
    first = _seat(config, env, entries[0], config.data_dir / KEPT)
    folder = config.data_dir / AGENTS
    rest = (_seat(config, env, each, folder / f"{each.symbol}.token") for each in entries[1:])
    return (first, *rest)


def read_roster(path: Path) -> tuple[Entry, ...]:
    """Read the file. Raises UsageError, SetupError with what to do."""
    text = read_private(path, what="list of agents")
    try:
        roster = msgspec.convert(tomllib.loads(text), Roster)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path} lists no agents ({error}); write for each: {FORM!r}.") from None
    entries = tuple(_checked(path, entry) for entry in roster.agent)
    if not entries:
        raise UsageError(f"{path} lists no agents; write for each: {FORM!r}.")
    symbols = [entry.symbol for entry in entries]
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise UsageError(f"{path} lists {symbol} twice; each agent plays once.")
    return entries


def _checked(path: Path, entry: Entry) -> Entry:
    symbol = entry.symbol.upper()
    if not SYMBOL.fullmatch(symbol):
        raise UsageError(
            f"{path} names an agent '{entry.symbol}'; a call sign has 3 to 14 letters, digits, - "
            "or _."
        )
    if entry.token is not None and entry.token_file is not None:
        raise UsageError(f"{path} gives {symbol} a token and a token file; drop one of them.")
    return msgspec.structs.replace(entry, symbol=symbol, faction=entry.faction.upper())


def _seat(config: Config, env: Mapping[str, str], entry: Entry, kept: Path) -> Seat:
    own = replace(config, agent=entry.symbol, faction=entry.faction)
    if entry.token is not None:
        env = {**env, TOKEN_VARIABLE: entry.token}
    elif entry.token_file is not None:
        assert config.agents is not None
        # Named from the file that names it.
        own = replace(own, token_file=config.agents.parent / Path(entry.token_file).expanduser())
        env = {name: value for name, value in env.items() if name != TOKEN_VARIABLE}
    return Seat(own, env, kept)
