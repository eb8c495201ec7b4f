"""Fills in the status that console, status page and scripts read."""

from __future__ import annotations

import os
from collections import Counter

from fleet import status as page
from fleet.host.attendants import Attendants
from fleet.host.boot import Booted
from fleet.host.observe import Observation, credits_of, observe
from fleet.host.tally import Tally
from fleet.protocol.clock import from_iso, to_iso
from fleet.protocol.fleet import ShipView
from fleet.runtime import ActorSystem
from fleet.runtime.cell import State
from fleet.supervision.resources.sample import MB

LANES = ("safety", "action", "trade", "market", "background")
# The allowance of a game minute, in requests (official): 2 a second and 30 more.
ALLOWANCE = 150


class StatusPage:
    """Asked from several threads; remembers nothing."""

    def __init__(
        self, booted: Booted, system: ActorSystem, events: Tally, attendants: Attendants
    ) -> None:
        self._booted = booted
        self._system = system
        self._events = events
        self._started = booted.clock.wall()
        self._attendants = attendants

    def status(self) -> page.Status:
        """Ask the actors and put it all together."""
        seen = observe(self._system)
        booted, clock = self._booted, self._booted.clock
        pending = seen.writer.pending if seen.writer else 0
        return page.Status(
            process=page.ProcessStatus(
                pid=os.getpid(),
                epoch=booted.epoch,
                started=to_iso(self._started),
                uptime_s=round(clock.wall() - self._started, 1),
                restarts=booted.run.process_restarts,
            ),
            clock=page.ClockStatus(
                game=to_iso(clock.game()), speed=clock.speed, error_s=round(clock.error, 4)
            ),
            agent=page.AgentStatus(
                symbol=booted.reading.agent.symbol,
                credits=seen.funds.credits if seen.funds else 0,
                headquarters=booted.reading.agent.headquarters,
            ),
            agents=self._agents(seen),
            money=self._money(seen),
            requests=_requests(seen),
            ships=[_ship(view, clock.game()) for view in seen.ships],
            behaviours=_behaviours(seen),
            actors=self._actors(),
            resources=self._resources(),
            database=page.DatabaseStatus(
                url=booted.store.location.shown,
                pending=pending,
                failing=bool(seen.writer and seen.writer.failing),
                last_flush_ms=seen.writer.last_flush_ms if seen.writer else None,
            ),
            contract=page.ContractStatus(line=seen.fleet.contract if seen.fleet else ""),
            events=[
                page.EventStatus(time=to_iso(wall), level=level, actor=actor, event=name, text=text)
                for wall, level, actor, name, text in list(self._events.recent)
            ],
        )

    def _agents(self, seen: Observation) -> list[page.AgentStatus]:
        """List all agents where several are played."""
        mates = self._booted.mates
        if not mates:
            return []
        owners = Counter(view.ship.symbol.rpartition("-")[0] for view in seen.ships)
        known = credits_of(self._system, [mate.symbol for mate in mates])
        first = self._booted.reading.agent
        if seen.funds is not None:
            known[first.symbol] = seen.funds.credits
        return [
            page.AgentStatus(
                symbol=agent.symbol,
                credits=known.get(agent.symbol, 0),
                headquarters=agent.headquarters,
                ships=owners[agent.symbol],
            )
            for agent in (first, *(mate.reading.agent for mate in mates))
        ]

    def _money(self, seen: Observation) -> page.MoneyStatus:
        run, clock = self._booted.run, self._booted.clock
        if seen.funds is None or seen.fleet is None:
            return page.MoneyStatus()
        worth = seen.funds.credits + seen.fleet.value
        gain, elapsed = worth - run.net_worth_start, clock.game() - run.game_at
        return page.MoneyStatus(
            credits_start=run.credits_start,
            net_worth_start=run.net_worth_start,
            net_worth=worth,
            gain=gain,
            per_hour=round(gain / max(elapsed, 1.0) * 3600),
            history=self._attendants.history.values(),
        )

    def _actors(self) -> page.ActorStatus:
        cells = self._system.cells()
        counts = self._events.counts
        return page.ActorStatus(
            total=sum(cell.state is not State.STOPPED for cell in cells),
            restarts=sum(cell.restarts for cell in cells),
            hung=counts["actor.hung"],
            zombies=self._system.zombies,
            quarantined=len(self._events.resting),
            dead_letters=sum(self._system.dead_letters.counts.values()),
        )

    def _resources(self) -> page.ResourceStatus:
        usage = self._attendants.usage
        if usage is None:
            return page.ResourceStatus()
        process = usage.process
        return page.ResourceStatus(
            rss_mb=round(process.memory.rss / MB, 1),
            vms_mb=round(process.memory.vms / MB, 1),
            peak_mb=round(usage.peak / MB, 1),
            cpu_percent=round(process.cpu, 1),
            open_files=process.files,
            threads=process.threads,
            pressure=usage.pressure,
        )


