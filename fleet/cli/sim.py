"""`fleet sim`: serve the embedded simulator for other programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from fleet.protocol.errors import UsageError

MOST_SYSTEMS = 20_000

app = typer.Typer(add_completion=False)

HELP_DATA_DIR = "Folder that keeps the world; one process at a time."

DataDir = Annotated[Path | None, typer.Option(help=HELP_DATA_DIR, file_okay=False)]
Limits = Annotated[
    Literal["live", "account", "off"],
    typer.Option(help="Limit requests as the live API does, only per account, or not at all."),
]
FaultFlags = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME[:K=V,...]", help="Arm a fault; may be given several times."),
]
FaultFile = Annotated[
    Path | None, typer.Option(help="File of faults to arm, one a line.", dir_okay=False)
]
Resets = Annotated[
    Literal["off", "scheduled"],
    typer.Option(help="Reset the universe when the status page says so, or never."),
]


@app.callback(invoke_without_command=True)
def command(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8080,
    data_dir: DataDir = None,
    speed: Annotated[float, typer.Option(help="Game seconds per second.", max=100_000)] = 1.0,
    clock: Annotated[
        Literal["game", "wall"],
        typer.Option(help="Whether stamps follow the game's time or the wall's."),
    ] = "game",
    seed: Annotated[
        int | None, typer.Option(help="Seed of a new world.", min=0, max=2**63 - 1)
    ] = None,
    universe: Annotated[
        Path | None, typer.Option(help="Captured system or galaxy to load.")
    ] = None,
    systems: Annotated[
        int | None,
        typer.Option(help="Systems of a new galaxy; usually 7000.", min=1, max=MOST_SYSTEMS),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="start, late, crowd, armada, or a scenario file.")
    ] = None,
    limits: Limits = "live",
    strict: Annotated[
        bool, typer.Option("--strict", help="Register only with a token of `fleet sim account`.")
    ] = False,
    fault: FaultFlags = None,
    faults: FaultFile = None,
    resets: Resets = "off",
) -> None:
    """Serve a simulated SpaceTraders universe until Ctrl-C; prints the URL to point a bot at."""
    folder = data_dir or default_folder()
    if ctx.invoked_subcommand is not None:
        ctx.obj = folder
        return
    # uvicorn takes a while to import, and `--help` needs none of it.
    from fleet.simulator.faults.fault import read_faults
    from fleet.simulator.service import serve
    from fleet.simulator.settings import SimSettings

    settings = SimSettings(
        data_dir=folder,
        host=host,
        port=port,
        speed=speed,
        clock=clock,
        seed=seed,
        universe=universe,
        systems=usual_systems(folder) if systems is None and universe is None else systems,
        scenario=scenario,
        limits=limits,
        strict=strict,
        resets=resets,
        faults=(*(read_faults(faults) if faults else ()), *(fault or ())),
    )
    serve(settings, None, lambda address: typer.echo(f"{address}/v2"))


@app.command()
def account(ctx: typer.Context, data_dir: DataDir = None) -> None:
    """Print a new account token for the world of a folder, to register agents with."""
    from fleet.simulator.accounts import new_account_token

    typer.echo(new_account_token(data_dir or ctx.obj))


@app.command(name="export")
def export_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write.", dir_okay=False)],
    data_dir: DataDir = None,
) -> None:
    """Write the world of a folder, with its log and its tokens' key, into one file."""
    from fleet.simulator.transfer import export_world

    typer.echo(export_world(data_dir or ctx.obj, file))


@app.command(name="import")
def import_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="File that was exported.", dir_okay=False)],
    data_dir: DataDir = None,
) -> None:
    """Put an exported world into a folder that has none; prints its digest."""
    from fleet.simulator.transfer import import_world

    typer.echo(import_world(file, data_dir or ctx.obj))


Url = Annotated[
    str | None, typer.Option(help="Address of the simulator, if it is not on --data-dir.")
]


