"""`fleet child`: one process of a fleet, started by its guard with an order on standard input."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from fleet.protocol.errors import FleetError
from fleet.supervision.guard.lifeline import Lifeline

app = typer.Typer(add_completion=False)


@app.command()
def simulator() -> int:
    """Serve the embedded simulator on the socket that the parent has bound."""
    lifeline = Lifeline.from_environment()
    from fleet.launch import WORLD, read_order
    from fleet.simulator.service import serve
    from fleet.simulator.settings import SimSettings

    served: list[str] = []
    try:
        order, config = read_order(sys.stdin.buffer.read())
        settings = SimSettings(
            data_dir=config.data_dir / WORLD,
            speed=config.speed,
            seed=config.seed,
            universe=config.universe,
            scenario=config.scenario,
            limits=config.limits,
        )
        assert order.listener is not None
        listener = socket.socket(fileno=order.listener)
        serve(settings, listener, partial(_serving, lifeline, served))
    except FleetError as failure:
        # What worked once may work again: somebody makes room on the disk, and the fleet goes on.
        return lifeline.renew(str(failure)) if served else lifeline.boot_failed(str(failure))
    return 0


def _serving(lifeline: Lifeline, served: list[str], url: str) -> None:
    """Tell that the simulator answers, and go on telling for as long as its event loop runs."""
    import asyncio

    from fleet.supervision.guard.loop_beat import beat_from

    served.append(url)
    lifeline.ready({"url": url})
    beat_from(asyncio.get_running_loop(), lifeline.beat)


@app.command()
def runtime() -> NoReturn:
    """Run the actors."""
    lifeline = Lifeline.from_environment()
    from fleet.host.process import run_runtime
    from fleet.launch import read_order

    order, config = read_order(sys.stdin.buffer.read())
    _leave(run_runtime(config, os.environ, order.base_url, lifeline))


def _leave(code: int) -> NoReturn:
    """End at once: everything is closed, and the interpreter's own end may take seconds.

    It takes turns with threads that compute for good, and frees what dies with it anyway.
    """
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


@app.command()
def console(data_dir: Annotated[Path, typer.Option(help="Folder of the fleet.")]) -> int:
    """Draw the live console.

    Without a lifeline: it watches its parent itself, and gives the terminal back when that is
    gone.
    """
    from fleet.console.main import run

    run(data_dir, embedded=True)
    return 0
