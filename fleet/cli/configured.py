"""Gives a command the flags of the configuration's settings, and the configuration itself."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from fleet.config import Config
from fleet.field_docs import field_docs
from fleet.protocol.errors import UsageError
from fleet.setting import KIND, Kind
from fleet.sources import find_file, flag_of, variable_of

_CONFIG = Annotated[
    str | None,
    typer.Option(
        "--config", metavar="FILE", help="Configuration file; else fleet.toml in this folder."
    ),
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """The configuration, or why there is none."""

    config: Config | UsageError
    file: Path | None
    """The configuration file that was read."""


def configured(
    *settings: str, checked: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn `command(config, ...)` into a typer command with a flag for each named setting.

    Without names it gets them all. File and environment are read for every command, so that
    each looks at the same fleet. Unless `checked`, the command gets an Attempt.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        shown = [row for row in fields(Config) if not settings or row.name in settings]

        def run(config: str | None, **given: Any) -> Any:
            flags = {row.name: given.pop(row.name) for row in shown}
            attempt = _read(config, flags)
            if not checked:
                return command(attempt, **given)
            if isinstance(attempt.config, UsageError):
                raise attempt.config
            return command(attempt.config, **given)

        _dress(run, command, shown)
        return run

    return decorate


def _read(file: str | None, flags: dict[str, Any]) -> Attempt:
    path = None
    try:
        path = find_file(file, os.environ, Path.cwd())
        return Attempt(Config.from_sources(flags, os.environ, path), path)
    except UsageError as error:
        return Attempt(error, path)


def _dress(run: Callable[..., Any], command: Callable[..., Any], shown: list[Field[Any]]) -> None:
    """Give the wrapper the signature that typer makes flags from."""
    own = inspect.signature(command, eval_str=True)
    docs = field_docs(Config)
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter(row.name, keyword, default=None, annotation=_option(row, docs))
        for row in shown
    ]
    added.append(inspect.Parameter("config", keyword, default=None, annotation=_CONFIG))
    kept = [row.replace(kind=keyword) for name, row in own.parameters.items() if name != "config"]
    signature = inspect.Signature([*kept, *added])
    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {name: row.annotation for name, row in signature.parameters.items()}


def _option(row: Field[Any], docs: dict[str, str]) -> Any:
    kind: Kind = row.metadata[KIND]
    flag = flag_of(row.name)
    help_text = f"{docs.get(row.name, '')} [{variable_of(row.name)}]".strip()
    if not kind.metavar:
        switch = f"{flag}/--no-{flag[2:]}"
        return Annotated[bool | None, typer.Option(switch, help=help_text, show_default=False)]
    option = typer.Option(flag, metavar=kind.metavar, help=help_text, show_default=False)
    # A table takes its flag once per row.
    many = row.name == "budgets"
    return Annotated[list[str] | None, option] if many else Annotated[str | None, option]
