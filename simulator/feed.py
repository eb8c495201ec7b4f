"""Departures as they happen, for those who listen to a system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listener = Callable[[dict[str, Any]], None]


class Feed:
    """Tells listeners of departures; lives in the simulator's thread."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    def listens(self, system: str) -> bool:
        """Whether anybody listens to a system, so that an event is worth making."""
        return system in self._listeners

    def subscribe(self, system: str, listener: Listener) -> None:
        """Have a listener told of departures from a system; twice is once."""
        listeners = self._listeners.setdefault(system, [])
        if listener not in listeners:
            listeners.append(listener)

    def unsubscribe(self, system: str, listener: Listener) -> None:
        """Tell a listener of no more departures from a system."""
        listeners = self._listeners.get(system, [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners:
            self._listeners.pop(system, None)

    def publish(self, system: str, event: dict[str, Any]) -> None:
        """Tell everybody who listens to a system."""
        for listener in tuple(self._listeners.get(system, ())):
            listener(event)