@app.command()
def pause(
    ctx: typer.Context,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Stop the time of a running simulator; it answers all the same."""
    tell_time(ctx, "pause", url, data_dir, as_json=as_json)


@app.command()
def resume(
    ctx: typer.Context,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let the time of a simulator that was paused run on."""
    tell_time(ctx, "resume", url, data_dir, as_json=as_json)


@app.command()
def step(
    ctx: typer.Context,
    duration: Annotated[str, typer.Argument(help="How far, in game time, such as 90s or 2h.")],
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Move the time of a running simulator on at once, standing or not."""
    from fleet.durations import FORMS, parse_duration

    try:
        seconds = parse_duration(duration)
    except ValueError:
        seconds = 0.0
    if not seconds:
        raise UsageError(f"'{duration}' is no step; give a duration such as {FORMS}.")
    tell_time(ctx, "step", url, data_dir, seconds, as_json=as_json)


def tell_time(
    ctx: typer.Context,
    action: str,
    url: str | None,
    folder: Path | None,
    seconds: float | None = None,
    *,
    as_json: bool,
) -> None:
    """Do something to a simulator's time, and print what time it is."""
    from fleet.cli._sim_door import Door

    done = Door.find(url, folder or ctx.obj).time(action, seconds)
    at = datetime.fromtimestamp(done["game"], UTC).isoformat(timespec="milliseconds")
    state = "stands" if done["paused"] else f"runs at speed {done['speed']:g}"
    typer.echo(json.dumps(done) if as_json else f"The game's time is {at}; it {state}.")


@app.command(name="fault")
def fault_command(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME[:K=V,...]", help="Fault to arm.")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="How long, in wall time.")
    ] = None,
    clear: Annotated[
        str | None, typer.Option(metavar="ID|NAME|all", help="Take faults back instead.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of the simulator, if it is not on --data-dir.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Arm a fault on a running simulator, take faults back, or (with nothing) list them."""
    from fleet.cli import _sim_door

    door = _sim_door.Door.find(url, data_dir or ctx.obj)
    if name is not None and clear is not None:
        raise UsageError("Give a fault to arm or --clear, not both.")
    if name is not None:
        done = door.arm(name, for_)
    elif clear is not None:
        done = door.clear("" if clear == "all" else clear)
    else:
        done = door.listed()
    typer.echo(json.dumps(done) if as_json else _sim_door.told(done))


@app.command()
def reset(
    ctx: typer.Context,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the new universe.", min=0, max=2**63 - 1)
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of the simulator, if it is not on --data-dir.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Reset the universe of a running simulator: agents, ships and tokens are gone."""
    from fleet.cli._sim_door import Door

    done = Door.find(url, data_dir or ctx.obj).reset(seed)
    text = f"The universe of {done['resetDate']} (seed {done['seed']}) begins; register again."
    typer.echo(json.dumps(done) if as_json else text)


def usual_systems(folder: Path) -> int | None:
    """Tell the size of a new galaxy; None where a world is stored already."""
    from fleet.simulator.universe.stars import REAL_SIZE

    return None if (folder / "world").exists() else REAL_SIZE


@app.command()
def settings(
    scenario: Annotated[
        str | None, typer.Option(help="Show the rules of a scenario instead of the usual ones.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print every rule of the game that can be set, its value, and how sure that is."""
    from fleet.simulator.catalogue import Catalogue
    from fleet.simulator.rulebook import listed, shown
    from fleet.simulator.scenarios import read_scenario
    from fleet.simulator.settings import Rules

    rules = read_scenario(scenario, Catalogue()).rules if scenario else None
    rows = listed(rules or Rules())
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        value = shown(row["value"])
        typer.echo(f"{row['setting']:<23} {value:<28} {row['confidence']:<9} {row['decides']}")


def default_folder() -> Path:
    """Tell where the world is kept unless the user says otherwise."""
    import platformdirs

    return platformdirs.user_data_path("fleet", appauthor=False) / "simulator"
