"""Keeps typer from importing pydantic for values that need none of it.

The import, and the validators that are built with it, take 0.2 s, half of what `fleet status` or
`fleet inject` takes, to turn a text into a text. Only this file touches typer's internals; a
typer without them works as it is, and slower.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

KINDS: tuple[Any, ...] = (str, int, float, Path, list[str])
LIMITS = ("parser", "min", "max", "clamp", "exists", "writable", "resolve_path", "allow_dash")
ALLOWED = ("file_okay", "dir_okay")


class QuickValue:
    """Converts what is plainly of its kind; the rest is typer's to convert, or to refuse."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Give the value as its kind. Raises typer's own refusal."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if self._kind == list[str]:
            if not isinstance(value, str) and all(isinstance(each, str) for each in value):
                return list(value)
        elif self._kind is not None and isinstance(value, str | self._kind):
            with suppress(ValueError):
                return self._kind(value)
        # typer makes its own where there is none.
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def keep_values_quick(command: Any) -> None:
    """Replace the conversion of a command's plain values, and of its subcommands'."""
    for param in command.params:
        descriptor: Any = getattr(param, "type_descriptor", None)
        if hasattr(param, "_runtime_param") and _is_plain(descriptor):
            param._runtime_param = QuickValue(descriptor.annotation)
    # A flag whose absence is None, which typer would convert as well.
    asked = command.get_help_option(typer.Context(command))
    if hasattr(asked, "_runtime_param"):
        asked._runtime_param = QuickValue(None)
    for inner in getattr(command, "commands", {}).values():
        keep_values_quick(inner)


def _is_plain(descriptor: Any) -> bool:
    """Whether a value has to be of a simple kind, and nothing more."""
    info = getattr(descriptor, "parameter_info", None)
    return (
        info is not None
        and descriptor.annotation in KINDS
        and not any(_is_set(getattr(info, name, None)) for name in LIMITS)
        and all(getattr(info, name, True) for name in ALLOWED)
    )


def _is_set(limit: Any) -> bool:
    # A limit of 0 is one, too, and equals False.
    return limit is not None and limit is not False
