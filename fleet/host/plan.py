"""Fills in the tree's plan for a live server or a simulator behind HTTP."""

from __future__ import annotations

from fleet.actors.api_worker import WorkerSettings
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.clock_keeper import ClockSettings
from fleet.actors.conductor_settings import ConductorSettings
from fleet.actors.limiter import Limiter, Unlimited
from fleet.actors.server_clock import ClockKind
from fleet.actors.writer_settings import WriterSettings
from fleet.game_wait import game_wait
from fleet.host.boot import Booted
from fleet.host.knowledge import load_knowledge, load_surveys
from fleet.host.opener import Seated
from fleet.host.server_watch import ServerWatch
from fleet.host.tree import API, AgentPlan, Plan
from fleet.http_transport import HttpTransport
from fleet.novelties import Novelties
from fleet.protocol.endpoints import Auth
from fleet.protocol.fleet import AUDITOR, BUCKET, WRITER
from fleet.protocol.transport import Transport
from fleet.storage.engine import open_store
from fleet.storage.outbox import outbox_path
from fleet.storage.worth import ships_value

# Wall seconds that the timer's thread, the bucket and the worker take one after the other, at most,
# and the most game seconds that a request is given out ahead of its time to make up for them. At
# speed 60 it is the whole of a window: each answer gives the next request out, and no timer has to.
HAND_OVER = 0.0167
MOST_AHEAD = 1.0
# A replaced bucket waits so much longer for what a worker did last than that may take, in wall
# seconds.
REPORT_SLACK = 5.0
# What ores bring, roughly, in credits: the bases that were fitted on real markets. They only
# rank surveys against each other.
ORE_PRICES = {
    "IRON_ORE": 55.0,
    "COPPER_ORE": 60.0,
    "ALUMINUM_ORE": 65.0,
    "SILVER_ORE": 75.0,
    "GOLD_ORE": 80.0,
    "PLATINUM_ORE": 90.0,
    "PRECIOUS_STONES": 75.0,
    "SILICON_CRYSTALS": 30.0,
    "QUARTZ_SAND": 20.0,
    "AMMONIA_ICE": 35.0,
    "ICE_WATER": 12.0,
    "URANITE_ORE": 110.0,
    "MERITIUM_ORE": 120.0,
    "DIAMONDS": 95.0,
}


def live_plan(booted: Booted, watch: ServerWatch) -> Plan:
    """Say what the tree is made of."""
    config, store, namespace = booted.config, booted.store, booted.namespace.id
    base_url = booted.session.base_url

    def transport() -> Transport:
        return HttpTransport(base_url, booted.clock.monotonic)

    return Plan(
        reading=booted.reading,
        epoch=booted.epoch,
        workers=config.workers,
        budgets=config.budgets,
        transport=transport,
        now=booted.clock.game,
        worker=_worker(booted, watch),
        bucket=_bucket(booted),
        writer=WriterSettings(
            open_store=lambda: open_store(config.database_url, durable=config.durable),
            namespace=namespace,
            owner=f"writer-{booted.epoch}",
            outbox=outbox_path(config.data_dir, config.database_url),
            budget=config.budgets["writer"],
        ),
        keeper=_keeper(booted),
        status_seen=watch.seen,
        conductor=ConductorSettings(
            agent=booted.reading.agent,
            most_ships=config.ships,
            value=ships_value(store, namespace),
            ship_budget=config.budgets["ship"],
        ),
        knowledge=lambda: load_knowledge(store, namespace),
        surveys=lambda: load_surveys(store, namespace, booted.clock.game()),
        prices=ORE_PRICES,
        mates=tuple(_mate(booted, mate) for mate in booted.mates),
    )


def _mate(booted: Booted, mate: Seated) -> AgentPlan:
    config, store, namespace = booted.config, booted.store, mate.namespace.id
    return AgentPlan(
        reading=mate.reading,
        writer=WriterSettings(
            open_store=lambda: open_store(config.database_url, durable=config.durable),
            namespace=namespace,
            owner=f"writer-{booted.epoch}-{mate.symbol}",
            outbox=mate.outbox,
            budget=config.budgets["writer"],
        ),
        conductor=ConductorSettings(
            agent=mate.reading.agent,
            most_ships=config.ships,
            value=ships_value(store, namespace),
            ship_budget=config.budgets["ship"],
        ),
        knowledge=lambda: load_knowledge(store, namespace),
        surveys=lambda: load_surveys(store, namespace, booted.clock.game()),
    )


def _worker(booted: Booted, watch: ServerWatch) -> WorkerSettings:
    token = booted.session.token.text

    def bearer(auth: Auth) -> str | None:
        return token if auth is Auth.AGENT else None

    return WorkerSettings(
        bucket=BUCKET,
        writer=WRITER,
        epoch=booted.epoch,
        token=bearer,
        tokens={mate.symbol: mate.session.token.text for mate in booted.mates},
        wait_until=game_wait(booted.clock),
        refused=watch.refused,
        novelties=Novelties().look,
    )


def _bucket(booted: Booted) -> BucketSettings:
    config = booted.config
    return BucketSettings(
        auditor=AUDITOR,
        workers=tuple(f"{API}/worker-{number}" for number in range(1, config.workers + 1)),
        writer=WRITER,
        bound=config.bucket_bound,
        epoch=booted.epoch,
        # The first readings have used some of the allowance already.
        used_before=True,
        ahead=min(MOST_AHEAD, HAND_OVER * booted.clock.speed),
        limiter=Unlimited if config.limits == "off" else Limiter,
        report_timeout=config.budgets["worker"] + REPORT_SLACK,
    )


def _keeper(booted: Booted) -> ClockSettings:
    # On the live API each look at the clock costs a request of the allowance. A simulator's is
    # free, and its clock stands still while it is restarted: ships that don't know of that come
    # too early everywhere, so that each wall second until the next look is full of refusals.
    kind: ClockKind = "simulator" if booted.simulated else "live"
    period, looks = (3.0, 5) if booted.simulated else (1800.0, 1)
    return ClockSettings(fit=booted.clock.fit, kind=kind, period=period, looks=looks)
