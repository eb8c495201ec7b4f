"""`fleet version`: what runs here, for bug reports."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

import fleet

LIBRARIES = ("pykka", "SQLAlchemy", "psycopg2-binary", "msgspec", "urllib3", "starlette", "rich")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Tell the versions of the fleet, of Python and of the libraries that matter."""
    versions = {"fleet": fleet.__version__, "python": platform.python_version()}
    versions |= {name: _version(name) for name in LIBRARIES} | {"system": platform.platform()}
    if as_json:
        typer.echo(json.dumps(versions))
        return
    typer.echo(f"fleet {fleet.__version__}")
    for name in list(versions)[1:]:
        typer.echo(f"  {name:<16}{versions[name]}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
