"""The request bucket: every request to the API passes it, and it ends each one exactly once.

Requests wait in the lanes of the mailbox, never in the actor; a lease with a note tells which
worker has one. So a bucket that crashes or hangs loses nothing and sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import assert_never

from fleet.actors.answers import RESET_CODES
from fleet.actors.bucket_messages import BucketMessage, MinuteOver, PermitDue, Reported
from fleet.actors.bucket_metrics import BucketMetrics
from fleet.actors.bucket_settings import BucketSettings
from fleet.actors.bucket_width import BucketWidth
from fleet.actors.experiment_messages import EndQuota, QuotaQuery, SetQuota
from fleet.actors.flights import STUCK, Flights
from fleet.actors.lane_policy import Head
from fleet.actors.limits import GRAIN
from fleet.actors.request_breakers import RequestBreakers
from fleet.actors.request_endings import end, late, no_such_operation, overloaded, tell
from fleet.actors.request_lanes import NO_EXPIRY, Joined, RequestLanes, lane_of, lanes_of
from fleet.actors.saturation import Saturation, Use
from fleet.actors.worker_messages import Order, Report, WorkerReport
from fleet.actors.worker_pool import Worker, WorkerPool
from fleet.protocol.api import ApiRequest, Finished, Lane, Withdraw, Withdrawn, WorkerReady
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.errors import BadToken, ServerReset
from fleet.protocol.metrics import BucketQuery, BucketStatus
from fleet.protocol.saturation import Watch
from fleet.runtime import Actor, Context, Down, Held, Props
from fleet.runtime.lanes import LaneView


def bucket_props(settings: BucketSettings, now: Callable[[], GameTime]) -> Props:
    """Make the props of the bucket; `now` is the game clock of its actor system."""
    return Props(
        factory=lambda: RequestBucket(settings),
        mailbox=lambda: RequestLanes(lane_of=lane_of, bound=settings.bound, now=now),
        overflow=overloaded,
        punctual=True,
    )


LOOK_AGAIN = 1.0
"""Wall seconds."""

SAME_RETRY = 0.005
"""Wall seconds; a timer that would be moved by less stays."""


class RequestBucket(Actor[BucketMessage]):
    """Decides what is sent when and by whom; the decisions themselves are plain objects."""

    def __init__(self, settings: BucketSettings) -> None:
        self._settings = settings
        self._limiter = settings.limiter()
        self._policy = settings.policy()
        self._breakers = RequestBreakers(settings.breaker)
        self._retry_at = 0.0
        """When the timer for the next trial goes off; wall."""

        self._metrics = BucketMetrics(self._limiter.limits.per_minute)
        self._saturation = Saturation(settings.saturation)
        self._due: GameTime | None = None
        """When the permit's timer goes off, if it is set."""

        self._looks_at = 0.0
        """Until when the timer runs that looks whether enough is under way; wall."""

        self._pool = WorkerPool()
        self._flights = Flights(
            self._limiter,
            self._breakers,
            self._metrics,
            settings.attempts,
            settings.trial,
            BucketWidth(self._limiter.limits),
            auditor=settings.auditor,
            writer=settings.writer,
            epoch=settings.epoch,
        )

    # -- lives

    def on_start(self, ctx: Context[BucketMessage]) -> None:
        """Begin to count; workers announce themselves."""
        self._metrics.begin(ctx.now())
        if self._settings.used_before:
            self._limiter.distrust(ctx.now())
        ctx.timer("minute", MinuteOver(), at=self._metrics.minute_ends)
        for path in self._settings.workers:
            ctx.monitor(ctx.address(path))

    def on_restart(self, ctx: Context[BucketMessage], reason: str) -> None:
        """Take over what is under way, and ask each worker what it did last."""
        self.on_start(ctx)
        self._limiter.distrust(ctx.now())
        self._flights.take_over(ctx)
        for path in self._settings.workers:
            ctx.ask(
                ctx.address(path),
                Report(),
                timeout=self._settings.report_timeout,
                on_reply=partial(Reported, path),
            )

    def receive(self, ctx: Context[BucketMessage], message: BucketMessage) -> None:
        """Handle what has changed, then send whatever may be sent."""
        match message:
            case PermitDue():
                self._due = None
            case Held() | ApiRequest():
                pass
            case Finished():
                self._finished(ctx, message)
            case WorkerReady():
                self._ready(ctx)
            case Down():
                self._down(ctx, message)
            case Reported():
                self._reported(ctx, message)
            case Withdraw():
                self._withdraw(ctx)
            case Watch():
                self._watch(ctx)
            case SetQuota() | EndQuota() | QuotaQuery():
                lanes_of(ctx).quotas.receive(ctx, lanes_of(ctx), message)
            case MinuteOver():
                self._close_minute(ctx)
            case BucketQuery():
                ctx.reply(self._status(ctx))
            case _:
                assert_never(message)
        self._pump(ctx)

    # -- sending

    def _pump(self, ctx: Context[BucketMessage]) -> None:
        lanes = lanes_of(ctx)
        lanes.listen()
        if lanes.expiry < NO_EXPIRY:
            self._expire(ctx, lanes)
        if lanes.quotas:
            lanes.quotas.release(ctx, lanes)
        while (at := self._permit(ctx, lanes)) is not None and self._send_next(ctx, lanes, at):
            pass
        if not lanes.held:
            self._metrics.idle()
        if self._saturation.due(ctx.now()):
            self._look(ctx, lanes)

    def _look(self, ctx: Context[BucketMessage], lanes: RequestLanes) -> None:
        """Tell the watchers when requests begin, or cease, to wait for long."""
        now = ctx.now()
        heads = lanes.own_heads()
        ages = {view.lane: now - lanes.records[view.head.id].queued_at for view in heads}
        for news in self._saturation.look(now, ages, lanes.look(), self._use()):
            for watcher in lanes.watchers:
                ctx.tell(watcher, news)

    def _use(self) -> Use:
        metrics, rate = self._metrics, self._limiter.limits.per_minute / 60.0
        return Use(metrics.answered, metrics.busy, rate, self._pool.live)

    def _watch(self, ctx: Context[BucketMessage]) -> None:
        if ctx.sender is not None:
            lanes_of(ctx).watchers.add(ctx.sender)
            for news in self._saturation.news:
                ctx.tell(ctx.sender, news)

    def _expire(self, ctx: Context[BucketMessage], lanes: RequestLanes) -> None:
        now = ctx.now()
        if now > lanes.expiry:
            for envelope, record in lanes.take_expired(now):
                self._metrics.ended("expired")
                tell(ctx, envelope, late(envelope.message, record))
        if lanes.expiry < NO_EXPIRY:
            ctx.timer("expiry", PermitDue(), at=GameTime(lanes.expiry + 0.001))

    def _permit(self, ctx: Context[BucketMessage], lanes: RequestLanes) -> GameTime | None:
        """Tell when a request may go that is given out now; None, and a timer, if later."""
        if not lanes.held:
            return None
        if not self._pool.free or self._flights.exclusive or self._suffice(ctx):
            # Whatever changes that will be told.
            lanes.rings_below = 0
            return None
        # What the next window has static points for can wait for it.
        now, urgent = ctx.now(), lanes.waiting(Lane.ACTION) > self._limiter.limits.points
        at = self._limiter.permit_at(now, urgent=urgent)
        ahead = self._settings.ahead if self._limiter.firm(now) else 0.0
        give_out = GameTime(at - ahead)
        if give_out <= now:
            return at
        lanes.rings_below = 0 if urgent else Lane.TRADE
        # Fewer would not be urgent: they can wait for the timer.
        lanes.rings_from = self._limiter.limits.points + 1
        # A timer that is set anew wakes a thread.
        if give_out != self._due:
            self._due = give_out
            ctx.timer("permit", PermitDue(), at=give_out)
        return None

    def _suffice(self, ctx: Context[BucketMessage]) -> bool:
        """Whether enough is under way; looked at again soon, in case none of it comes back."""
        if not self._flights.suffice(ctx):
            return False
        now = ctx.monotonic()
        if now >= self._looks_at:
            self._looks_at = now + LOOK_AGAIN
            ctx.timer("width", PermitDue(), after=LOOK_AGAIN)
        return True

    def _send_next(self, ctx: Context[BucketMessage], lanes: RequestLanes, at: GameTime) -> bool:
        """Send the request that is next in turn; False when none can be sent now."""
        view = self._next(ctx, lanes, at)
        if view is None:
            return False
        grant = self._breakers.allow(view.head.message, ctx.monotonic())
        if grant is None:
            self._breakers.tell(ctx)
            self._try_again(ctx, self._breakers.wait(view.head.message, ctx.monotonic()))
            return False
        worker = self._pool.take()
        assert worker is not None
        send = self._flights.begin(ctx, view.head, worker, grant, at)
        if not lanes.quotas.limits(send.request):
            self._saturation.sent(view.lane, at - send.queued_at)
        later = at if at > ctx.now() else None
        order = ctx.tell(ctx.address(worker.path), Order(send, worker.incarnation, later))
        self._flights.ordered(send, order)
        if lanes.quotas:
            lanes.quotas.sent(send.request, ctx.now())
        return True

    def _try_again(self, ctx: Context[BucketMessage], wait: float | None) -> None:
        """Look again when something that is down may be tried, in wall seconds."""
        if wait is not None:
            retry_at = ctx.monotonic() + max(wait, 0.01)
            if abs(retry_at - self._retry_at) > SAME_RETRY:
                self._retry_at = retry_at
                ctx.timer("breaker", PermitDue(), after=max(wait, 0.01))

    def _heads(self, ctx: Context[BucketMessage], lanes: RequestLanes) -> list[LaneView]:
        """Show what is first in each lane of what may be sent: what is down pauses."""
        paused = self._breakers.paused(ctx.monotonic())
        if paused:
            self._try_again(ctx, self._breakers.retry_in(ctx.monotonic()))
        return lanes.heads_beside(paused) if paused else lanes.heads()

    def _next(
        self, ctx: Context[BucketMessage], lanes: RequestLanes, at: GameTime
    ) -> LaneView | None:
        """Pick a lane; requests at its head that need no sending are put aside on the way."""
        now = ctx.now()
        while heads := self._heads(ctx, lanes):
            if any(self._put_aside(ctx, lanes, view) for view in heads):
                continue
            heads = self._allowed(ctx, self._patient(ctx, heads), at)
            waits = [
                Head(view.lane, now - lanes.records[view.head.id].queued_at, view.depth)
                for view in heads
            ]
            if not waits:
                return None
            lane = self._policy.pick(waits, now).lane
            picked = next(view for view in heads if view.lane == lane)
            return None if picked.head.message.exclusive and len(self._flights) else picked
        return None

    def _patient(self, ctx: Context[BucketMessage], heads: list[LaneView]) -> list[LaneView]:
        """Leave out what wants to be alone while something hangs.

        One that hangs must not keep everybody waiting for the quiet that an exclusive one wants.
        """
        shared = [view for view in heads if not view.head.message.exclusive]
        alone = len(shared) < len(heads)
        return shared if alone and self._flights.age(ctx.monotonic()) > STUCK else heads

    def _allowed(
        self, ctx: Context[BucketMessage], heads: list[LaneView], at: GameTime
    ) -> list[LaneView]:
        """Leave out those whose account has nothing left; with a timer if that is all of them."""
        if not self._limiter.several:
            return heads
        when = [self._limiter.account_at(view.head.message.agent, at) for view in heads]
        if when and min(when) > at + GRAIN:
            self._due = min(when)
            ctx.timer("permit", PermitDue(), at=self._due)
        return [view for view, moment in zip(heads, when, strict=True) if moment <= at + GRAIN]

    def _put_aside(self, ctx: Context[BucketMessage], lanes: RequestLanes, view: LaneView) -> bool:
        """Deal with a request that is not to be sent; False for one that is."""
        head = view.head
        if lanes.is_withdrawn(head):
            lanes.take(head)
            end(ctx, lanes, head.id, None)
            self._metrics.ended("withdrawn")
            return True
        if head.message.operation not in BY_OPERATION:
            lanes.take(head)
            end(ctx, lanes, head.id, no_such_operation(head.message))
            return True
        record = lanes.records[head.id]
        leader = self._flights.coalescing.leader_of(head, record.key, record.queued_at)
        if leader is not None:
            lanes.take(head)
            lanes.note(head.id, Joined(leader))
            return True
        return bool(lanes.quotas) and lanes.quotas.put_aside(ctx, lanes, view)

    # -- what workers tell

    def _free(self, worker: Worker) -> None:
        if not self._flights.has(worker):
            self._pool.ready(worker)

    def _meet(self, ctx: Context[BucketMessage], worker: Worker) -> None:
        """Take in a worker without a request; its earlier lives have ended for certain."""
        self._flights.down(ctx, worker.path, worker.incarnation - 1, "replaced")
        self._free(worker)

    def _ready(self, ctx: Context[BucketMessage]) -> None:
        if ctx.sender is not None:
            ctx.monitor(ctx.sender)
            self._meet(ctx, Worker(ctx.sender.path, ctx.envelope.sender_incarnation))

    def _finished(self, ctx: Context[BucketMessage], message: Finished) -> None:
        if ctx.sender is not None:
            worker = Worker(ctx.sender.path, ctx.envelope.sender_incarnation)
            self._flights.finished(ctx, worker, message)
            self._free(worker)
            self._check_token(ctx, message)

    def _check_token(self, ctx: Context[BucketMessage], message: Finished) -> None:
        """End for good where no request with this token will ever be answered again."""
        if message.disposition == "fatal":
            ctx.log("token.refused", level="critical", text=message.reason)
            code = getattr(message.outcome, "code", 0)
            raise (ServerReset if code in RESET_CODES else BadToken)(message.reason)

    def _down(self, ctx: Context[BucketMessage], down: Down) -> None:
        path = down.address.path
        self._pool.down(path, down.incarnation)
        self._flights.down(ctx, path, down.incarnation, down.reason)

    def _reported(self, ctx: Context[BucketMessage], message: Reported) -> None:
        report = message.answer if isinstance(message.answer, WorkerReport) else None
        self._flights.reported(ctx, message.worker, report)
        if report is not None:
            self._meet(ctx, Worker(message.worker, report.incarnation))

    # -- what others ask

    def _withdraw(self, ctx: Context[BucketMessage]) -> None:
        sender, lanes = ctx.sender, lanes_of(ctx)
        if sender is None:
            return
        lanes.replaced[sender] = ctx.envelope.sender_incarnation
        gone = lanes.withdraw(lanes.is_withdrawn)
        for number, lease in lanes.leases.items():
            if isinstance(lease.note, Joined) and lanes.is_withdrawn(lease.envelope):
                lanes.settle(number)
                gone.append(lease.envelope)
        self._metrics.ended("withdrawn", len(gone))
        flying = filter(lanes.is_withdrawn, self._flights.of(sender))
        tell(ctx, ctx.envelope, Withdrawn(tuple(row.message.number for row in flying)))

    def _close_minute(self, ctx: Context[BucketMessage]) -> None:
        rows = self._metrics.close_minute(ctx.now(), self._metrics.lanes(self._depths(ctx)))
        if rows is not None and self._settings.writer is not None:
            ctx.tell(ctx.address(self._settings.writer), rows)
        ctx.timer("minute", MinuteOver(), at=self._metrics.minute_ends)

    def _depths(self, ctx: Context[BucketMessage]) -> dict[int, int]:
        return {view.lane: view.depth for view in lanes_of(ctx).heads()}

    def _status(self, ctx: Context[BucketMessage]) -> BucketStatus:
        metrics = self._metrics
        return BucketStatus(
            at=ctx.now(),
            lanes=metrics.lanes(self._depths(ctx)),
            requests=metrics.requests,
            outcomes=dict(metrics.outcomes),
            share_last_minute=metrics.share_last_minute,
            share_saturated=metrics.share_saturated,
            saturated_minutes=metrics.saturated_minutes,
            in_flight=len(self._flights),
            workers=self._pool.live,
            breaker=self._breakers.state(ctx.monotonic()),
            breakers=self._breakers.groups(ctx.monotonic()),
            seconds_per_request=metrics.seconds_per_request,
            credits_per_request=metrics.credits_per_request,
            by_operation={name: dict(found) for name, found in metrics.by_operation.items()},
            saturated=self._saturation.lanes,
        )
