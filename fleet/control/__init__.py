"""The control socket: how commands ask a running fleet, and how it answers its owner alone."""

from fleet.control.client import ControlClient, NotRunning
from fleet.control.server import ControlServer

__all__ = ["ControlClient", "ControlServer", "NotRunning"]
