"""An actor that starts children in order, decides when they fail, and stops them in reverse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, assert_never

from fleet.runtime import Actor, Address, Context, Down, Envelope, Props
from fleet.supervision.policy import Directive, Record, decide
from fleet.supervision.spec import ChildSpec, SupervisorSpec


@dataclass(frozen=True, slots=True)
class StartChild:
    """Take a child in while running; answered with its Address, or a ValueError."""

    spec: ChildSpec


@dataclass(frozen=True, slots=True)
class StopChild:
    """Stop a child and forget it."""

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


SupervisorMessage = (
    StartChild | StopChild | Shutdown | WhichChildren | RestartDue | StopOverdue | Down
)


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child as its supervisor sees it."""

    id: str
    state: str
    restarts: int


def supervise(spec: SupervisorSpec) -> Props:
    """Make the props of a supervisor. Raises UsageError for a bad specification."""
    spec.check()
    return Props(factory=_SupervisorFactory(spec), budget=5.0)


class Supervisor(Actor[SupervisorMessage]):
    """Interprets one SupervisorSpec. A replaced supervisor takes over the children as they are."""

    def __init__(self, spec: SupervisorSpec) -> None:
        self._spec = spec
        self._records: dict[str, Record] = {}
        self._stopping: Envelope | None = None
        self._abandoned: list[str] = []
        self._waiting: set[str] = set()
        """Children that wait for a restart, by backoff or quarantine."""

    def on_start(self, ctx: Context[SupervisorMessage]) -> None:
        """Start the children, first one first; those that live already are kept."""
        for child in self._spec.children:
            self._start(ctx, child)
        for path, props in ctx.children().items():
            child_id = path.rsplit("/", 1)[1]
            if child_id not in self._records:
                self._records[child_id] = Record(
                    ChildSpec(id=child_id, props=props), ctx.monotonic()
                )
        for child_id in ctx.children_down():
            ctx.timer(f"restart {child_id}", RestartDue(child_id), after=0.0)

    def _start(self, ctx: Context[SupervisorMessage], child: ChildSpec) -> Address[Any]:
        self._records[child.id] = Record(child, ctx.monotonic())
        path = f"{ctx.self.path}/{child.id}"
        if path in ctx.children():
            return ctx.address(path)
        return ctx.spawn(child.id, child.props)

    def receive(self, ctx: Context[SupervisorMessage], message: SupervisorMessage) -> None:
        """Handle a death, a due restart, or what the owner of the tree asks for."""
        match message:
            case Down():
                self._down(ctx, message)
            case RestartDue(id=child_id):
                self._restart(ctx, child_id)
            case StartChild(spec=child):
                self._take_in(ctx, child)
            case StopChild(id=child_id):
                self._stop_child(ctx, child_id)
            case StopOverdue(id=child_id):
                self._overdue(ctx, child_id)
            case Shutdown():
                self._stopping = ctx.envelope
                self._stop_next(ctx)
            case WhichChildren():
                ctx.reply(tuple(self._status(ctx, name) for name in self._records))
            case _:
                assert_never(message)

    def _take_in(self, ctx: Context[SupervisorMessage], child: ChildSpec) -> None:
        replace(self._spec, children=(child,)).check()
        if f"{ctx.self.path}/{child.id}" in ctx.children():
            ctx.reply(ValueError(f"{child.id} runs already"))
        else:
            ctx.reply(self._start(ctx, child))

    def _status(self, ctx: Context[SupervisorMessage], child_id: str) -> ChildStatus:
        state = "waiting" if child_id in self._waiting else "running"
        return ChildStatus(child_id, state, len(self._records[child_id].restarts))

    # -- deaths

    def _down(self, ctx: Context[SupervisorMessage], down: Down) -> None:
        child_id = down.address.path.rsplit("/", 1)[1]
        record = self._records.get(child_id)
        if record is None:
            return
        if down.reason == "stopped":
            self._stopped(ctx, child_id)
        elif self._stopping is not None:
            ctx.abandon(down.address)
        else:
            self._decide(ctx, record, down)

    def _decide(self, ctx: Context[SupervisorMessage], record: Record, down: Down) -> None:
        spec, child_id = self._spec, record.spec.id
        decision = decide(
            record,
            down,
            ctx.monotonic(),
            intensity=spec.intensity,
            backoff=spec.backoff,
            quarantine=spec.quarantine,
            rng=ctx.random,
        )
        if decision.directive is Directive.FORGET:
            ctx.log(
                "child.ended",
                level="error" if down.permanent else "info",
                text=f"{child_id} ended and is not restarted: {down.detail}",
                child=child_id,
                reason=down.reason,
            )
            del self._records[child_id]
            ctx.abandon(down.address)
            return
        if decision.directive is Directive.QUARANTINE:
            ctx.log(
                "child.quarantined",
                level="error",
                text=f"{child_id} failed too often and rests for {decision.delay:g} s",
                child=child_id,
                reason=down.reason,
                backoff_s=decision.delay,
            )
        for sibling in reversed(self._affected(child_id)):
            ctx.retire(ctx.address(f"{ctx.self.path}/{sibling}"))
        self._waiting.add(child_id)
        if decision.delay > 0:
            ctx.timer(f"restart {child_id}", RestartDue(child_id), after=decision.delay)
        else:
            self._restart(ctx, child_id, down.reason)

    def _affected(self, child_id: str) -> list[str]:
        """Name the siblings that share the failure, by the strategy."""
        names = list(self._records)
        if self._spec.strategy == "one_for_all":
            return [name for name in names if name != child_id]
        if self._spec.strategy == "rest_for_one":
            return names[names.index(child_id) + 1 :]
        return []

    def _restart(
        self, ctx: Context[SupervisorMessage], child_id: str, reason: str = "backoff"
    ) -> None:
        record = self._records.get(child_id)
        self._waiting.discard(child_id)
        if record is None or self._stopping is not None:
            return
        for name in [child_id, *self._affected(child_id)]:
            child = self._records[name]
            child.started = ctx.monotonic()
            ctx.restart(ctx.address(f"{ctx.self.path}/{name}"), reason)
        ctx.log(
            "actor.restarted",
            level="warning",
            text=f"{ctx.self.path}/{child_id} runs again after: {reason}",
            child=child_id,
            reason=reason,
            restarts_in_window=len(record.restarts),
        )

    # -- stops

    def _stop_child(self, ctx: Context[SupervisorMessage], child_id: str) -> None:
        record = self._records.get(child_id)
        ctx.reply(record is not None)
        if record is not None:
            self._ask_to_stop(ctx, record)

    def _ask_to_stop(self, ctx: Context[SupervisorMessage], record: Record) -> None:
        child = ctx.address(f"{ctx.self.path}/{record.spec.id}")
        ctx.timer(f"stop {record.spec.id}", StopOverdue(record.spec.id), after=record.spec.shutdown)
        if self._is_supervisor(record.spec):
            ctx.tell(child, Shutdown())
        else:
            ctx.stop(child)

    @staticmethod
    def _is_supervisor(spec: ChildSpec) -> bool:
        return isinstance(spec.props.factory, _SupervisorFactory)

    def _stopped(self, ctx: Context[SupervisorMessage], child_id: str) -> None:
        ctx.cancel(f"stop {child_id}")
        self._records.pop(child_id, None)
        if self._stopping is not None:
            self._stop_next(ctx)

    def _overdue(self, ctx: Context[SupervisorMessage], child_id: str) -> None:
        if child_id in self._records:
            path = f"{ctx.self.path}/{child_id}"
            self._abandoned.append(path)
            ctx.log(
                "actor.abandoned",
                level="error",
                text=f"{path} did not stop in time and was abandoned",
                child=child_id,
            )
            ctx.abandon(ctx.address(path))

    def _stop_next(self, ctx: Context[SupervisorMessage]) -> None:
        if self._records:
            self._ask_to_stop(ctx, self._records[next(reversed(self._records))])
        elif self._stopping is not None:
            ctx.reply(tuple(self._abandoned), to=self._stopping)
            ctx.stop(ctx.self, "shutdown")


@dataclass(frozen=True, slots=True)
class _SupervisorFactory:
    spec: SupervisorSpec

    def __call__(self) -> Supervisor:
        return Supervisor(self.spec)
