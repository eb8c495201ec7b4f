"""Records a fleet of this host, and builds its tree once more for a replay."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from fleet.actors.api_worker import WorkerSettings
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings
from fleet.actors.conductor_settings import ConductorSettings
from fleet.actors.market_book import Knowledge
from fleet.actors.membership import as_member
from fleet.actors.writer_settings import WriterSettings
from fleet.first_reading import FirstReading
from fleet.host.boot import Booted
from fleet.host.stopping import ROOT
from fleet.host.tree import API, AgentPlan, Plan, tree
from fleet.protocol.clock import GameTime
from fleet.protocol.errors import SetupError
from fleet.protocol.fleet import BUCKET, WRITER
from fleet.protocol.wire.contract import Survey
from fleet.protocol.wire.market import Agent
from fleet.runtime import Actor, ActorSystem, Props
from fleet.runtime.recording import Recorder
from fleet.runtime.recording_codec import AddressBook, Packer, unpack
from fleet.runtime.replay import PATIENCE, Replay, Seen
from fleet.runtime.replay_turns import RecordedTurn, RecordedTurns
from fleet.supervision.spec import SupervisorSpec
from fleet.supervision.supervisor import supervise

LABORATORY = f"{ROOT}/experiments"
OUTSIDE = frozenset({"writer", "clock", "status"})
"""Actors that work with sockets or the database: only what they say is recorded, like what workers
and scripts that were injected say."""

MODULES = (
    "fleet.actors",
    "fleet.first_reading",
    "fleet.host.recorded",
    "fleet.protocol",
    "fleet.runtime",
    "fleet.supervision.breaker",
    "fleet.supervision.spec",
    "fleet.supervision.supervisor",
)
"""Whose types may be in a recording: none of them does anything when it is made."""


def is_outside(path: str) -> bool:
    """Say whether an actor is not replayed."""
    below, _, name = path.rpartition("/")
    return name in OUTSIDE or below == API or f"{path}/".startswith(f"{LABORATORY}/")


@dataclass(frozen=True, slots=True)
class AgentSheet:
    """What an agent's own actors were made of."""

    reading: FirstReading
    agent: Agent
    most_ships: int
    value: int
    ship_budget: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a tree was made of, without anything that is not a value."""

    first: AgentSheet
    epoch: int
    workers: int
    budgets: dict[str, float]
    bucket: BucketSettings
    prices: dict[str, float]
    status: bool
    laboratory: bool
    mates: tuple[AgentSheet, ...]


def recorded(booted: Booted, system: ActorSystem, plan: Plan) -> tuple[Plan, Recorder | None]:
    """Record the run if that is asked for; tells what to spawn. Raises SetupError."""
    config = booted.config
    if config.record is None:
        return plan, None
    tokens = [booted.session.token.text, *(mate.session.token.text for mate in booted.mates)]
    plan, recorder = start_recording(
        system, plan, config.record, secrets=tokens, last=config.record_last
    )
    text = f"Everything is recorded in {config.record}."
    system.events.emit("recording.started", text=text)
    return plan, recorder


def start_recording(
    system: ActorSystem,
    plan: Plan,
    path: Path,
    *,
    secrets: Collection[str] = (),
    last: float | None = None,
    threaded: bool = True,
) -> tuple[Plan, Recorder]:
    """Record everything that is spawned from now on; tells what to spawn. Raises SetupError."""
    sheet = Packer().pack(_sheet(plan))
    if sheet is None:
        raise SetupError("This fleet is made of something that cannot be recorded.")
    recorder = Recorder(
        system,
        path,
        sheet=sheet,
        is_outside=is_outside,
        secrets=[secret.encode() for secret in secrets],
        last=last,
        threaded=threaded,
    )
    return _reading_by(plan, recorder), recorder


def _reading_by(plan: Plan, by: Recorder) -> Plan:
    mates = tuple(
        replace(mate, knowledge=by.loads(mate.knowledge), surveys=by.loads(mate.surveys))
        for mate in plan.mates
    )
    knowledge, surveys = by.loads(plan.knowledge), by.loads(plan.surveys)
    return replace(plan, knowledge=knowledge, surveys=surveys, mates=mates)


def _sheet(plan: Plan) -> Sheet:
    return Sheet(
        first=_agent_sheet(plan),
        epoch=plan.epoch,
        workers=plan.workers,
        budgets=dict(plan.budgets),
        bucket=plan.bucket,
        prices=dict(plan.prices),
        status=plan.status_seen is not None,
        laboratory=plan.laboratory is not None,
        mates=tuple(map(_agent_sheet, plan.mates)),
    )


def _agent_sheet(plan: Plan | AgentPlan) -> AgentSheet:
    told = plan.conductor
    return AgentSheet(plan.reading, told.agent, told.most_ships, told.value, told.ship_budget)


def replay_of(
    path: Path,
    *,
    watch: Callable[[Seen], None] | None = None,
    until: Callable[[RecordedTurn], str] = lambda _: "",
    patience: float = PATIENCE,
    shape: Callable[[SupervisorSpec, Plan], SupervisorSpec] = lambda spec, _plan: spec,
) -> Replay:
    """Build the recorded tree once more. Raises UsageError or SetupError for a bad file.

    `shape` does to the tree what was done to the recorded one.
    """
    turns = RecordedTurns(path)
    sheet = unpack(turns.header.sheet, AddressBook(_nowhere, MODULES))
    if not isinstance(sheet, Sheet):
        raise SetupError(f"{path} does not tell what was recorded.")
    replay = Replay(
        turns,
        is_outside=is_outside,
        # Those of further agents are wrapped, as when they were recorded.
        adapt=as_member,
        watch=watch,
        until=until,
        patience=patience,
        modules=MODULES,
    )
    plan = _plan(sheet, replay)
    replay.root(ROOT, supervise(shape(tree(plan), plan)))
    return replay


def _plan(sheet: Sheet, replay: Replay) -> Plan:
    first = _agent_plan(sheet.first, replay)
    return Plan(
        reading=first.reading,
        epoch=sheet.epoch,
        workers=sheet.workers,
        budgets=sheet.budgets,
        transport=_nowhere,
        now=itertools.repeat(GameTime(0.0)).__next__,
        worker=WorkerSettings(
            bucket=BUCKET, writer=WRITER, epoch=sheet.epoch, token=lambda _: None
        ),
        bucket=sheet.bucket,
        writer=first.writer,
        keeper=ClockSettings(fit=lambda _: None),
        conductor=first.conductor,
        knowledge=first.knowledge,
        surveys=first.surveys,
        prices=sheet.prices,
        mates=tuple(_agent_plan(mate, replay) for mate in sheet.mates),
        status_seen=(lambda _: None) if sheet.status else None,
        laboratory=Props(factory=Actor) if sheet.laboratory else None,
    )


def _agent_plan(sheet: AgentSheet, replay: Replay) -> AgentPlan:
    return AgentPlan(
        reading=sheet.reading,
        writer=WriterSettings(open_store=_nowhere, namespace=0, owner="replay"),
        conductor=ConductorSettings(
            agent=sheet.agent,
            most_ships=sheet.most_ships,
            value=sheet.value,
            ship_budget=sheet.ship_budget,
        ),
        knowledge=replay.loads(Knowledge),
        surveys=replay.loads(_no_surveys),
    )


def _no_surveys() -> tuple[Survey, ...]:
    return ()


def _nowhere(*_: object) -> NoReturn:
    raise SetupError("A replay has no way to the outside.")
