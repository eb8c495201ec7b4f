"""Which endpoints break together: the groups that the circuit breakers know."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.protocol.endpoints import ENDPOINTS

DEPTH = 3
"""So many words of a path tell the group: `my/ships/scan`, `systems/waypoints/market`."""


def _group(path: str) -> str:
    words = [word for word in path.split("/") if word and not word.startswith("{")]
    return "/".join(words[:DEPTH]) or "status"


GROUPS: Mapping[str, str] = {each.operation: _group(each.path) for each in ENDPOINTS}
"""By operation."""


def group_of(operation: str) -> str:
    """Name the group of an operation; one that nobody knows is a group of its own."""
    return GROUPS.get(operation, operation)