def _requests(seen: Observation) -> page.RequestStatus:
    bucket = seen.bucket
    if bucket is None:
        return page.RequestStatus()
    return page.RequestStatus(
        total=bucket.requests,
        per_second=round(bucket.share_last_minute * ALLOWANCE / 60, 2),
        share_last_minute=round(bucket.share_last_minute, 4),
        share_saturated=round(bucket.share_saturated, 4) if bucket.saturated_minutes else None,
        saturated_minutes=bucket.saturated_minutes,
        r429=bucket.outcomes.get("limited", 0),
        refusals=bucket.outcomes.get("refusal", 0),
        unknown=bucket.outcomes.get("unknown", 0),
        in_flight=bucket.in_flight,
        credits_per_request=round(bucket.credits_per_request, 1),
        seconds_per_request=round(bucket.seconds_per_request, 3),
        breaker=bucket.breaker,
        down=sorted(bucket.breakers),
        saturated=[LANES[lane] for lane in bucket.saturated],
        by_operation={name: dict(ends) for name, ends in sorted(bucket.by_operation.items())},
        lanes=[
            page.LaneStatus(
                lane=int(lane.lane),
                name=LANES[lane.lane],
                queued=lane.queued,
                wait_p50=round(lane.wait_p50, 2) if lane.sent else None,
                wait_p95=round(lane.wait_p95, 2) if lane.sent else None,
                wait_p99=round(lane.wait_p99, 2) if lane.sent else None,
            )
            for lane in bucket.lanes
        ],
    )


def _ship(view: ShipView, now: float) -> page.ShipStatus:
    ship, nav = view.ship, view.ship.nav
    left = from_iso(nav.route.arrival) - now
    flying = nav.status == "IN_TRANSIT" and left > 0
    landed = "IN_ORBIT" if nav.status == "IN_TRANSIT" else nav.status
    return page.ShipStatus(
        symbol=ship.symbol,
        role=ship.registration.role,
        behaviour=view.behaviour,
        doing=view.doing,
        waypoint=nav.waypoint_symbol,
        nav="IN_TRANSIT" if flying else landed,
        arrives_in=round(left, 1) if flying else None,
        fuel=ship.fuel.current,
        fuel_capacity=ship.fuel.capacity,
        cargo=ship.cargo.units,
        cargo_capacity=ship.cargo.capacity,
        income=sum(amount for _, amount in view.income),
    )


def _behaviours(seen: Observation) -> list[page.BehaviourStatus]:
    ships = Counter(view.behaviour or "idle" for view in seen.ships)
    income: Counter[str] = Counter()
    for view in seen.ships:
        income.update(dict(view.income))
    names = sorted({*ships, *(name for name, amount in income.items() if amount)})
    return [
        page.BehaviourStatus(name=name, ships=ships[name], income=income[name]) for name in names
    ]
