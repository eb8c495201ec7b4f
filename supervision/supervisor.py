"""An actor that starts children in order, decides when they fail, and stops them in reverse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, assert_never

from fleet.protocol.errors import UsageError
from fleet.runtime import Actor, Address, Context, Down, Envelope, Props
from fleet.supervision.policy import Decision, Directive, Record, decide
from fleet.supervision.spec import ChildSpec, SupervisorSpec


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


@dataclass(frozen=True, slots=True)
class RestartDue:
    """A delay is over."""

    id: str


@dataclass(frozen=True, slots=True)
class StopOverdue:
    """A child has not stopped in time."""

    id: str


@dataclass(frozen=True, slots=True)
class StopNext:
    """A child has stopped; comes after what that child had to say."""


@dataclass(frozen=True, slots=True)
class NestedStopped:
    """A child that is a supervisor answered to Shutdown."""

    answer: Any


SupervisorMessage = (
    StartChild
    | StopChild
    | Shutdown
    | WhichChildren
    | RestartDue
    | StopOverdue
    | StopNext
    | NestedStopped
    | Down
)
Ctx = Context[SupervisorMessage]


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child as its supervisor sees it."""

    id: str
    state: str
    """running, waiting (for a restart) or stopping."""

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

        self._waiting: set[str] = set()
        """Children that wait for a restart, by backoff or quarantine."""

        self._ending: set[str] = set()
        """Children that were asked to stop."""

    def on_start(self, ctx: Ctx) -> None:
        """Start the children, first one first."""
        for child in self._spec.children:
            self._start(ctx, child)

    def on_restart(self, ctx: Ctx, reason: str) -> None:
        """Take the children over: those that live go on, those that ended stay ended."""
        living = ctx.children()
        for child in self._spec.children:
            address = self._address(ctx, child.id)
            if address.path in living:
                self._records[child.id] = Record(child, ctx.monotonic())
            elif not ctx.has_ended(address):
                self._start(ctx, child)
        for path, props in living.items():
            child_id = path.rsplit("/", 1)[1]
            noted = ctx.note(ctx.address(path))
            known = noted if isinstance(noted, ChildSpec) else ChildSpec(id=child_id, props=props)
            self._records.setdefault(child_id, Record(known, ctx.monotonic()))
        # What died while nobody looked; where its Down is still to come, that is stale then.
        for child_id in ctx.children_down():
            ctx.timer(f"restart {child_id}", RestartDue(child_id), after=0.0)

    def _start(self, ctx: Ctx, child: ChildSpec) -> Address[Any]:
        address = ctx.spawn(child.id, child.props, note=child)
        self._records[child.id] = Record(child, ctx.monotonic())
        return address

    @staticmethod
    def _address(ctx: Ctx, child_id: str) -> Address[Any]:
        return ctx.address(f"{ctx.self.path}/{child_id}")

    def receive(self, ctx: Ctx, message: SupervisorMessage) -> None:
        """Handle a death, a due restart, or what the owner of the tree asks for."""
        match message:
            case Down():
                self._down(ctx, message)
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
            return self._start(ctx, child)
        except (UsageError, ValueError) as refused:
            return ValueError(str(refused))

    def _statuses(self, ctx: Ctx) -> tuple[ChildStatus, ...]:
        down, now, within = set(ctx.children_down()), ctx.monotonic(), self._spec.intensity.within
        statuses = []
        for name, record in self._records.items():
            state = "waiting" if name in down else "running"
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
        )
        self._tell_of(ctx, child_id, down, decision)
        if decision.directive is Directive.FORGET:
            del self._records[child_id]
            ctx.abandon(down.address)
            return
        for sibling in reversed(self._affected(child_id)):
            nested = self._is_supervisor(self._records[sibling].spec)
            ctx.retire(self._address(ctx, sibling), subtree=nested)
        self._waiting.add(child_id)
        if decision.delay > 0:
            ctx.timer(f"restart {child_id}", RestartDue(child_id), after=decision.delay)
        else:
            self._restart(ctx, child_id)

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

    def _affected(self, child_id: str) -> list[str]:
        """Name the siblings that share the failure, by the strategy."""
        names = [name for name in self._records if name not in self._ending or name == child_id]
        if self._spec.strategy == "one_for_all":
            return [name for name in names if name != child_id]
        if self._spec.strategy == "rest_for_one":
            return names[names.index(child_id) + 1 :]
        return []

    def _restart(self, ctx: Ctx, child_id: str) -> None:
        self._waiting.discard(child_id)
        if child_id not in self._records or self._shutdowns:
            return
        for name in self._startable(child_id):
            record = self._records[name]
            reason = record.reason if name == child_id else "sibling"
            if ctx.restart(self._address(ctx, name), reason):
                record.started = ctx.monotonic()
                self._tell_restarted(ctx, name, reason, len(record.restarts))

    def _startable(self, child_id: str) -> list[str]:
        """Name, in order, those that start with a child; none while others must come first."""
        group = {child_id, *self._affected(child_id)}
        names = list(self._records)
        match self._spec.strategy:
            case "one_for_one":
                return [child_id]
            case "one_for_all":
                return [] if group & self._waiting else [name for name in names if name in group]
            case "rest_for_one":
                waiting = [names.index(name) for name in names if name in self._waiting]
                first = min(waiting, default=len(names))
                return [name for name in names[:first] if name in group]

    def _tell_restarted(self, ctx: Ctx, child_id: str, reason: str, restarts: int) -> None:
        ctx.log(
            "actor.restarted",
            level="warning",
            text=f"{ctx.self.path}/{child_id} runs again after: {reason}",
            child=child_id,
            reason=reason,
            restarts_in_window=restarts,
        )

    # -- stops

    def _ask_to_stop(self, ctx: Ctx, child_id: str) -> None:
        record = self._records.get(child_id)
        if record is None or child_id in self._ending:
            return
        self._ending.add(child_id)
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
        self._records.pop(child_id, None)
        self._waiting.discard(child_id)
        self._ending.discard(child_id)
        if self._shutdowns:
            ctx.tell(ctx.self, StopNext())
        else:
            self._free_followers(ctx)

    def _free_followers(self, ctx: Ctx) -> None:
        """Start those that waited for a sibling which now will not come back."""
        if self._spec.strategy == "one_for_one":
            return
        for name in ctx.children_down():
            if name not in self._waiting:
                self._restart(ctx, name)

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
            ctx.abandon(address)

    def _stop_next(self, ctx: Ctx) -> None:
        if self._records:
            self._ask_to_stop(ctx, next(reversed(self._records)))
            return
        for asked in self._shutdowns:
            ctx.reply(tuple(self._abandoned), to=asked)
        ctx.stop(ctx.self, "shutdown")


@dataclass(frozen=True, slots=True)
class _SupervisorFactory:
    spec: SupervisorSpec

    def __call__(self) -> Supervisor:
        return Supervisor(self.spec)
