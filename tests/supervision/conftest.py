"""Trees of supervisors, and actors that hang on real threads."""

import pytest

from fleet.runtime import ActorSystem, ThreadDispatcher, VirtualClock
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.supervision.watchdog import Watchdog
from tests.conftest import Stage

from .blocks import Blocks
from .log_bytes import START
from .trees import Tree


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def tree(virtual):
    return Tree(virtual)


@pytest.fixture
def watched_by():
    """Make a stage whose watchdog goes by a clock of the test's own."""
    made = []

    def make(clock):
        events = MemoryEventLog()
        dispatcher = ThreadDispatcher(clock, events, parked=1)
        system = ActorSystem(dispatcher=dispatcher, clock=clock, events=events)
        watchdog = Watchdog(system)
        watchdog.start()
        made.append((system, watchdog, dispatcher))
        return Stage(system, clock, events)

    yield make
    for owned in made:
        for part in owned:
            part.close()


@pytest.fixture
def blocks():
    blocks = Blocks()
    yield blocks
    blocks.close()
