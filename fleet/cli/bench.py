"""`fleet bench`: measures one room of the fleet and says whether it reaches what it should."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import platformdirs
import typer

from fleet import bench
from fleet.bench.kept import Kept, Row
from fleet.bench.machine import machine
from fleet.bench.plan import Part
from fleet.bench.runner import measure
from fleet.cli.output import print_json
from fleet.protocol.errors import UsageError

OPTIONS = ("cycles", "bots", "transport", "minutes", "profile")


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The bench; `list` names them.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A short form that proves nothing.")] = (
        False
    ),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = (
        False
    ),
    only: Annotated[str | None, typer.Option(help="Measure this part alone.")] = None,
    cycles: Annotated[int | None, typer.Option(help="Cycles, scripts: how many.")] = None,
    bots: Annotated[int | None, typer.Option(help="simulate, conn, actions: bots.")] = None,
    transport: Annotated[
        str | None, typer.Option(help="simulate, conn, actions: http, websocket, inprocess, all.")
    ] = None,
    minutes: Annotated[int | None, typer.Option(help="soak: how long, in wall minutes.")] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="simulate: write profiles there.")
    ] = None,
) -> int:
    """Measure one room; exit 0 only when every figure is reached."""
    if name == "list":
        typer.echo("\n".join(names()))
        return 0
    given = {"cycles": cycles, "bots": bots, "transport": transport}
    given |= {"minutes": minutes, "profile": profile}
    options = {key: str(value) for key, value in given.items() if value is not None}
    parts = _chosen(name, only)
    kept = Kept(_file(name, quick=quick), resume=resume)
    rows = []
    for row in measure(parts, kept, quick=quick, options=options, say=_whisper):
        rows.append(row)
        typer.echo(line(row), err=as_json)
    kept.forget()
    if as_json:
        print_json({"bench": name, "machine": machine(), "figures": rows})
    return 0 if all(row["ok"] for row in rows) else 1


def names() -> list[str]:
    """List the benches: the modules of the folder that have parts."""
    found = [module.name for module in pkgutil.iter_modules(bench.__path__)]
    return sorted(name for name in found if hasattr(_module(name), "PARTS"))


def _module(name: str) -> object:
    return importlib.import_module(f"fleet.bench.{name}")


def _chosen(name: str, only: str | None) -> Mapping[str, Part]:
    known = names()
    if name not in known:
        raise UsageError(f"there is no bench {name!r}; there are {', '.join(known)}")
    parts: Mapping[str, Part] = vars(_module(name))["PARTS"]
    if only is None:
        return parts
    if only not in parts:
        raise UsageError(f"{name} has no part {only!r}; it has {', '.join(parts)}")
    return {only: parts[only]}


def _file(name: str, *, quick: bool) -> Path:
    form = "-quick" if quick else ""
    return Path(platformdirs.user_cache_dir("fleet")) / "bench" / f"{name}{form}.json"


def line(row: Row) -> str:
    """Render one row for a reader."""
    verdict = "bound " if row.get("bound") else "      "
    if row["reach"] is not None:
        verdict = "ok    " if row["ok"] else "NOT OK"
    value = "-" if row["value"] is None else f"{row['value']:,.6g}"
    text = f"{verdict} {row['name']}: {value} {row['unit']}".rstrip()
    if row["spread"] is not None:
        text += f" [{row['spread'][0]:,.4g} to {row['spread'][1]:,.4g}, {row['runs']} runs]"
    if row["ratio"] is not None:
        text += f", {row['ratio']:.3g} x {row['paired_with']}"
    if row["reach"] is not None:
        text += f"; reach {row['reach']}"
    return text + (f"; {row['why']}" if row.get("why") else "")


def _whisper(text: str) -> None:
    typer.echo(f"       {text}", err=True)
