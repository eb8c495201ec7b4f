"""The token: where it is read from, whose it is, and how it is kept."""

from __future__ import annotations

import os
import stat
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from fleet.config import TOKEN_VARIABLE, Config
from fleet.protocol.errors import SetupError, UsageError

Holder = Literal["agent", "account"]

_HOLDERS: Mapping[str, Holder] = {"agent-token": "agent", "account-token": "account"}
"""Subjects of the live server's tokens; observed."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; its text appears in no message and no repr."""

    text: str = field(repr=False)
    holder: Holder = "agent"
    """Whether it plays an agent, or is an account's to register agents with."""

    agent: str | None = None
    """The agent's call sign, if the token tells."""

    reset_date: str | None = None
    """The server's reset (`2026-07-04`) that the token belongs to, if it tells."""


def read_token(config: Config, env: Mapping[str, str]) -> Token | None:
    """Read the token from the environment or the token file; None if there is neither.

    Raises UsageError for a text that is no token, SetupError for a file that can't be read
    or that others may read.
    """
    given = env.get(TOKEN_VARIABLE, "").strip()
    if given:
        return parse_token(given, where=TOKEN_VARIABLE)
    if config.token_file is None:
        return None
    text = read_private(config.token_file, what="token file")
    return parse_token(text, where=str(config.token_file))


def parse_token(text: str, *, where: str) -> Token:
    """Tell whose token it is. Raises UsageError, naming `where` and never the text."""
    # A foreign server's token may be anything that fits a header; only JWTs tell more.
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError(f"{where} holds no token; copy the token's one line into it, whole.")
    claims = _claims(text)
    symbol, reset = claims.get("identifier"), claims.get("reset_date")
    holder = _HOLDERS.get(str(claims.get("sub")), "agent")
    is_agent = holder == "agent" and isinstance(symbol, str)
    return Token(text, holder, symbol if is_agent else None, reset if is_agent else None)


def save_private(path: Path, text: str) -> None:
    """Write a line into a file for its owner alone, whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _claims(text: str) -> dict[str, Any]:
    parts = text.split(".")
    if len(parts) != 3:
        return {}
    with suppress(ValueError, msgspec.DecodeError):
        body = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(body, type=dict[str, Any])
    return {}


def read_private(path: Path, *, what: str) -> str:
    """Read a file that holds secrets. Raises SetupError if others may, UsageError for no text."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SetupError(f"Others may read the {what} {path}; run: chmod 600 {path}")
            return file.read(65_536).strip()
    except FileNotFoundError:
        raise SetupError(f"There is no {what} {path}; write it first.") from None
    except OSError as error:
        raise SetupError(f"The {what} {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} holds no text, and so no {what}; write it anew.") from None
