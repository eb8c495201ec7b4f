"""The tree of actors of a fleet, as one specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fleet.actors.api_worker import ApiWorker, MakeWorker, WorkerSettings, worker_props
from fleet.actors.auditor import auditor_props
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings, clock_props
from fleet.actors.conductor import conductor_props
from fleet.actors.conductor_settings import ConductorSettings
from fleet.actors.database_writer import writer_props
from fleet.actors.market_book import Knowledge, book_props
from fleet.actors.request_bucket import bucket_props
from fleet.actors.status_reader import status_props
from fleet.actors.survey_pool import survey_props
from fleet.actors.treasury import treasury_props
from fleet.actors.writer_settings import WriterSettings
from fleet.first_reading import FirstReading
from fleet.protocol.clock import GameTime
from fleet.protocol.transport import Transport
from fleet.protocol.wire.contract import Survey
from fleet.protocol.wire.status import Status
from fleet.runtime import Props
from fleet.supervision.spec import ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import supervise

# An orderly stop of the whole tree must fit into the three seconds that the guard grants, even if
# some hang: only workers wait for anything, an answer that is under way.
SHUTDOWN = 0.5
WORKER_SHUTDOWN = 1.0
API = "/fleet/api"
# Nobody earns without any of these: one that fails too often rests for so many wall seconds at
# first, and not for a minute.
CORE_REST = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPlan:
    """What one agent's own actors are made of."""

    reading: FirstReading
    writer: WriterSettings
    conductor: ConductorSettings
    knowledge: Callable[[], Knowledge]
    surveys: Callable[[], tuple[Survey, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that the tree is made of."""

    reading: FirstReading
    epoch: int
    workers: int
    budgets: dict[str, float]
    transport: Callable[[], Transport]
    now: Callable[[], GameTime]
    worker: WorkerSettings
    bucket: BucketSettings
    writer: WriterSettings
    keeper: ClockSettings
    conductor: ConductorSettings
    knowledge: Callable[[], Knowledge]
    surveys: Callable[[], tuple[Survey, ...]]
    prices: dict[str, float]
    mates: tuple[AgentPlan, ...] = ()
    """Further agents; each gets actors of its own below `/fleet/agents`."""

    make_worker: MakeWorker = ApiWorker
    """Makes each API worker; in virtual time they are of another kind."""

    laboratory: Props | None = None
    """Parent of what is injected; None where nothing can be."""

    status_seen: Callable[[Status], None] | None = None
    """Shown the server's status page now and then; None: nobody asks for it."""


def tree(plan: Plan) -> SupervisorSpec:
    """Lay the tree out: who serves others starts first and stops last."""
    budgets, seen = plan.budgets, plan.status_seen
    return SupervisorSpec(
        children=(
            ChildSpec(id="writer", props=writer_props(plan.writer), shutdown=2.0),
            _child("clock", clock_props(plan.transport, plan.keeper)),
            _child("bucket", bucket_props(plan.bucket, plan.now), budgets["bucket"]),
            ChildSpec(id="api", props=supervise(_workers(plan))),
            *([_child("status", status_props(seen))] if seen else []),
            _child("auditor", auditor_props()),
            _child("treasury", treasury_props(plan.reading.agent), budgets["treasury"]),
            _child("book", book_props(plan.knowledge, plan.epoch), budgets["market"]),
            _child("surveys", survey_props(plan.surveys, plan.prices), budgets["market"]),
            _child("conductor", conductor_props(plan.conductor), budgets["conductor"]),
            ChildSpec(id="ships", props=supervise(_ships(plan, plan))),
            *([ChildSpec(id="agents", props=supervise(_mates(plan)))] if plan.mates else []),
            *([_child("experiments", plan.laboratory)] if plan.laboratory else []),
        ),
        quarantine=CORE_REST,
    )


def _mates(plan: Plan) -> SupervisorSpec:
    children = tuple(
        ChildSpec(id=mate.reading.agent.symbol, props=supervise(_mate(plan, mate)))
        for mate in plan.mates
    )
    return SupervisorSpec(children=children, stopping="at_once")


def _mate(plan: Plan, mate: AgentPlan) -> SupervisorSpec:
    """Lay out one further agent's own actors, under the same names as the first one's."""
    budgets, agent = plan.budgets, mate.reading.agent
    return SupervisorSpec(
        children=(
            ChildSpec(id="writer", props=writer_props(mate.writer), shutdown=2.0),
            _child("auditor", auditor_props()),
            _child("treasury", treasury_props(agent), budgets["treasury"]),
            _child("book", book_props(mate.knowledge, plan.epoch), budgets["market"]),
            _child("surveys", survey_props(mate.surveys, plan.prices), budgets["market"]),
            _child("conductor", conductor_props(mate.conductor), budgets["conductor"]),
            ChildSpec(id="ships", props=supervise(_ships(plan, mate))),
        )
    )


def _child(name: str, props: Props, budget: float | None = None) -> ChildSpec:
    """Describe an actor, with the budget that the user has set for its kind, in wall seconds."""
    given = props if budget is None else replace(props, budget=budget)
    return ChildSpec(id=name, props=given, shutdown=SHUTDOWN)


def _workers(plan: Plan) -> SupervisorSpec:
    budget = plan.budgets["worker"]
    props = worker_props(plan.transport, plan.worker, plan.make_worker)
    return SupervisorSpec(
        children=tuple(
            replace(
                _child(f"worker-{number}", props, budget),
                shutdown=WORKER_SHUTDOWN,
            )
            for number in range(1, plan.workers + 1)
        ),
        # A hang of the API takes all workers down at once, again and again: that is the
        # breaker's business, and no reason to put them in quarantine.
        intensity=Intensity(restarts=50, within=60.0),
        stopping="at_once",
    )


def _ships(plan: Plan, agent: Plan | AgentPlan) -> SupervisorSpec:
    budget = plan.budgets["ship"]
    return SupervisorSpec(
        children=tuple(
            _child(ship.symbol, agent.conductor.ship(ship), budget) for ship in agent.reading.ships
        ),
        # A few that hang must not use up the time that the writer needs after them.
        stopping="at_once",
    )
