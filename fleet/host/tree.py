"""The tree of actors of a fleet, as one specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fleet.actors.api_worker import WorkerSettings, worker_props
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings, clock_props
from fleet.actors.conductor import ConductorSettings, conductor_props
from fleet.actors.database_writer import writer_props
from fleet.actors.market_book import Knowledge, book_props
from fleet.actors.request_bucket import bucket_props
from fleet.actors.ship import ship_props
from fleet.actors.survey_pool import survey_props
from fleet.actors.treasury import treasury_props
from fleet.actors.writer_settings import WriterSettings
from fleet.first_reading import FirstReading
from fleet.protocol.clock import GameTime
from fleet.protocol.transport import Transport
from fleet.protocol.wire.contract import Survey
from fleet.supervision.spec import ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import supervise

# An orderly stop of the whole tree must fit into the three seconds that the guard grants.
SHUTDOWN = 1.0
API = "/fleet/api"


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


def tree(plan: Plan) -> SupervisorSpec:
    """Lay the tree out: who serves others starts first and stops last."""
    workers = tuple(
        ChildSpec(
            id=f"worker-{number}",
            props=worker_props(plan.transport, plan.worker),
            shutdown=SHUTDOWN,
        )
        for number in range(1, plan.workers + 1)
    )
    ships = tuple(
        ChildSpec(
            id=ship.symbol,
            props=ship_props(ship.symbol, ship, budget=plan.budgets["ship"]),
            shutdown=SHUTDOWN,
        )
        for ship in plan.reading.ships
    )
    # A hang of the API takes all workers down at once, again and again: that is the breaker's
    # business, and no reason to put them in quarantine.
    often = Intensity(restarts=50, within=60.0)
    return SupervisorSpec(
        children=(
            ChildSpec(id="writer", props=writer_props(plan.writer), shutdown=2.0),
            ChildSpec(
                id="clock", props=clock_props(plan.transport, plan.keeper), shutdown=SHUTDOWN
            ),
            ChildSpec(id="bucket", props=bucket_props(plan.bucket, plan.now), shutdown=SHUTDOWN),
            ChildSpec(id="api", props=supervise(SupervisorSpec(children=workers, intensity=often))),
            ChildSpec(id="treasury", props=treasury_props(plan.reading.agent), shutdown=SHUTDOWN),
            ChildSpec(id="book", props=book_props(plan.knowledge, plan.epoch), shutdown=SHUTDOWN),
            ChildSpec(
                id="surveys", props=survey_props(plan.surveys, plan.prices), shutdown=SHUTDOWN
            ),
            ChildSpec(id="conductor", props=conductor_props(plan.conductor), shutdown=SHUTDOWN),
            ChildSpec(id="ships", props=supervise(SupervisorSpec(children=ships))),
        )
    )
