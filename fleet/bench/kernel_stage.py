"""A supervised actor system as the fleet runs it, for the benches of the kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fleet.runtime import (
    Actor,
    ActorSystem,
    Address,
    EventSink,
    GameClock,
    NullEvents,
    Props,
    ThreadDispatcher,
)
from fleet.supervision.spec import Backoff, ChildSpec, Intensity, SupervisorSpec
from fleet.supervision.supervisor import StartChild, WhichChildren, supervise
from fleet.supervision.watchdog import Watchdog

PATIENT = Intensity(restarts=1_000_000, within=3600.0)
AT_ONCE = Backoff(least=1e-9, most=1e-9)
ANSWER = 60.0
"""Wall seconds that a supervisor may take for a thousand children."""


@dataclass(slots=True)
class KernelStage:
    """A system on threads under a watchdog, with one supervisor for all actors."""

    system: ActorSystem
    root: Address[Any]

    def child(
        self,
        name: str,
        factory: Callable[[], Actor[Any]],
        *,
        budget: float = 5.0,
        budgets: Mapping[type, float] | None = None,
    ) -> Address[Any]:
        """Start a supervised actor."""
        props = Props(factory=factory, budget=budget, budgets=budgets or {})
        spec = ChildSpec(id=name, props=props)
        address: Address[Any] = self.root.ask(StartChild(spec), timeout=ANSWER)
        return address

    def idle(self, count: int) -> None:
        """Start actors that wait for messages which never come."""
        for number in range(count):
            self.child(f"idle-{number}", Actor)
        self.root.ask(WhichChildren(), timeout=ANSWER)


@contextmanager
def kernel_stage(
    *,
    events: EventSink | None = None,
    watchdog: Callable[[ActorSystem], Watchdog] = Watchdog,
) -> Iterator[KernelStage]:
    """Set a system up, and abandon all its actors in the end."""
    clock, sink = GameClock(), events or NullEvents()
    dispatcher = ThreadDispatcher(clock, sink)
    system = ActorSystem(dispatcher=dispatcher, clock=clock, events=sink)
    dog = watchdog(system)
    dog.start()
    spec = SupervisorSpec(intensity=PATIENT, backoff=AT_ONCE)
    root = system.spawn("/bench", supervise(spec))
    try:
        yield KernelStage(system, root)
    finally:
        system.close()
        dog.close()
        dispatcher.close()


def percentile(values: Iterable[float], share: float) -> float:
    """Take the value below which a share of all lies; the nearest one there is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
