"""Keeps typer from importing pydantic for options that are plain text.

The import takes 0.1 s, a third of what `fleet status` takes, to turn a text into a text. Only
this file touches typer's internals; a typer without them works as it is, and slower.
"""

from __future__ import annotations

from typing import Any

import typer


class PlainText:
    """Takes a text, or none, as it is."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Give the value back."""
        return value


def keep_plain_texts(command: Any) -> None:
    """Replace the conversion of the plain options of a command, and of its subcommands."""
    for param in (*command.params, command.get_help_option(typer.Context(command))):
        descriptor = getattr(param, "type_descriptor", None)
        # `--help` is a flag whose absence is None, which typer would convert as well.
        plain = getattr(descriptor, "annotation", None) is str or param not in command.params
        if plain and hasattr(param, "_runtime_param"):
            param._runtime_param = PlainText()
    for inner in getattr(command, "commands", {}).values():
        keep_plain_texts(inner)
