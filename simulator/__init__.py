"""An embedded universe that answers the SpaceTraders API, with or without HTTP."""

from fleet.simulator.clock import RunningClock, SimClock, VirtualClock, WallFacedClock
from fleet.simulator.opening import Opened, in_memory, open_world
from fleet.simulator.settings import Rules, SimSettings
from fleet.simulator.simulator import Simulator

__all__ = [
    "Opened",
    "Rules",
    "RunningClock",
    "SimClock",
    "SimSettings",
    "Simulator",
    "VirtualClock",
    "WallFacedClock",
    "in_memory",
    "open_world",
]
