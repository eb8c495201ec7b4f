"""Notices once what the server says that our models don't know."""

from __future__ import annotations

import threading
from collections import Counter

import msgspec

from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.wire.novelty import Novelty, novelties, strict_decoders

EAGER = 32
"""So many replies of an operation are searched without a find; then every so many-th is. A server
that has a new field shows it in each reply, and a search costs some hundred microseconds."""


class Novelties:
    """Shared by all workers of a fleet; make it in the main thread, before there are others."""

    def __init__(self) -> None:
        self._strict = strict_decoders()
        self._lock = threading.Lock()
        self._told: set[Novelty] = set()
        self._fruitless: Counter[str] = Counter()

    def look(self, operation: str, body: bytes) -> list[Novelty]:
        """Tell what is new in a reply that could be decoded, each thing once. In any thread."""
        try:
            self._strict[operation].decode(body)
        except msgspec.ValidationError:
            return self._search(operation, body)
        return []

    def _search(self, operation: str, body: bytes) -> list[Novelty]:
        with self._lock:
            tries = self._fruitless[operation]
            self._fruitless[operation] += 1
        if tries >= EAGER and tries % EAGER:
            return []
        endpoint, read = BY_OPERATION[operation], msgspec.json.decode(body)
        found = list(novelties(endpoint.reply, read["data"] if endpoint.wrapped else read))
        with self._lock:
            new = [each for each in dict.fromkeys(found) if each not in self._told]
            self._told.update(new)
            if new:
                self._fruitless[operation] = 0
        return new
