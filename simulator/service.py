"""Serves a simulator over HTTP until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.address import forget_address, write_address
from fleet.simulator.asgi import SimulatorApp
from fleet.simulator.clock import RunningClock, civil, instant, steady
from fleet.simulator.connection import Connection
from fleet.simulator.faults.fault import parse_fault
from fleet.simulator.opening import Opened, in_memory, make_clock, open_world
from fleet.simulator.settings import SimSettings
from fleet.simulator.simulator import Simulator
from fleet.simulator.socket_connection import SocketConnection

BACKLOG = 2048
PING_PATIENCE = 300.0
"""Seconds after which a websocket whose ping nobody has answered is taken for dead."""

TICKS_PER_SYNC = 10
"""uvicorn ticks ten times a second."""

logger = logging.getLogger(__name__)


def serve(
    settings: SimSettings, listener: socket.socket | None, on_ready: Callable[[str], None]
) -> None:
    """Serve a world until SIGTERM or SIGINT; then save it and return.

    Takes over a listening socket, or binds `settings.host` and `settings.port` itself. Calls
    `on_ready` with the address (`http://HOST:PORT`) when requests are answered. Blocks the
    calling thread, which must be the main one for signals to work. Raises UsageError or
    SetupError with one sentence when it can't start, or can't go on.
    """
    check(settings)
    taken = listener if listener is not None else bind(settings.host, settings.port)
    try:
        if settings.data_dir is None:
            clock = make_clock(settings)(instant(civil()))
            run(SimulatorServer(settings, None, in_memory(settings, clock), taken, on_ready), taken)
            return
        opened = open_world(settings, make_clock(settings))
        try:
            server = SimulatorServer(settings, opened, opened.simulator, taken, on_ready)
            run(server, taken)
            finish(opened, server.fault, settings.data_dir)
        finally:
            with suppress(OSError):
                forget_address(settings.data_dir)
            opened.keeper.close()
    finally:
        taken.close()


def check(settings: SimSettings) -> None:
    """See that the settings can be met. Raises UsageError."""
    if not settings.speed > 0:
        raise UsageError("The speed must be greater than 0.")
    for text in settings.faults:
        parse_fault(text)


def bind(host: str, port: int) -> socket.socket:
    """Open the listening socket. Raises SetupError with one sentence."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SetupError(
            f"Can't listen on {host} port {port} ({reason}); choose another --host or --port."
        ) from error
    return listener


def run(server: SimulatorServer, listener: socket.socket) -> None:
    """Run the server's event loop until it is told to stop."""
    server.run(sockets=[listener])


def finish(opened: Opened, fault: OSError | None, folder: Path) -> None:
    """Stop the game's time and save the world. Raises SetupError if the disk won't have it."""
    if fault is None:
        clock = opened.simulator.clock
        if isinstance(clock, RunningClock):
            clock.pause()
        try:
            opened.save()
            return
        except OSError as error:
            fault = error
    raise SetupError(
        f"The world in {folder} can't be written ({fault.strerror}); make room and start again."
    ) from fault


class SimulatorServer(uvicorn.Server):
    """A uvicorn server that saves the world now and then and tells when it is ready."""

    def __init__(
        self,
        settings: SimSettings,
        opened: Opened | None,
        simulator: Simulator,
        listener: socket.socket,
        on_ready: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._opened = opened
        self._simulator = simulator
        self._listener = listener
        self._on_ready = on_ready
        self._saved = steady()
        self.fault: OSError | None = None
        """What kept a command from being logged."""

        for text in settings.faults:
            clock = simulator.clock
            simulator.faults.arm(*parse_fault(text), clock.now(), clock.speed)
        super().__init__(configuration(SimulatorApp(simulator, self._broken)))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, and say so."""
        await super().startup(sockets)
        if self.started:
            host, port = self._listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{port}"
            try:
                if self._settings.data_dir is not None:
                    write_address(self._settings.data_dir, address)
            except OSError as error:
                # Only commands look for it, and the game can go on without them.
                logger.warning("address.not_written: %s", error)
            self._on_ready(address)

    async def on_tick(self, counter: int) -> bool:
        """Do what is due beside requests; uvicorn calls this ten times a second."""
        self._save_if_due()
        self._simulator.galaxy.look_around()
        if counter % TICKS_PER_SYNC == 0:
            self._sync()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT without raising them again, so that the world is saved."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handled = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _save_if_due(self) -> None:
        opened, settings = self._opened, self._settings
        if opened is None or not opened.keeper.records:
            return
        waited = steady() - self._saved
        if opened.keeper.records < settings.snapshot_records and waited < settings.snapshot_seconds:
            return
        self._saved = steady()
        try:
            opened.save()
        except OSError as error:
            # The log has everything, so this can wait for the next time.
            logger.warning("snapshot.failed: %s", error)

    def _sync(self) -> None:
        """Have the disk take the log, in a thread: a failing machine loses a second at most."""
        handle = self._opened.keeper.log_twin() if self._opened is not None else None
        if handle is not None:
            asyncio.get_running_loop().run_in_executor(None, sync_and_close, handle)

    def _broken(self, fault: OSError) -> None:
        self.fault = fault
        self.should_exit = True


def sync_and_close(handle: int) -> None:
    """Have the disk take a file; runs in a thread of its own."""
    try:
        os.fdatasync(handle)
    except OSError as error:
        logger.warning("log.not_synced: %s", error)
    finally:
        os.close(handle)


def configuration(app: SimulatorApp) -> uvicorn.Config:
    """Configure uvicorn for speed: no logs, no headers of its own, no lifespan."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Connection,
        ws=SocketConnection,
        # Compressing a message costs several times as much as answering it.
        ws_per_message_deflate=False,
        # A bot with one thread answers no ping while it thinks.
        ws_ping_timeout=PING_PATIENCE,
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        # Believing X-Forwarded-For would let clients choose their own limiter.
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        backlog=BACKLOG,
    )
