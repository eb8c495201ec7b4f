"""Holds each experiment to its share of the allowance, where the permit is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fleet.actors.bucket_messages import PermitDue
from fleet.actors.experiment_messages import (
    EXPERIMENTS,
    EndQuota,
    QuotaQuery,
    QuotaUse,
    SetQuota,
)
from fleet.protocol.api import ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.runtime import Context, Envelope

if TYPE_CHECKING:
    from fleet.actors.request_lanes import RequestLanes
    from fleet.runtime.lanes import LaneView, Lease

BURST = 5
"""Requests that may go at once after a pause; over any longer time the rate holds."""

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Note on a lease: the experiment has used up its quota for now."""

    experiment: str


@dataclass(slots=True)
class Quota:
    """One experiment's rate: evenly spaced permits, a few of which may be saved up."""

    per_minute: float
    sent: int = 0
    paid_until: float = 0.0
    """Game time up to which the rate has been used."""

    @property
    def interval(self) -> float:
        """Game seconds between two requests at the full rate."""
        return MINUTE / self.per_minute

    def free_at(self) -> GameTime:
        """Tell from when on the next request may go."""
        return GameTime(self.paid_until - (BURST - 1) * self.interval)

    def take(self, now: GameTime) -> None:
        """Count a request that is sent."""
        self.sent += 1
        self.paid_until = max(self.paid_until, now) + self.interval


@dataclass(slots=True)
class ExperimentQuotas:
    """Belongs to the bucket's mailbox, and so outlives the bucket; used in its thread only.

    A request beyond its quota is set aside as a lease with a note, so that it holds up nobody
    behind it in its lane; it goes back to its old place when its time has come.
    """

    _quotas: dict[str, Quota] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._quotas)

    def receive(
        self, ctx: Context[Any], lanes: RequestLanes, message: SetQuota | EndQuota | QuotaQuery
    ) -> None:
        """Set or end a quota, or tell of all."""
        match message:
            case SetQuota(experiment=name, per_minute=rate):
                self._quotas[name] = Quota(rate, paid_until=ctx.now())
                ctx.reply(True)
            case EndQuota(experiment=name):
                self._quotas.pop(name, None)
                self._end(lanes, name)
            case QuotaQuery():
                ctx.reply(self._uses(lanes))

    def put_aside(self, ctx: Context[Any], lanes: RequestLanes, view: LaneView) -> bool:
        """Set the head of a lane aside if its experiment has no quota left; say whether so.

        Reading a ship back is never held up: nobody may act before it is done.
        """
        name = view.head.message.behaviour
        quota = self._quotas.get(name)
        if quota is None or view.lane == Lane.SAFETY or quota.free_at() <= ctx.now():
            return False
        lanes.take(view.head)
        lanes.note(view.head.id, HeldBack(name))
        ctx.timer(f"quota {name}", PermitDue(), at=quota.free_at())
        return True

    def limits(self, request: ApiRequest) -> bool:
        """Whether a request is an experiment's: how long it waits says nothing about the fleet.

        It may have waited for its own quota, and ships that rested would not shorten that.
        """
        return request.behaviour in self._quotas

    def sent(self, request: ApiRequest, now: GameTime) -> None:
        """Count a permit that was given."""
        quota = self._quotas.get(request.behaviour)
        if quota is not None:
            quota.take(now)

    def release(self, ctx: Context[Any], lanes: RequestLanes) -> None:
        """Put back what may go now, and have the bucket look again when others may."""
        now = ctx.now()
        for name, held in self._held(lanes).items():
            quota = self._quotas.get(name)
            if quota is None or quota.free_at() <= now:
                # One at a time: whether the next may follow is only known when this was sent.
                for number in held if quota is None else held[:1]:
                    lanes.release(number)
            else:
                ctx.timer(f"quota {name}", PermitDue(), at=quota.free_at())

    def release_late(self, lanes: RequestLanes, is_late: Callable[[Envelope], bool]) -> None:
        """Put back what has expired while it was set aside, whatever the quota says."""
        for envelope in aside(lanes.leases.values()):
            if is_late(envelope):
                lanes.release(envelope.id)

    def _held(self, lanes: RequestLanes) -> dict[str, list[int]]:
        """List the envelopes that are set aside, oldest first, by experiment."""
        found: dict[str, list[int]] = {}
        for number, lease in sorted(lanes.leases.items()):
            if isinstance(lease.note, HeldBack):
                found.setdefault(lease.note.experiment, []).append(number)
        return found

    def _end(self, lanes: RequestLanes, name: str) -> None:
        """Drop what the experiment itself wanted to send; its ships get their answers."""
        own = f"{EXPERIMENTS}/{name}"
        for number in self._held(lanes).get(name, ()):
            sender = lanes.leases[number].envelope.sender
            if sender is not None and sender.path == own:
                lanes.settle(number)
            else:
                lanes.release(number)
        lanes.withdraw(lambda envelope: envelope.sender is not None and envelope.sender.path == own)

    def _uses(self, lanes: RequestLanes) -> tuple[QuotaUse, ...]:
        held = self._held(lanes)
        return tuple(
            QuotaUse(name, quota.per_minute, quota.sent, len(held.get(name, ())))
            for name, quota in self._quotas.items()
        )


def aside(leases: Iterable[Lease]) -> list[Envelope]:
    """List the requests that are set aside."""
    return [lease.envelope for lease in leases if isinstance(lease.note, HeldBack)]
