"""Finds the operation of a method and path by walking the path's segments through dicts."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from fleet.protocol.endpoints import Endpoint


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

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """Find the endpoint of a path below `/v2`, with its parameters.

        Doubled and trailing slashes don't matter.
        """
        node, params = self._root, {}
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
