"""Takes queries of requests apart; bots ask the same ones again and again."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fleet.simulator.remembered import Remembered

Query = tuple[tuple[str, str], ...]

MOST_QUERIES = 2_000
LONGEST_REMEMBERED = 200
"""Characters of a query: what is longer is nobody's habit."""


class Queries:
    """Queries as pairs of name and value; used from one thread."""

    def __init__(self) -> None:
        self._known: Remembered[str, Query] = Remembered(MOST_QUERIES)

    def pairs(self, query: str) -> Query:
        """Take a query apart; names without a value count."""
        known = self._known.get(query)
        if known is None:
            known = tuple(parse_qsl(query, keep_blank_values=True))
            if len(query) <= LONGEST_REMEMBERED:
                self._known.keep(query, known)
        return known
