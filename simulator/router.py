"""Finds the operation of a method and path by walking the path's segments through dicts."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from fleet.protocol.endpoints import Endpoint
from fleet.simulator.remembered import Remembered

Found = tuple[Endpoint, dict[str, str]]

MOST_PATHS = 8_000
"""Paths whose endpoints are remembered, at some 600 bytes each: bots ask for the same ones again
and again."""


class Node:
    """A place in the tree of paths."""

    __slots__ = ("children", "endpoints", "name", "wildcard")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.wildcard: Node | None = None
        self.name = ""
        self.endpoints: dict[str, Endpoint] = {}


class Router:
    """A tree of path segments; made once from the endpoint table."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root = Node()
        self._found: Remembered[tuple[str, str], Found] = Remembered(MOST_PATHS)
        for endpoint in endpoints:
            self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        node = self._root
        for segment in endpoint.path.split("/"):
            if segment.startswith("{"):
                node.wildcard = node.wildcard or Node()
                node = node.wildcard
                node.name = segment[1:-1]
            elif segment:
                node = node.children.setdefault(segment, Node())
        node.endpoints[endpoint.method] = endpoint

    def find(self, method: str, path: str) -> Found | None:
        """Find the endpoint of a path below `/v2`, with its parameters, which nobody may change.

        Doubled and trailing slashes don't matter.
        """
        found = self._found.get((method, path))
        if found is None:
            found = self._walk(method, path)
            if found is not None:
                self._found.keep((method, path), found)
        return found

    def _walk(self, method: str, path: str) -> Found | None:
        node = self._root
        params: dict[str, str] = {}
        for segment in path.split("/"):
            if not segment:
                continue
            child = node.children.get(segment)
            if child is None:
                child = node.wildcard
                if child is None:
                    return None
                params[child.name] = unquote(segment) if "%" in segment else segment
            node = child
        endpoint = node.endpoints.get(method)
        return (endpoint, params) if endpoint else None
