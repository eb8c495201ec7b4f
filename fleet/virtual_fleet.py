"""A whole fleet and its universe in one thread and in virtual time: same seed, same run."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from fleet.actors.api_worker import WorkerSettings
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings
from fleet.actors.conductor_settings import ConductorSettings
from fleet.actors.writer_settings import WriterSettings
from fleet.config import BUDGETS
from fleet.first_reading import FirstReader, FirstReading
from fleet.host.accounts import Accounts
from fleet.host.knowledge import load_knowledge, load_surveys
from fleet.host.observe import Observation
from fleet.host.plan import ORE_PRICES
from fleet.host.recorded import start_recording
from fleet.host.tally import Tally
from fleet.host.tree import API, Plan, tree
from fleet.http_transport import HttpSettings
from fleet.inprocess_transport import InProcessTransport
from fleet.protocol.endpoints import Auth
from fleet.protocol.errors import FleetError, SetupError
from fleet.protocol.fleet import (
    AUDITOR,
    BUCKET,
    CONDUCTOR,
    SHIPS,
    TREASURY,
    WRITER,
    FleetQuery,
    ShipQuery,
    TreasuryQuery,
)
from fleet.protocol.metrics import BucketQuery
from fleet.protocol.rows import Flush, WriterQuery
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport
from fleet.runtime import (
    ActorSystem,
    Envelope,
    Future,
    NullEvents,
    VirtualClock,
    VirtualDispatcher,
)
from fleet.runtime.events import EventSink
from fleet.runtime.recording import Recorder
from fleet.simulator import Rules, SimSettings, Simulator
from fleet.simulator import VirtualClock as SimVirtualClock
from fleet.simulator.faults.fault import parse_fault
from fleet.simulator.opening import in_memory
from fleet.storage.audit import balance
from fleet.storage.engine import Store, open_store
from fleet.storage.lease import acquire, lease_name
from fleet.storage.location import default_url, locate
from fleet.storage.namespaces import fresh_epoch, open_namespace
from fleet.storage.worth import ships_value
from fleet.supervision.supervisor import Shutdown, supervise
from fleet.virtual_faults import LockedStore
from fleet.virtual_way import Way
from fleet.virtual_worker import VirtualWorker

WORKERS = 4
# Game seconds between two requests of the start: never more than the server takes.
PACE = 0.5
# Virtual seconds: nobody is ever late in virtual time, but a hang may be played.
ASK_WITHIN = 60.0
# Rows need not be durable soon: nobody can kill a process between two virtual seconds.
FLUSH_PERIOD = 60.0
CLIENT = "127.0.0.1"
# Virtual seconds after which whatever was under way has come back, or was given up.
LANDED = 2 * HttpSettings().read


@dataclass(frozen=True, slots=True)
class Universe:
    """A simulator in this thread, with the clock that moves it and the fleet alike."""

    simulator: Simulator
    sim_clock: SimVirtualClock
    clock: VirtualClock
    way: Way

    def transport(self) -> Transport:
        """Make a way to the simulator."""
        return InProcessTransport(self.simulator, self.sim_clock, self.clock, CLIENT, self.way)

    def register(self, symbol: str) -> str:
        """Register an agent and give its token. Raises SetupError."""
        body = {"symbol": symbol, "faction": "COSMIC"}
        answer = self.transport().send(
            HttpRequest(method="POST", path="/v2/register", body=msgspec.json.encode(body))
        )
        if answer.status != 201:
            raise SetupError(f"The simulator did not register {symbol}: {answer.body!r:.200}")
        return str(msgspec.json.decode(answer.body)["data"]["token"])


def universe(settings: SimSettings) -> Universe:
    """Make a world in memory. Raises UsageError or SetupError for settings that can't be met."""
    clock = VirtualClock()
    sim_clock = SimVirtualClock(clock.now)
    simulator = in_memory(settings, sim_clock)
    return Universe(simulator, sim_clock, clock, Way(simulator, sim_clock, clock))


