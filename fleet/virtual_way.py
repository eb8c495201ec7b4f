"""What befalls requests in virtual time, drawn where they set out as real carriers do."""

from __future__ import annotations

from fleet.protocol.transport import HttpRequest
from fleet.runtime import VirtualClock
from fleet.simulator import Simulator
from fleet.simulator import VirtualClock as SimVirtualClock
from fleet.simulator.faults.trouble import Trouble


class Way:
    """Between the workers and the simulator; one thread only."""

    __slots__ = ("_clock", "_drawn", "_sim_clock", "_simulator")

    def __init__(
        self, simulator: Simulator, sim_clock: SimVirtualClock, clock: VirtualClock
    ) -> None:
        self._simulator = simulator
        self._sim_clock = sim_clock
        self._clock = clock
        self._drawn: tuple[Trouble | None] | None = None

    @property
    def is_clear(self) -> bool:
        """Whether no fault is armed."""
        return not self._simulator.faults.active

    def set_out(self, request: HttpRequest) -> Trouble | None:
        """Draw what armed faults do to a request that sets out now; legs in game seconds."""
        self._sim_clock.advance_to(self._clock.now)
        return self._simulator.trouble(request)

    def foresee(self, trouble: Trouble | None) -> None:
        """Let the next request that arrives meet what was drawn when it set out."""
        self._drawn = (trouble,)

    def arrive(self, request: HttpRequest) -> Trouble | None:
        """Tell what the request meets; drawn now if it was not when it set out."""
        drawn, self._drawn = self._drawn, None
        return self.set_out(request) if drawn is None else drawn[0]
