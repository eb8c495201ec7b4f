"""Requests straight into a simulator in this process: for virtual time."""

from __future__ import annotations

from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.runtime import VirtualClock
from fleet.simulator import Simulator
from fleet.simulator import VirtualClock as SimVirtualClock
from fleet.virtual_way import Way


class InProcessTransport:
    """Answers at once, at the virtual time of the asking; one thread only."""

    def __init__(
        self,
        simulator: Simulator,
        sim_clock: SimVirtualClock,
        clock: VirtualClock,
        client: str = "127.0.0.1",
        way: Way | None = None,
    ) -> None:
        self._simulator = simulator
        self._sim_clock = sim_clock
        self._clock = clock
        self._client = client
        self._way = way or Way(simulator, sim_clock, clock)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Bring the world to the present and have it answer.

        Raises TransportError where an armed fault loses the request or its reply. The legs of
        latency faults take no time here: whoever sends sees to the way.
        """
        if request.ready is not None:
            request.ready()
        self._sim_clock.advance_to(self._clock.now)
        trouble = self._way.arrive(request)
        if trouble is None:
            return self._simulator.handle(request, self._client)
        if trouble.loses_request:
            raise TransportError("The connection was lost on the way there.", sent=True)
        answer = self._simulator.handle(request, self._client, trouble)
        if trouble.loss:
            raise TransportError("The connection was lost on the way back.", sent=True)
        return answer

    def cancel(self) -> None:
        """Do nothing: nobody ever waits in `send`."""
