"""An embedded universe that answers the SpaceTraders API, with or without HTTP."""

from fleet.simulator.clock import RunningClock, SimClock, VirtualClock, WallFacedClock
from fleet.simulator.settings import Rules, SimSettings
from fleet.simulator.simulator import Simulator

__all__ = [
    "Rules",
    "RunningClock",
    "SimClock",
    "SimSettings",
    "Simulator",
    "VirtualClock",
    "WallFacedClock",
]