@dataclass(frozen=True, slots=True)
class PacedTransport:
    """Lets virtual time pass before each request, for a reader that sends one after another."""

    inner: Transport
    clock: VirtualClock

    def send(self, request: HttpRequest) -> HttpResponse:
        """Wait a little, then send."""
        self.clock.now += PACE
        return self.inner.send(request)

    def cancel(self) -> None:
        """Do nothing: nobody ever waits in `send`."""


class VirtualFleet:
    """The actors of a run, a simulator and a database in one thread; nothing waits for the wall.

    The database is a SQLite file in the folder given; the universe lives in memory and ends
    with the object. Every method is for the thread that made it.
    """

    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        scenario: str = "start",
        ships: int = 40,
        latency: float = 0.0,
        rules: Rules | None = None,
        faults: Sequence[str] = (),
        events: EventSink | None = None,
        shuffle: random.Random | None = None,
        change: Callable[[Plan], Plan] = lambda plan: plan,
        record: Path | None = None,
    ) -> None:
        """Make the world, register, read the agent, and start the actors.

        `ships` is the most that the fleet may own; `latency` is how long each request is under
        way to the server, in game seconds; `faults` are armed once the actors start, in the
        words of `fleet sim`; with `shuffle` ready actors don't take turns in order; `change` may
        alter what the tree is made of, as an experiment's arm does; what the actors do is kept
        in the file `record`, for `fleet replay`. Raises UsageError or SetupError for a
        scenario, fault, folder or file that can't be used.
        """
        settings = SimSettings(seed=seed, scenario=scenario, rules=rules)
        self.universe = universe(settings)
        self.clock, self.simulator = self.universe.clock, self.universe.simulator
        self.events = Tally(events or NullEvents(), self.clock.wall)
        self._locked_until = self.clock.now
        self._token = self.universe.register(f"SEED-{seed}")
        self.reading = self._read()
        self._open_books(folder)
        self.dispatcher = VirtualDispatcher(self.clock, shuffle=shuffle)
        self.system = ActorSystem(
            dispatcher=self.dispatcher, clock=self.clock, events=self.events, seed=seed
        )
        self.dispatcher.bind(self.system)
        worker = partial(VirtualWorker, latency=latency, way=self.universe.way)
        self.plan = change(replace(self._plan(ships), make_worker=worker))
        self.recorder: Recorder | None = None
        if record is not None:
            self.plan, self.recorder = start_recording(
                self.system, self.plan, record, secrets=[self._token], threaded=False
            )
        for text in faults:
            fault = parse_fault(text)
            self.simulator.faults.arm(*fault, self.clock.game(), self.simulator.clock.speed)
        self.system.spawn("/fleet", supervise(tree(self.plan)))
        self.run_for(0.0)

    # -- playing

    def run_for(self, game_seconds: float) -> None:
        """Let that much game time pass."""
        self.dispatcher.run_for(game_seconds)

    def run_while(self, condition: Callable[[], bool], *, limit: float) -> bool:
        """Let game time pass while the condition holds; say whether it ended before the limit."""
        return self.dispatcher.run_while(condition, limit=limit)

    def observe(self) -> Observation:
        """Ask all actors how they are; None where one did not answer."""
        prefix = f"{SHIPS}/"
        paths = [cell.address.path for cell in self.system.cells()]
        ships = [self._try(path, ShipQuery()) for path in paths if path.startswith(prefix)]
        return Observation(
            bucket=self._try(BUCKET, BucketQuery()),
            writer=self._try(WRITER, WriterQuery()),
            funds=self._try(TREASURY, TreasuryQuery()),
            fleet=self._try(CONDUCTOR, FleetQuery()),
            ships=tuple(view for view in ships if view is not None),
        )

    def ask(self, path: str, message: Any, *, within: float = ASK_WITHIN) -> Any:
        """Ask an actor and let time pass until it answers. Raises AskTimeout, AskFailed."""
        answer: Future[Any] = Future()
        self.system.post(path, Envelope(message, self.system.next_id(), future=answer))
        self.dispatcher.run_while(lambda: not answer.done, limit=within)
        return answer.get(0.0)

    def _try(self, path: str, message: Any) -> Any:
        try:
            return self.ask(path, message)
        except FleetError:
            return None

    def close(self) -> None:
        """Stop the actors in order, write what is left, and close the database."""
        try:
            self.ask("/fleet", Shutdown())
        finally:
            self.system.close()
            self.store.close()
            if self.recorder is not None:
                self.recorder.close()

    # -- books

    @property
    def credits(self) -> int:
        """The agent's credits by the simulator's own books."""
        return self.simulator.world.agents[self.reading.agent.symbol].credits

    def ledger_balance(self) -> int:
        """Opening plus all deltas of our own ledger, after all rows were written."""
        self.ask(WRITER, Flush())
        return balance(self.store, self.namespace)

    def owed(self) -> int:
        """Credits in the simulator's books less those in ours: 0, or something is wrong.

        Where faults are armed they end, and the answers under way come in first: time passes.
        """
        if not self.universe.way.is_clear:
            self.simulator.faults.clear()
            self.run_for(LANDED)
        return self.credits - self.ledger_balance()

    def net_worth(self) -> int:
        """Credits, and ships at the price paid."""
        self.ask(WRITER, Flush())
        return self.credits + ships_value(self.store, self.namespace)

    def digest(self) -> str:
        """Digest the world and the ledger; equal runs have equal digests."""
        state = f"{self.simulator.state_hash()} {self.ledger_balance()}"
        return hashlib.sha256(state.encode()).hexdigest()

    # -- the start

    def _read(self) -> FirstReading:
        paced = PacedTransport(self.universe.transport(), self.clock)
        return FirstReader(paced, self._token).read()

    def _open_books(self, folder: Path) -> None:
        now, reset = self.clock.game(), self.simulator.world.reset_date
        self._url = default_url(folder)
        self.store = open_store(self._url)
        self.namespace = open_namespace(self.store, self.reading.agent.symbol, reset, now=now).id
        self.epoch = fresh_epoch(self.store, "virtual", now=now)
        lease = acquire(self.store, f"boot-{self.epoch}", name=lease_name(self.namespace))
        Accounts(self.store, lease, self.namespace, self.epoch).open(self.reading, now)

    def _plan(self, ships: int) -> Plan:
        store, namespace, epoch = self.store, self.namespace, self.epoch
        names = tuple(f"{API}/worker-{number}" for number in range(1, WORKERS + 1))
        return Plan(
            reading=self.reading,
            epoch=epoch,
            workers=WORKERS,
            budgets=dict(BUDGETS),
            transport=self.universe.transport,
            now=self.clock.game,
            worker=WorkerSettings(bucket=BUCKET, writer=WRITER, epoch=epoch, token=self._bearer),
            bucket=BucketSettings(auditor=AUDITOR, workers=names, writer=WRITER, used_before=True),
            writer=WriterSettings(
                open_store=self._open_for_writer,
                namespace=namespace,
                owner=f"writer-{epoch}",
                period=FLUSH_PERIOD,
            ),
            # The clock is right by its make; a look a day costs nothing.
            keeper=ClockSettings(fit=lambda _: None, period=86_400.0, looks=1),
            conductor=ConductorSettings(
                agent=self.reading.agent,
                most_ships=ships,
                value=ships_value(store, namespace),
            ),
            knowledge=lambda: load_knowledge(store, namespace),
            surveys=lambda: load_surveys(store, namespace, self.clock.game()),
            prices=ORE_PRICES,
        )

    def _open_for_writer(self) -> Store:
        def is_locked() -> bool:
            return self.clock.now < self._locked_until

        return LockedStore(locate(self._url), is_locked)

    def lock_database(self, seconds: float) -> None:
        """Have the writer find the database locked for virtual seconds."""
        self._locked_until = self.clock.now + seconds

    def _bearer(self, auth: Auth) -> str | None:
        return self._token if auth is Auth.AGENT else None
