"""The parent process of `fleet run`: lays out the processes and hands them to the guard."""

from __future__ import annotations

import os
import random
import socket
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from fleet.config import Config
from fleet.credentials import read_token
from fleet.host.footprint import Footprint
from fleet.protocol.errors import SetupError
from fleet.roster import seats
from fleet.run_files import check_files
from fleet.runtime.clocks import SystemClock
from fleet.supervision.event_log import LOG_NAME, DirectEventLog
from fleet.supervision.guard.data_lock import DataLock
from fleet.supervision.guard.guard import Guard
from fleet.supervision.guard.service_manager import ServiceManager
from fleet.supervision.guard.spec import ProcessSpec
from fleet.supervision.line_writer import Stamp

RUN_VARIABLE = "FLEET_RUN"
WORLD = "universe"
BACKLOG = 1024
# With a memory arena per thread, what one thread frees is of no use to another: a fleet of 200 that
# was in constant trouble had 174 MB in fifteen of them after four minutes (measured). The second
# keeps large blocks out of the arenas, so that they go back to the system when they are freed.
ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576"}
"""Settings of glibc's allocator; other systems know nothing of them."""
# Wall seconds: it saves its world, or makes a new part of it, in the thread that beats.
SIMULATOR_HEARTBEAT = 10.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a child process is told on its standard input."""

    config: msgspec.Raw
    base_url: str
    listener: int | None = None
    """Descriptor of the simulator's listening socket."""


def launch(config: Config) -> int:
    """Run the fleet to its end; gives the exit code. Raises UsageError, SetupError."""
    check_files(config)
    _check_world(config)
    # Looked at here already, so that a slip of the pen starts nothing.
    for seat in seats(config, os.environ):
        read_token(seat.config, seat.env)
    footprint = Footprint(config.data_dir)
    with DataLock(config.data_dir) as lock:
        listener = _listen() if config.embedded else None
        try:
            code, refused = _guarded(config, listener, lock)
        finally:
            if listener is not None:
                listener.close()
        if refused:
            footprint.erase()
    if refused:
        footprint.fold()
    return code


def _check_world(config: Config) -> None:
    """Refuse a broken universe or scenario before anything is written."""
    if config.universe is None and config.scenario is None:
        return
    from fleet.simulator.catalogue import Catalogue
    from fleet.simulator.genesis import new_world
    from fleet.simulator.settings import SimSettings

    settings = SimSettings(seed=config.seed, universe=config.universe, scenario=config.scenario)
    new_world(settings, Catalogue(), SystemClock().game())


def _listen() -> socket.socket:
    """Bind the simulator's port here, so that it outlives the simulator's own restarts."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listener.set_inheritable(False)
    return listener


def _guarded(config: Config, listener: socket.socket | None, lock: DataLock) -> tuple[int, bool]:
    """Run the processes; tell the exit code, and whether one of them refused to start at all."""
    clock = SystemClock()
    # Not the process id: a machine gives the same one again, in a container each time.
    epoch = int(clock.wall() * 1000)
    log = DirectEventLog(
        config.data_dir / LOG_NAME, Stamp(process="guard", epoch=epoch, clock=clock)
    )
    service = ServiceManager.from_environment(os.environ)
    if listener is None:
        assert config.api_url is not None
        base_url = config.api_url
    else:
        host, port = listener.getsockname()
        base_url = f"http://{host}:{port}"
    specs = process_specs(config, base_url, listener, os.environ)
    guard = Guard(
        specs,
        log=log,
        clock=clock,
        rng=random.Random(),
        dumps=config.data_dir / "dumps",
        say=_say,
        lost=lock.lost,
        service=service,
    )
    try:
        return guard.run(), guard.refused
    finally:
        log.close()


def _say(sentence: str) -> None:
    # After a hangup there is no terminal to write to; the log has it all the same.
    with suppress(OSError):
        sys.stderr.write(f"fleet: {sentence}\n")
        sys.stderr.flush()


def process_specs(
    config: Config, base_url: str, listener: socket.socket | None, env: Mapping[str, str]
) -> list[ProcessSpec]:
    """Lay out the processes: simulator (when embedded), runtime, console (on a terminal)."""
    child_env = {**ALLOCATOR, **env, RUN_VARIABLE: uuid.uuid4().hex}
    specs = []
    if listener is not None:
        specs.append(
            ProcessSpec(
                name="simulator",
                argv=_argv("simulator"),
                env=child_env,
                stdin=_order(config, base_url, listener.fileno()),
                pass_fds=(listener.fileno(),),
                output=_output(config, "simulator"),
                critical=True,
                heartbeat=max(config.heartbeat, SIMULATOR_HEARTBEAT),
                stop_order=2,
            )
        )
    specs.append(
        ProcessSpec(
            name="runtime",
            argv=_argv("runtime"),
            env=child_env,
            stdin=_order(config, base_url),
            output=_output(config, "runtime"),
            critical=True,
            heartbeat=config.heartbeat,
            ready_timeout=60.0,
            stop_order=0,
        )
    )
    if not config.headless and sys.stdout.isatty():
        specs.append(
            ProcessSpec(
                name="console",
                argv=[*_argv("console"), "--data-dir", str(config.data_dir)],
                env=child_env,
                terminal=True,
                restart="transient",
                stop_order=1,
                ready_timeout=None,
            )
        )
    return specs


def _argv(child: str) -> list[str]:
    return [sys.executable, "-m", "fleet", "child", child]


def _order(config: Config, base_url: str, listener: int | None = None) -> bytes:
    order = Order(config=msgspec.Raw(config.to_json()), base_url=base_url, listener=listener)
    return msgspec.json.encode(order)


def _output(config: Config, name: str) -> Path:
    return config.data_dir / f"{name}.log"


def read_order(text: bytes) -> tuple[Order, Config]:
    """Read what a child was told. Raises SetupError for anything else."""
    try:
        order = msgspec.json.decode(text, type=Order)
        return order, Config.from_json(bytes(order.config))
    except msgspec.DecodeError as error:
        raise SetupError(f"`fleet child` is started by `fleet run` only ({error}).") from None
