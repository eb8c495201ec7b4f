"""The faults that `fleet chaos` knows, and what each does in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fleet.durations import FORMS, parse_duration, show_duration
from fleet.protocol.errors import UsageError
from fleet.sizes import FORMS as SIZES
from fleet.sizes import parse_size

ACTORS: Final[Mapping[str, str]] = {
    "hang": "hangs for {time}",
    "spin": "computes in vain for {time}",
    "crash": "crashes",
    "slow": "takes half its budget for each look at its mailbox, for {time}",
    "leak": "holds memory for {time}",
    "deadlock": "waits for a lock that nobody releases, for {time}",
    "poison": "gets a message that crashes it, twice",
    "gil": "keeps every thread of the runtime from running for {time}",
}
"""What each fault of an actor does; it takes an address."""

WORLD: Final[Mapping[str, str]] = {
    "db-down": "The database takes nothing for {time}.",
    "api-500": "The API answers 500 for {time}.",
    "api-502": "The API answers 502 with a page of HTML for {time}.",
    "api-429-html": "The API answers 429 with a page of HTML for {time}.",
    "api-reset": "The API resets connections for {time}.",
    "api-slow": "The API takes a second of game time longer for {time}.",
    "half-open": "The API reads and never answers for {time}.",
    "clock-skew": "The API's stamps are off by 30 s for {time}.",
}
"""What each fault of the surroundings does; those of the API need a simulator."""

KINDS: Final = ", ".join((*ACTORS, *WORLD))

LONGEST: Final = 3600.0
"""Wall seconds; a longer fault is asked for by mistake."""

LONGEST_GIL: Final = 60.0
MOST_LEAK: Final = 1 << 30
"""Bytes."""


def check(kind: str, address: str) -> None:
    """Refuse a fault that there is not, or one done to the wrong thing. Raises UsageError."""
    if kind not in ACTORS and kind not in WORLD:
        raise UsageError(f"There is no fault '{kind}'; there are {KINDS}.")
    if kind in ACTORS and not address:
        raise UsageError(f"Name the actor that is to {kind}, such as /fleet/bucket.")
    if kind in WORLD and address:
        raise UsageError(f"{kind} is not done to an actor; leave {address} out.")


def check_length(kind: str, seconds: Any) -> float:
    """Refuse a fault that would last too long, or no time at all. Raises UsageError."""
    longest = LONGEST_GIL if kind == "gil" else LONGEST
    if not isinstance(seconds, int | float) or not 0 < seconds <= longest:
        raise UsageError(f"A fault lasts up to {longest:g} seconds, not {seconds}.")
    return float(seconds)


def check_size(size: Any) -> int:
    """Refuse a leak that a machine could not bear. Raises UsageError."""
    if not isinstance(size, int) or not 0 < size <= MOST_LEAK:
        raise UsageError(f"A leak takes 1 to {MOST_LEAK} bytes, not {size}.")
    return size


def check_share(share: Any) -> float:
    """Refuse a part of the requests that is none. Raises UsageError."""
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise UsageError(f"The share of requests is above 0 and at most 1, not {share}.")
    return float(share)


def told(kind: str, actors: Sequence[str], seconds: float) -> list[str]:
    """Say in sentences what was begun."""
    time = show_duration(seconds) if seconds >= 1 else f"{seconds:g}s"
    if kind in WORLD:
        return [WORLD[kind].format(time=time)]
    return [f"{path} {ACTORS[kind].format(time=time)}." for path in actors]


def seconds_of(text: str, name: str) -> float:
    """Read how long a fault lasts, given under a name. Raises UsageError."""
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(f"{name} is '{text}'; give a duration such as {FORMS}.") from None


def size_of(text: str, name: str) -> int:
    """Read what a leak holds, in bytes, given under a name. Raises UsageError."""
    try:
        return parse_size(text)
    except ValueError:
        raise UsageError(f"{name} is '{text}'; give a size such as {SIZES}.") from None
