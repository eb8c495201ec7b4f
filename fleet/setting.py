"""What one setting takes: how its text is read, and how messages name what is allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fleet import durations, sizes

T = TypeVar("T")
KIND = "kind"


@dataclass(frozen=True, slots=True)
class Kind:
    """Reads a value of a setting from text or from what TOML made of it."""

    read: Callable[[Any], Any]
    """Raises ValueError or TypeError for what is not allowed."""

    allowed: str
    """Ends the sentence `give ...`."""

    metavar: str
    """Stands for the value in `--help`; empty for a flag without one."""


def takes(kind: Kind) -> dict[str, Kind]:
    """Make the metadata of a configuration's field."""
    return {KIND: kind}


def flag() -> Kind:
    """On or off."""
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}

    def read(value: Any) -> Any:
        return value if isinstance(value, bool) else _known(words, str(value).lower())

    return Kind(read, "true or false", "")


def count(least: int, most: int) -> Kind:
    """A whole number."""

    def read(value: Any) -> Any:
        return _within(value if isinstance(value, int) else int(_text(value)), least, most)

    return Kind(_no_bool(read), f"a whole number from {least} to {most}", "N")


def number(above: float, most: float) -> Kind:
    """A number above a bound."""

    def read(value: Any) -> Any:
        given = float(value)
        return given if above < given <= most else _refuse()

    return Kind(_no_bool(read), f"a number above {above:g}, at most {most:g}", "N")


def duration(least: float, most: float = math.inf) -> Kind:
    """Seconds, or a text such as `1h30m`."""

    def read(value: Any) -> Any:
        return _within(durations.parse_duration(str(value)), least, most)

    bounds = f" from {least:g} s" if least else ""
    bounds += f" to {most:g} s" if math.isfinite(most) else ""
    return Kind(_no_bool(read), f"a duration{bounds} such as {durations.FORMS}", "TIME")


def size(least: int) -> Kind:
    """Bytes, or a text such as `16MiB`."""

    def read(value: Any) -> Any:
        return _within(sizes.parse_size(str(value)), least, 1 << 40)

    allowed = f"a size from {sizes.show_size(least)} such as {sizes.FORMS}"
    return Kind(_no_bool(read), allowed, "SIZE")


def choice(*words: str) -> Kind:
    """One of a few words."""
    known = {word: word for word in words}
    return Kind(
        lambda value: _known(known, _text(value).lower()),
        " or ".join(words),
        "|".join(words),
    )


def word(pattern: str, allowed: str, metavar: str, *, upper: bool = False) -> Kind:
    """A text of a certain form."""

    def read(value: Any) -> Any:
        given = _text(value).upper() if upper else _text(value)
        return given if re.fullmatch(pattern, given) else _refuse()

    return Kind(read, allowed, metavar)


def path(what: str) -> Kind:
    """A file or folder; relative ones are taken from the working directory."""

    def read(value: Any) -> Any:
        return Path(_text(value)).expanduser().absolute() if _text(value) else _refuse()

    return Kind(read, f"the path of {what}", "PATH")


def web_address(also: str) -> Kind:
    """The root of an HTTP API, without its `/v2`; or one word that says something else."""

    def read(value: Any) -> Any:
        given = _text(value).strip()
        if given == also:
            return given
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            return _refuse()
        return given.rstrip("/").removesuffix("/v2").rstrip("/")

    return Kind(read, f"an address such as https://api.spacetraders.io, or '{also}'", "URL")


def table(keys: Sequence[str], each: Kind) -> Kind:
    """Values by key: a TOML table, a list of `KEY=VALUE` or a text of them with commas."""

    def read(value: Any) -> dict[str, Any]:
        rows = value.items() if isinstance(value, Mapping) else _pairs(value)
        return {_known({key: key for key in keys}, key): each.read(one) for key, one in rows}

    allowed = f"KEY=VALUE with a key of {', '.join(keys)} and {each.allowed}"
    return Kind(read, allowed, f"KEY={each.metavar}")


def _pairs(value: Any) -> list[tuple[str, str]]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    split = [part.partition("=") for part in parts]
    return [(key.strip(), one.strip()) for key, equals, one in split if equals or _refuse()]


def _no_bool(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    # TOML's `true` is an int to Python.
    return lambda value: _refuse() if isinstance(value, bool) else read(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse()


def _known(words: Mapping[str, T], given: str) -> T:
    return words[given] if given in words else _refuse()


def _within(given: Any, least: float, most: float) -> Any:
    return given if least <= given <= most else _refuse()


def _refuse() -> Any:
    raise ValueError
