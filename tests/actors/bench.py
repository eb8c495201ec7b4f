"""A ship at work in a small world, with all actors but the conductor, and ways to kill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from fleet.actors.api_worker import WorkerSettings
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings
from fleet.actors.conductor_settings import ConductorSettings
from fleet.actors.market_book import Knowledge
from fleet.actors.ship import ship_props
from fleet.actors.writer_settings import WriterSettings
from fleet.config import BUDGETS
from fleet.first_reading import FirstReading
from fleet.host.tree import API, Plan, tree
from fleet.protocol.fleet import (
    BOOK,
    BUCKET,
    SHIPS,
    TREASURY,
    WRITER,
    Assign,
    ContractSeen,
    Funds,
    Ready,
    TreasuryQuery,
    Working,
)
from fleet.protocol.rows import Delete, Flush, Rows, Upsert
from fleet.protocol.tasks import AnyTask
from fleet.runtime import (
    Actor,
    ActorSystem,
    Context,
    Envelope,
    Future,
    Props,
    VirtualClock,
    VirtualDispatcher,
)
from fleet.storage.audit import AuditReport, audit
from fleet.storage.batch import Batch
from fleet.storage.engine import Store
from fleet.storage.lease import acquire
from fleet.storage.ledger import opening
from fleet.storage.namespaces import open_namespace
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import supervise
from fleet.virtual_worker import VirtualWorker

START = 1_782_000_000.0
AGENT = "TEST"
WHOLE_DAY = 86_400.0


class Killed(Exception):
    """What the ship dies of."""


@dataclass
class Fate:
    """Counts what a ship does to the world outside, and ends it at one such effect, once."""

    way: str = ""
    """before or after an effect, hearing or heard a message; anything else leaves it alone."""

    number: int = -1
    later: list[tuple[str, int]] = field(default_factory=list)
    """What comes next, in the order of the numbers."""

    effects: list[str] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    """Numbers of the effects that something is to come back from."""

    done: list[str] = field(default_factory=list)
    """The effects that took place."""

    heard: list[str] = field(default_factory=list)
    """Names of the messages received."""

    unassigned: bool = False
    """The task was struck from the database."""

    def around(self, label: str, act: Callable[[], Any], *, waits: bool) -> Any:
        number = len(self.effects)
        self.effects.append(label)
        if waits:
            self.waiting.append(number)
        self._strike("before", number)
        act()
        self.done.append(label)
        self._strike("after", number)

    def hear(self, message: Any, act: Callable[[], None]) -> None:
        """Take a message; way `hearing` ends its hearer before that, `heard` right after."""
        number = len(self.heard)
        self.heard.append(type(message).__name__)
        self._strike("hearing", number)
        act()
        self._strike("heard", number)

    def _strike(self, way: str, number: int) -> None:
        if (self.way, self.number) == (way, number):
            self.way, self.number = self.later.pop(0) if self.later else ("", -1)
            raise Killed(f"{way} {number}")


class Spied:
    """A context whose effects pass a fate first; rows of the ship itself are not worth it."""

    def __init__(self, ctx: Context[Any], fate: Fate) -> None:
        self._ctx = ctx
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    def tell(self, to: Any, message: Any) -> None:
        own = isinstance(message, Upsert | Delete) and message.table == "assignments"
        if isinstance(message, Upsert | Delete | Rows) and not own:
            self._ctx.tell(to, message)
            return
        label = f"tell {to.path} {type(message).__name__} {getattr(message, 'operation', '')}"
        waits = to.path == BUCKET
        self._fate.around(label, lambda: self._ctx.tell(to, message), waits=waits)
        if isinstance(message, Upsert | Delete):
            self._fate.unassigned = isinstance(message, Delete)

    def ask(self, to: Any, message: Any, **more: Any) -> None:
        label = f"ask {to.path} {type(message).__name__}"
        self._fate.around(label, lambda: self._ctx.ask(to, message, **more), waits=True)

    def timer(self, key: str, message: Any, **more: Any) -> None:
        label = f"timer {key}"
        self._fate.around(label, lambda: self._ctx.timer(key, message, **more), waits=True)


class Mortal(Actor[Any]):
    """An actor whose effects pass a fate first."""

    def __init__(self, inner: Actor[Any], fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def on_start(self, ctx: Context[Any]) -> None:
        self._inner.on_start(Spied(ctx, self._fate))  # type: ignore[arg-type]

    def on_restart(self, ctx: Context[Any], reason: str) -> None:
        self._inner.on_restart(Spied(ctx, self._fate), reason)  # type: ignore[arg-type]

    def receive(self, ctx: Context[Any], message: Any) -> None:
        spied: Any = Spied(ctx, self._fate)
        self._fate.hear(message, lambda: self._inner.receive(spied, message))


def mortal(props: Props, fate: Fate) -> Props:
    """Have every incarnation's effects pass a fate."""
    return replace(props, factory=lambda: Mortal(props.factory(), fate))


