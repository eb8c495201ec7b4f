"""The transports on which bots can talk to a simulator, and how fast each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.bench.crowd_play import Step
from fleet.bench.herd import Count, Herd
from fleet.bench.sim_process import Served
from fleet.bench.wires import HttpWire, WebSocketWire, Wire
from fleet.protocol.errors import UsageError

EMPTY = Step("GET", "/sim/clock")
"""A request that asks nothing of the world: what it costs is the connection."""


@dataclass(frozen=True, slots=True)
class Transport:
    """A way to talk to the simulator's process."""

    about: str
    wire: Callable[[], Wire]
    shared: bool = False


TRANSPORTS: Mapping[str, Transport] = {
    "http": Transport("HTTP/1.1 keep-alive, a connection per bot", HttpWire),
    "websocket": Transport("a websocket per bot", WebSocketWire),
    "websocket-shared": Transport("one websocket for all bots", WebSocketWire, shared=True),
}


def chosen(name: str) -> list[str]:
    """List the transports that an option means. Raises UsageError."""
    known = [*TRANSPORTS, "inprocess"]
    if name == "all":
        return known
    if name not in known:
        raise UsageError(f"there is no transport {name!r}; there are {', '.join(known)}, all")
    return [name]


@dataclass(slots=True)
class Load:
    """Bots on one transport, and what they have measured so far."""

    herd: Herd
    server: Served
    counts: list[Count] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)
    """CPU seconds of the simulator in each run; the system counts them in hundredths."""

    def run(self, each: int) -> float:
        """Let each bot make so many requests; tell the rate."""
        before = self.server.cpu()
        count = self.herd.run(each)
        self.counts.append(count)
        self.server_cpu.append(self.server.cpu() - before)
        return count.rate

    @property
    def seconds(self) -> float:
        """Wall seconds of all runs."""
        return sum(count.seconds for count in self.counts)

    @property
    def wrong(self) -> str:
        """Tell the first answer that was not what it should be."""
        return next((row for count in self.counts for row in count.wrong), "")

    @property
    def client_busy(self) -> float:
        """Share of one core that the bots have used."""
        return sum(count.cpu for count in self.counts) / self.seconds

    @property
    def server_busy(self) -> float:
        """Share of one core that the simulator has used."""
        return sum(self.server_cpu) / self.seconds

    def latency(self, share: float) -> float:
        """Tell the time in milliseconds within which this share of the requests is answered."""
        times = sorted(time for count in self.counts for time in count.latencies)
        return times[min(len(times) - 1, int(share * len(times)))] * 1000


def load(server: Served, name: str, plays: Sequence[Sequence[Step]]) -> Load:
    """Connect bots to a simulator."""
    transport = TRANSPORTS[name]
    return Load(Herd(server.address, plays, transport.wire, shared=transport.shared), server)
