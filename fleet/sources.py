"""Where settings come from: `fleet.toml`, the environment, flags; and what to say of bad ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fleet.protocol.errors import UsageError
from fleet.setting import KIND, Kind

FILE_NAME = "fleet.toml"
FILE_VARIABLE = "FLEET_CONFIG"
PREFIX = "FLEET_"


def key_of(field: str) -> str:
    """Name a field as the file does: `for_` is `for`."""
    return field.rstrip("_")


def flag_of(field: str) -> str:
    """Name a field as the command line does."""
    return "--" + key_of(field).replace("_", "-")


def variable_of(field: str) -> str:
    """Name a field as the environment does."""
    return PREFIX + key_of(field).upper()


def find_file(flag: str | None, env: Mapping[str, str], folder: Path) -> Path | None:
    """Choose the configuration file: the one named, or `fleet.toml` in the working directory.

    Raises UsageError when the one named is not there.
    """
    named = flag or env.get(FILE_VARIABLE)
    path = folder / Path(named or FILE_NAME).expanduser()
    if path.is_file():
        return path
    if named:
        where = "--config" if flag else FILE_VARIABLE
        raise UsageError(f"{where} names {named}, but there is no such file.")
    return None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a configuration file. Raises UsageError if it is no TOML or can't be read."""
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise UsageError(f"{path} is not valid TOML: {str(error).rstrip('.')}.") from None


def overlay(
    cls: type,
    flags: Mapping[str, Any],
    env: Mapping[str, str],
    toml: Mapping[str, Any],
    toml_path: Path | None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read all sources; tell the values by field, and where each that was given stands."""
    kinds = {row.name: row.metadata[KIND] for row in dataclasses.fields(cls)}
    values = {
        row.name: row.default_factory()
        for row in dataclasses.fields(cls)
        if row.default_factory is not dataclasses.MISSING
    }
    places: dict[str, str] = {}
    for field, where, raw in (
        *_from_toml(kinds, toml, toml_path),
        *_from_env(kinds, env),
        *_from_flags(kinds, flags),
    ):
        value = _read(kinds[field], where, raw)
        # Tables add up over the sources; everything else replaces.
        values[field] = {**values[field], **value} if isinstance(value, dict) else value
        places[field] = where
    return values, places


def _from_toml(
    kinds: Mapping[str, Kind], toml: Mapping[str, Any], path: Path | None
) -> Iterator[tuple[str, str, Any]]:
    fields = {key_of(field): field for field in kinds}
    for key, raw in toml.items():
        if key == "token":
            raise UsageError(
                f"{path} holds a token; put it into a file of its own, for you alone, and name "
                "that file with token_file."
            )
        if key not in fields:
            raise UsageError(f"{path} has an unknown key '{key}'; {_instead(key, fields)}")
        yield fields[key], f"{key} in {path}", raw


def _from_env(kinds: Mapping[str, Kind], env: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    fields = {variable_of(field): field for field in kinds}
    for name in sorted(env):
        if name in fields:
            yield fields[name], name, env[name]
        # Other programs use the prefix too, so that only what looks like a slip is refused.
        elif near := _slip(name, fields):
            raise UsageError(f"{name} is not a setting; did you mean {near}?")


def _slip(name: str, known: Iterable[str]) -> str | None:
    if not name.startswith(PREFIX) or name == FILE_VARIABLE:
        return None
    return next(iter(get_close_matches(name, known, 1, cutoff=0.85)), None)


def _from_flags(
    kinds: Mapping[str, Kind], flags: Mapping[str, Any]
) -> Iterator[tuple[str, str, Any]]:
    for field, raw in flags.items():
        if field not in kinds:
            raise UsageError(f"There is no setting '{field}'; {_instead(field, kinds)}")
        if raw is not None and raw != []:
            yield field, flag_of(field), raw


def _read(kind: Kind, where: str, raw: Any) -> Any:
    try:
        return kind.read(raw)
    except (ValueError, TypeError, ArithmeticError, RuntimeError):
        shown = repr(raw) if isinstance(raw, str) else str(raw)
        raise UsageError(f"{where} is {shown}; give {kind.allowed}.") from None


def _instead(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(word, names, 1)
    return f"did you mean '{near[0]}'?" if near else f"known are {', '.join(names)}."
