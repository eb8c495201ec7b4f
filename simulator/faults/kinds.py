"""The faults that there are, and what each may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: what it does, and its own parameters with their defaults."""

    about: str
    parameters: Mapping[str, str] = field(default_factory=dict)


COMMON: Mapping[str, str] = {
    "p": "1",
    "count": "",
    "skip": "0",
    "for": "",
    "game": "",
    "op": "",
    "method": "",
    "ship": "",
    "agent": "",
}
"""Parameters of every kind: probability, most hits, matching requests to let pass first, life in
wall and in game seconds, and which requests are meant (`op` may have `*` and `|`)."""

WHEN: Mapping[str, str] = {"when": "before"}

KINDS: Mapping[str, Kind] = {
    "latency": Kind(
        "Requests and replies take their time, in game milliseconds.",
        {"request": "100", "reply": "100"},
    ),
    "limited-html": Kind("429 as a proxy says it: HTML, and no rate limit headers."),
    "limited-json": Kind("429 as the server says it, though nothing was used up.", {"wait": "1"}),
    "status-500": Kind("500 with the server's own error object.", WHEN),
    "status-502": Kind("502 as an HTML page of the front.", WHEN),
    "status-503": Kind("503 as an HTML page of the front.", WHEN),
    "status-504": Kind("504 as an HTML page of the front.", {"when": "after"}),
    "maintenance": Kind("503 with the error object of maintenance, for every operation."),
    "half-open": Kind("The request is read and never answered; the socket stays open.", WHEN),
    "connection-reset": Kind("The connection is reset before or after the effect.", WHEN),
    "cut": Kind("The connection ends in the middle of the reply."),
    "content-type": Kind(
        "The right body under a wrong content type.", {"type": "text/html; charset=utf-8"}
    ),
    "not-json": Kind("A body that is no JSON, with the status and headers of success."),
    "newer": Kind("The right reply with a field and words that are in no specification."),
    "ship-locked": Kind("Commands to ships are answered 409, as while another one is handled."),
    "invalid": Kind("422 as for a wrong body, in either style: zod or fields.", {"style": "zod"}),
    "ship-3000": Kind("Reads of a ship, and of lists with it, fail with 3000; /nav works."),
    "negative-cargo": Kind(
        "A transfer counts twice for the giver, as two at once did; a hold below zero makes the "
        "ship unreadable (3000) until it is filled up again."
    ),
    "clock-skew": Kind(
        "All stamps and the Date header are off by so many game seconds.", {"seconds": "30"}
    ),
    "universe-reset": Kind(
        "The universe is reset at the first matching request: old tokens are refused with 4113."
    ),
}
"""All kinds by name."""
