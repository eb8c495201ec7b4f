"""One orderly stop of all children: stage by stage, each asked and, when late, killed."""

from __future__ import annotations

from collections.abc import Sequence

from fleet.supervision.guard.child import Child
from fleet.supervision.guard.stop_plan import StopPlan


class Stop:
    """Walks the children through a stop plan; driven by the guard's loop."""

    def __init__(self, children: Sequence[Child], *, now: float, within: float) -> None:
        """Ask the first stage to stop; a child without a process is done."""
        for child in children:
            if child.process is None:
                child.ask_to_stop()
        self._children = [child for child in children if child.process is not None]
        orders = [child.spec.stop_order for child in self._children]
        self._plan = StopPlan(orders, now=now, within=within)
        self._ask_stage()

    def advance(self, now: float) -> list[Child]:
        """Go on when a stage has ended; kill what outstays its time and return it."""
        while self._plan.order is not None and not self._stage():
            self._plan.advance()
            self._ask_stage()
        if now < self._plan.deadline:
            return []
        return [child for child in self._stage() if child.kill_late()]

    def next_moment(self) -> float:
        """Tell the moment at which patience with the present stage ends."""
        # Once all of it is killed, only the news of their ends is waited for.
        if all(child.late for child in self._stage()):
            return float("inf")
        return self._plan.deadline

    def _ask_stage(self) -> None:
        for child in self._stage():
            child.ask_to_stop()

    def _stage(self) -> list[Child]:
        """List the children of the present stage that still run."""
        running = [child for child in self._children if child.process is not None]
        return [child for child in running if child.spec.stop_order == self._plan.order]
