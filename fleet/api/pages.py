"""All pages of a list as one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fleet.api.call import Answered, Call, Door, Refused
from fleet.protocol.errors import UsageError

MOST = 20
"""Items on a page at most (official)."""


def all_pages(door: Door, call: Call) -> Answered | Refused:
    """Read page after page until one is not full. Raises UsageError where that makes no sense."""
    if not call.endpoint.paged:
        raise UsageError(f"{call.endpoint.operation} has no pages; leave --all out.")
    if given := [name for name, _ in call.query if name in ("page", "limit")]:
        raise UsageError(f"--all reads all pages; leave {' and '.join(given)} out.")
    items: list[Any] = []
    page = 0
    while True:
        page += 1
        query = (*call.query, ("page", str(page)), ("limit", str(MOST)))
        said = door.send(replace(call, query=query))
        if isinstance(said, Refused):
            return said
        items += said.data
        if len(said.data) < MOST:
            return Answered(items)
