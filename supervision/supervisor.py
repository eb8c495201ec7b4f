"""An actor that starts children in order, decides when they fail, and stops them in reverse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, assert_never

from fleet.protocol.errors import FleetError, UsageError
from fleet.runtime import Actor, Address, Context, Down, Envelope, Props, Up
from fleet.supervision.policy import Decision, Directive, Record, decide
from fleet.supervision.reminders import (
    NestedStopped,
    Reminder,
    RestartDue,
    StopNext,
    StopOverdue,
)
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.start_order import StartOrder


class Escalated(FleetError):
    """A child failed too often, and its supervisor with it."""


@dataclass(frozen=True, slots=True)
class StartChild:
    """Take a child in while running; answered with its Address, or a ValueError."""

    spec: ChildSpec


@dataclass(frozen=True, slots=True)
class StopChild:
    """Stop a child and forget it; answered with whether there is such a child."""

    id: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Stop all children, last one first; answered with the paths that had to be abandoned."""


@dataclass(frozen=True, slots=True)
class WhichChildren:
    """Answered with a tuple of ChildStatus."""


SupervisorMessage = StartChild | StopChild | Shutdown | WhichChildren | Reminder | Down | Up
Ctx = Context[SupervisorMessage]


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child as its supervisor sees it."""

    id: str
    state: str
    """running, waiting (for its start), quarantined or stopping."""

    restarts: int
    """Of the last `within` seconds of the intensity."""


def supervise(spec: SupervisorSpec) -> Props:
    """Make the props of a supervisor. Raises UsageError for a bad specification."""
    spec.check()
    return Props(factory=_SupervisorFactory(spec), budget=5.0)


class Supervisor(Actor[SupervisorMessage]):
    """Interprets one SupervisorSpec. A replaced supervisor takes over the children as they are."""

    def __init__(self, spec: SupervisorSpec) -> None:
        self._spec = spec
        self._records: dict[str, Record] = {}
        self._abandoned: list[str] = []
        self._shutdowns: list[Envelope] = []
        """Who waits for all children to have stopped."""

        self._order = StartOrder(spec.strategy)
        self._resting: set[str] = set()
        """Children in quarantine."""

        self._ending: set[str] = set()
        """Children that were asked to stop."""

    def on_start(self, ctx: Ctx) -> None:
        """Start the children, first one first."""
        for child in self._spec.children:
            self._spawn(ctx, child)
        self._advance(ctx)

    def on_restart(self, ctx: Ctx, reason: str) -> None:
        """Take the children over: those that live go on, those that ended stay ended."""
        living, down = ctx.children(), ctx.children_down()
        for child in self._spec.children:
            address = self._address(ctx, child.id)
            if address.path in living:
                self._records[child.id] = Record(child, ctx.monotonic())
            elif not ctx.has_ended(address):
                self._spawn(ctx, child)
        for path, props in living.items():
            child_id = path.rsplit("/", 1)[1]
            noted = ctx.note(ctx.address(path))
            known = noted if isinstance(noted, ChildSpec) else ChildSpec(id=child_id, props=props)
            self._records.setdefault(child_id, Record(known, ctx.monotonic()))
        # What died while nobody looked; where its Down is still to come, that is stale then.
        for name in down:
            self._records[name].reason = "takeover"
        self._order.want(down)
        self._advance(ctx)

    def _spawn(self, ctx: Ctx, child: ChildSpec, *, at_once: bool = False) -> Address[Any]:
        in_turn = self._order.in_turn
        # One of the specification that has ended must not be started anew by a next incarnation.
        own = any(child.id == one.id for one in self._spec.children)
        address = ctx.spawn(child.id, child.props, note=child, in_turn=in_turn, remembered=own)
        record = self._records[child.id] = Record(child, ctx.monotonic())
        if in_turn:
            record.reason = None
            if at_once:
                self._launch(ctx, record, address)
            else:
                self._order.want((child.id,))
        return address

    @staticmethod
    def _address(ctx: Ctx, child_id: str) -> Address[Any]:
        return ctx.address(f"{ctx.self.path}/{child_id}")

    def receive(self, ctx: Ctx, message: SupervisorMessage) -> None:
        """Handle a death, a due restart, or what the owner of the tree asks for."""
        match message:
            case Down():
                self._down(ctx, message)
            case Up():
                self._up(ctx, message)
            case RestartDue(id=child_id):
                self._restart(ctx, child_id)
            case StartChild(spec=child):
                ctx.reply(self._take_in(ctx, child))
            case StopChild(id=child_id):
                ctx.reply(child_id in self._records)
                self._ask_to_stop(ctx, child_id)
            case StopOverdue(id=child_id):
                self._overdue(ctx, child_id)
            case Shutdown():
                self._shutdowns.append(ctx.envelope)
                self._stop_next(ctx)
            case StopNext():
                self._stop_next(ctx)
            case NestedStopped(answer=answer):
                self._abandoned.extend(answer if isinstance(answer, tuple) else ())
            case WhichChildren():
                ctx.reply(self._statuses(ctx))
            case _:
                assert_never(message)

    def _take_in(self, ctx: Ctx, child: ChildSpec) -> Address[Any] | ValueError:
        if self._shutdowns:
            return ValueError(f"{ctx.self.path} is shutting down and takes no children")
        if self._address(ctx, child.id).path in ctx.children():
            return ValueError(f"{child.id} runs already")
        try:
            replace(self._spec, children=(child,)).check()
            return self._spawn(ctx, child, at_once=True)
        except (UsageError, ValueError) as refused:
            return ValueError(str(refused))

    def _statuses(self, ctx: Ctx) -> tuple[ChildStatus, ...]:
        down, now, within = set(ctx.children_down()), ctx.monotonic(), self._spec.intensity.within
        statuses = []
        for name, record in self._records.items():
            state = "waiting" if name in down else "running"
            state = "quarantined" if name in self._resting else state
            state = "stopping" if name in self._ending else state
            statuses.append(ChildStatus(name, state, record.restarts_within(now, within)))
        return tuple(statuses)

    # -- deaths

    def _down(self, ctx: Ctx, down: Down) -> None:
        child_id = down.address.path.rsplit("/", 1)[1]
        record = self._records.get(child_id)
        # A child may have been started anew since, with a sibling or under the same name.
        if record is None or not ctx.is_current(down):
            return
        if down.reason == "stopped":
            self._stopped(ctx, child_id)
        elif self._shutdowns or child_id in self._ending:
            ctx.abandon(down.address)
        else:
            self._decide(ctx, record, down)

    def _decide(self, ctx: Ctx, record: Record, down: Down) -> None:
        spec, child_id = self._spec, record.spec.id
        record.reason = down.reason
        decision = decide(
            record,
            down,
            ctx.monotonic(),
            intensity=spec.intensity,
            backoff=spec.backoff,
            quarantine=spec.quarantine,
            rng=ctx.random,
            on_exceeded=spec.on_exceeded if self._has_above(ctx) else "quarantine",
        )
        self._tell_of(ctx, child_id, down, decision)
        self._order.down(child_id)
        match decision.directive:
            case Directive.FORGET:
                self._forget(ctx, child_id)
                ctx.abandon(down.address)
            case Directive.ESCALATE:
                self._escalate(ctx, child_id, down)
            case Directive.QUARANTINE | Directive.RESTART:
                self._put_off(ctx, child_id, decision)

    @staticmethod
    def _has_above(ctx: Ctx) -> bool:
        """Say whether there is somebody to escalate to; a root must not fail for its children."""
        return ctx.self.path.count("/") > 1

    def _escalate(self, ctx: Ctx, child_id: str, down: Down) -> None:
        """Fail with all children, which the next incarnation starts again together."""
        for name in reversed(self._records):
            self._retire(ctx, name)
        raise Escalated(f"{child_id} was restarted too often: {down.reason} {down.detail}")

    def _put_off(self, ctx: Ctx, child_id: str, decision: Decision) -> None:
        """Start a child again after its delay, and with it those that share its failure."""
        # Two that die at once are one failure: the second is to start with the first anyway.
        affected = [] if self._order.is_due(child_id) else self._affected(child_id)
        for sibling in reversed(affected):
            self._retire(ctx, sibling)
            self._order.down(sibling)
        self._order.want(name for name in affected if not self._order.is_delayed(name))
        self._order.delay(child_id)
        self._records[child_id].backoff = decision.delay
        if decision.directive is Directive.QUARANTINE:
            for name in (child_id, *affected):
                self._resting.add(name)
                ctx.quarantine(self._address(ctx, name), decision.delay)
        if decision.delay > 0:
            ctx.timer(f"restart {child_id}", RestartDue(child_id), after=decision.delay)
        else:
            self._restart(ctx, child_id)

    def _affected(self, child_id: str) -> list[str]:
        """Name the siblings that share the failure."""
        if not self._order.in_turn:
            return []
        names = [name for name in self._records if name not in self._ending]
        return self._order.affected(child_id, names)

    def _retire(self, ctx: Ctx, name: str) -> None:
        nested = self._is_supervisor(self._records[name].spec)
        ctx.retire(self._address(ctx, name), subtree=nested)

    def _tell_of(self, ctx: Ctx, child_id: str, down: Down, decision: Decision) -> None:
        if decision.directive is Directive.FORGET:
            ctx.log(
                "child.ended",
                level="error" if down.permanent else "info",
                text=f"{child_id} ended and is not restarted: {down.detail}",
                child=child_id,
                reason=down.reason,
            )
        elif decision.directive is Directive.QUARANTINE:
            ctx.log(
                "child.quarantined",
                level="error",
                text=f"{child_id} failed too often and rests for {decision.delay:g} s",
                child=child_id,
                reason=down.reason,
                backoff_s=decision.delay,
            )
        elif decision.directive is Directive.ESCALATE:
            ctx.log(
                "supervisor.escalated",
                level="error",
                text=f"{child_id} failed too often, and {ctx.self.path} fails with it",
                child=child_id,
                reason=down.reason,
            )

    def _restart(self, ctx: Ctx, child_id: str) -> None:
        if child_id in self._records and child_id not in self._ending:
            self._order.due(child_id)
            self._advance(ctx)

    def _up(self, ctx: Ctx, up: Up) -> None:
        """Go on with the next one now that a child has come through its start."""
        if ctx.is_current(up):
            self._order.down(up.address.path.rsplit("/", 1)[1])
            self._advance(ctx)

    def _advance(self, ctx: Ctx) -> None:
        """Start whoever may start now."""
        while not self._shutdowns and (name := self._order.next(self._records)) is not None:
            self._resting.discard(name)
            if not self._launch(ctx, self._records[name], self._address(ctx, name)):
                self._order.down(name)

    def _launch(self, ctx: Ctx, record: Record, address: Address[Any]) -> bool:
        """Start a child that is down; False when it was not, and so will not tell of a start."""
        if not ctx.restart(address, record.reason):
            return False
        record.started = ctx.monotonic()
        if record.reason is not None:
            self._tell_restarted(ctx, record, record.reason)
        record.reason, record.backoff = "sibling", 0.0
        return True

    def _tell_restarted(self, ctx: Ctx, record: Record, reason: str) -> None:
        child_id = record.spec.id
        ctx.log(
            "actor.restarted",
            level="warning",
            text=f"{ctx.self.path}/{child_id} runs again after: {reason}",
            child=child_id,
            reason=reason,
            restarts_in_window=len(record.restarts),
            backoff_s=round(record.backoff, 3),
        )

    # -- stops

    def _ask_to_stop(self, ctx: Ctx, child_id: str) -> None:
        record = self._records.get(child_id)
        if record is None or child_id in self._ending:
            return
        self._ending.add(child_id)
        self._order.forget(child_id)
        child, shutdown = self._address(ctx, child_id), record.spec.shutdown
        ctx.timer(f"stop {child_id}", StopOverdue(child_id), after=shutdown)
        if self._is_supervisor(record.spec):
            # One that waits for a restart has children of its own that it must stop.
            ctx.restart(child, "shutdown")
            ctx.ask(child, Shutdown(), timeout=shutdown, on_reply=NestedStopped)
        else:
            ctx.stop(child)

    @staticmethod
    def _is_supervisor(spec: ChildSpec) -> bool:
        return isinstance(spec.props.factory, _SupervisorFactory)

    def _stopped(self, ctx: Ctx, child_id: str) -> None:
        ctx.cancel(f"stop {child_id}")
        ctx.cancel(f"restart {child_id}")
        self._ending.discard(child_id)
        self._forget(ctx, child_id)

    def _forget(self, ctx: Ctx, child_id: str) -> None:
        """Go on without a child; those that waited for it wait no longer."""
        self._records.pop(child_id, None)
        self._resting.discard(child_id)
        self._order.forget(child_id)
        if self._shutdowns:
            ctx.tell(ctx.self, StopNext())
        else:
            self._advance(ctx)

    def _overdue(self, ctx: Ctx, child_id: str) -> None:
        if child_id in self._records:
            address = self._address(ctx, child_id)
            self._abandoned.append(address.path)
            ctx.log(
                "actor.abandoned",
                level="error",
                text=f"{address.path} did not stop in time and was abandoned",
                child=child_id,
            )
            # Where closing it broke off, nobody is told of its end any more.
            if ctx.has_ended(address):
                self._stopped(ctx, child_id)
            ctx.abandon(address)

    def _stop_next(self, ctx: Ctx) -> None:
        if self._records:
            at_once = self._spec.stopping == "at_once"
            last = next(reversed(self._records))
            for name in reversed(self._records) if at_once else (last,):
                self._ask_to_stop(ctx, name)
            return
        for asked in self._shutdowns:
            ctx.reply(tuple(self._abandoned), to=asked)
        ctx.stop(ctx.self, "shutdown")


@dataclass(frozen=True, slots=True)
class _SupervisorFactory:
    spec: SupervisorSpec

    def __call__(self) -> Supervisor:
        return Supervisor(self.spec)
