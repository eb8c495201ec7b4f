"""What a fleet's actors cost where one thread plays everything, the simulator's part left out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from fleet.host.tree import Plan as TreePlan
from fleet.protocol.fleet import BUCKET
from fleet.protocol.metrics import BucketQuery
from fleet.protocol.transport import HttpRequest, HttpResponse, Transport
from fleet.virtual_fleet import VirtualFleet


@dataclass(frozen=True, slots=True)
class Spent:
    """What requests took in one thread, the simulator's own part left out."""

    each: float
    """Microseconds of CPU per request."""

    messages: float
    """Messages to actors per request."""


@dataclass(frozen=True, slots=True)
class Metered:
    """A transport that keeps the CPU seconds of the simulator behind it."""

    inner: Transport
    spent: list[float]

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send, and take the time."""
        began = time.process_time()
        try:
            return self.inner.send(request)
        finally:
            self.spent.append(time.process_time() - began)

    def cancel(self) -> None:
        """Do nothing: nobody ever waits in `send`."""


def metered(simulator: list[float]) -> Callable[[TreePlan], TreePlan]:
    """Have the CPU seconds of the simulator kept, those of each request by themselves."""

    def change(plan: TreePlan) -> TreePlan:
        make = plan.transport
        return replace(plan, transport=lambda: Metered(make(), simulator))

    return change


def spent_in(fleet: VirtualFleet, simulator: list[float], play: Callable[[], object]) -> Spent:
    """Play, and tell what it took without the simulator, whose seconds are kept in the list."""
    before = fleet.ask(BUCKET, BucketQuery()).requests
    simulator.clear()
    messages, began = fleet.dispatcher.steps, time.process_time()
    play()
    took = time.process_time() - began - sum(simulator)
    messages = fleet.dispatcher.steps - messages
    requests = fleet.ask(BUCKET, BucketQuery()).requests - before
    return Spent(1e6 * took / requests, messages / requests)