class Master(Actor[Any]):
    """Stands in for the conductor: gives one task until it has ended."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def receive(self, ctx: Context[Any], message: Any) -> None:
        orders = self._orders
        match message:
            case Ready(ship=ship, ended=ended, outcome=outcome):
                if ended is not None or orders.fate.unassigned:
                    orders.outcome = outcome or "ended unheard"
                elif orders.task is not None and orders.outcome is None:
                    ctx.tell(ctx.address(f"{SHIPS}/{ship.symbol}"), Assign(orders.task))
            case Working():
                pass
            case ContractSeen(contract=contract):
                orders.contract = contract
            case _:
                raise AssertionError(message)


@dataclass
class Orders:
    """The one task of a bench, and what became of it."""

    task: AnyTask | None
    fate: Fate
    outcome: str | None = None
    contract: Any = None


class Bench:
    """One ship in a small world with book, treasury, surveys, bucket, workers and writer."""

    def __init__(
        self,
        snapshot: Any,
        store: Store,
        name: str,
        *,
        task: AnyTask | None = None,
        kill: tuple[str, int] = ("", -1),
        latency: float = 0.0,
        change: Callable[[Bench, SupervisorSpec], SupervisorSpec] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.clock = VirtualClock(START)
        self.server = snapshot.serve(self.clock)
        self.fate = Fate(*kill)
        self.orders = Orders(task, self.fate)
        self.events = MemoryEventLog()
        self.dispatcher = VirtualDispatcher(self.clock)
        self.system = ActorSystem(dispatcher=self.dispatcher, clock=self.clock, events=self.events)
        self.dispatcher.bind(self.system)
        self.store = store
        self.namespace = open_namespace(store, AGENT, name, now=START).id
        row = opening(snapshot.agent.credits, row_id=f"{name}-opening", at=START)
        store.write(Batch(self.namespace, [row]), acquire(store, name))
        self.plan = self._plan(name)
        if latency:
            worker = partial(VirtualWorker, latency=latency)
            self.plan = replace(self.plan, make_worker=worker)
        spec = tree(self.plan)
        self.system.spawn("/fleet", supervise((change or stand_in)(self, spec)))

    def _plan(self, name: str) -> Plan:
        snapshot, known = self.snapshot, self.snapshot.knowledge
        paths = tuple(f"{API}/worker-{number}" for number in (1, 2))
        return Plan(
            reading=FirstReading(snapshot.agent, snapshot.ships, 0),
            epoch=1,
            workers=2,
            budgets=dict.fromkeys(BUDGETS, 5.0),
            transport=lambda: self.server,
            now=self.clock.game,
            worker=WorkerSettings(
                bucket=BUCKET, writer=WRITER, epoch=1, token=lambda _: snapshot.token
            ),
            bucket=BucketSettings(workers=paths, writer=WRITER),
            writer=WriterSettings(
                open_store=lambda: self.store, namespace=self.namespace, owner=name, period=3600.0
            ),
            keeper=ClockSettings(fit=lambda _: None),
            conductor=ConductorSettings(agent=snapshot.agent),
            knowledge=lambda: Knowledge(
                dict(known.waypoints), dict(known.markets), dict(known.yards)
            ),
            surveys=lambda: (),
            prices={},
        )

    new_fate = Fate
    mortal = staticmethod(mortal)

    # -- running

    def ask(self, path: str, message: Any) -> Any:
        answer: Future[Any] = Future()
        self.system.post(path, Envelope(message, self.system.next_id(), future=answer))
        self.dispatcher.run_while(lambda: not answer.done, limit=60.0)
        return answer.get(0.0)

    def master(self) -> Master:
        """Make who stands in for the conductor."""
        return Master(self.orders)

    def finish(self, until: Callable[[], bool] | None = None) -> None:
        """Play until the task has ended (or else), and a little on, so that all is said."""
        over = until or (lambda: self.orders.outcome is not None)
        self.dispatcher.run_while(lambda: not over(), limit=WHOLE_DAY)
        self.dispatcher.run_for(1.0)

    def close(self) -> None:
        """Abandon all actors; the store goes on to the next bench."""
        self.system.close()

    # -- looking

    @property
    def ship(self) -> Any:
        """The ship as the server has it."""
        return self.server.world.ships[f"{AGENT}-1"]

    @property
    def credits(self) -> int:
        return self.server.world.agents[AGENT].credits

    def units(self, operation: str, good: str) -> int:
        """Add up the units of all deals of a kind, by the server's books."""
        deals = (h.data["transaction"] for h in self.server.done(operation))
        return sum(deal["units"] for deal in deals if deal["tradeSymbol"] == good)

    def audit(self) -> AuditReport:
        """Hold the database against the server."""
        assert self.ask(WRITER, Flush()) is True
        world = self.server.world
        ships = world.agents[AGENT].ships
        cargo = {symbol: dict(world.ships[symbol].cargo) for symbol in ships}
        return audit(self.store, self.namespace, credits=self.credits, ships=ships, cargo=cargo)

    def claims(self) -> int:
        cell = self.system.cell(BOOK)
        assert cell is not None
        return len(cell.mailbox.leases)

    def reserved_by(self, owner: str) -> int:
        """Tell the credits that an owner has a grant on."""
        cell = self.system.cell(TREASURY)
        assert cell is not None
        leases = cell.mailbox.leases.values()
        return sum(each.note for each in leases if each.envelope.message.owner == owner)

    def reserved(self) -> int:
        funds: Funds = self.ask(TREASURY, TreasuryQuery())
        return funds.reserved

    def crashes(self) -> list[str]:
        """List what crashed, but for what was killed."""
        crashed = self.events.records("actor.crashed")
        return [row["text"] + row["stack"] for row in crashed if row["reason"] != "Killed"]


def stand_in(bench: Bench, spec: SupervisorSpec) -> SupervisorSpec:
    """Put the master in the conductor's place and a fate over the one ship."""
    ship = bench.snapshot.ships[0]
    flying = ChildSpec(id=ship.symbol, props=mortal(ship_props(ship.symbol, ship), bench.fate))
    others = {
        "conductor": Props(factory=lambda: Master(bench.orders)),
        "ships": supervise(SupervisorSpec(children=(flying,))),
    }
    children = tuple(
        replace(child, props=others.get(child.id, child.props))
        for child in spec.children
        if child.id != "clock"
    )
    return replace(spec, children=children)
