"""One operation of the API: how it is called and how it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from string import Formatter
from typing import Any
from urllib.parse import quote

from fleet.protocol.wire.base import Wire


class Auth(Enum):
    """Which bearer token an operation demands."""

    NONE = "none"
    AGENT = "agent"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the server's own specification."""

    operation: str
    """The server's own operation id, such as `navigate-ship`."""

    method: str
    path: str
    """Path template below `/v2`, with `{names}` of its parameters."""

    auth: Auth
    ok: int
    """HTTP status of success."""

    act: str
    """What it does for people, in two words: a verb (create, read, update, rm) and a resource."""

    reply: Any
    """Type of the `data` that it answers with; a 204 answers with none."""

    body: type[Wire] | None = None
    """Type of the body that it takes."""

    query: tuple[str, ...] = ()
    """What it takes in the query, beside the page."""

    paged: bool = False
    """Takes `page` and `limit`, answers with `meta`."""

    wrapped: bool = True
    """Whether the answer stands in an envelope, under `data`."""

    @property
    def mutating(self) -> bool:
        """Whether sending it twice could do something twice."""
        return self.method != "GET"

    @property
    def verb(self) -> str:
        """create, read, update or rm."""
        return self.act.partition(" ")[0]

    @property
    def resource(self) -> str:
        """What the verb is done to."""
        return self.act.partition(" ")[2]

    @property
    def params(self) -> tuple[str, ...]:
        """The names of the parameters in the path, in order."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)

    def fill(self, params: Mapping[str, str]) -> str:
        """Put the parameters into the path. Raises KeyError for one that is missing."""
        return self.path.format_map({key: _quoted(value) for key, value in params.items()})


# The same ships and places all the time, and quoting takes as long as the rest of the path.
@lru_cache(maxsize=4_096)
def _quoted(value: str) -> str:
    return quote(value, safe="")
