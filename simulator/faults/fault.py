"""One armed fault: read from a line such as `latency:request=200,p=0.1`, and what it meets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION, Endpoint
from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator.faults.kinds import COMMON, KINDS
from fleet.simulator.faults.spread import parse_spread

MOST = 10_000_000.0
"""Largest number that a parameter may have; stamps can't show what is much farther away."""


@dataclass(slots=True)
class Fault:
    """A fault at work; only the simulator's thread touches it."""

    id: int
    name: str
    parameters: Mapping[str, str]
    """All of them, with defaults filled in."""

    until: GameTime
    """Game time at which it ends; infinite for ever."""

    met: int = 0
    """Matching requests so far."""

    hits: int = 0
    """How often it struck."""

    @property
    def chance(self) -> float:
        """Probability with which it strikes."""
        return float(self.parameters["p"])

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it may."""
        most = self.parameters["count"]
        return bool(most) and self.hits >= int(most)

    def means(self, endpoint: Endpoint, params: Mapping[str, str], agent: str | None) -> bool:
        """Whether it is for such a request."""
        wanted = self.parameters
        return (
            (not wanted["op"] or matches(endpoint.operation, wanted["op"]))
            and (not wanted["method"] or wanted["method"].upper() == endpoint.method)
            and (not wanted["agent"] or wanted["agent"].upper() == agent)
            and (not wanted["ship"] or self.means_ship(endpoint, params))
        )

    def means_ship(self, endpoint: Endpoint, params: Mapping[str, str]) -> bool:
        """Whether its ship is the one of the path; the list of ships has every ship."""
        if self.name == "ship-3000" and endpoint.operation == "get-my-ships":
            return True
        return fnmatchcase(params.get("shipSymbol", ""), self.parameters["ship"].upper())


def matches(operation: str, patterns: str) -> bool:
    """Whether an operation fits one of the patterns between bars."""
    return any(fnmatchcase(operation, pattern) for pattern in patterns.split("|"))


def parse_fault(text: str) -> tuple[str, dict[str, str]]:
    """Read `NAME[:key=value,…]`. Raises UsageError with one sentence."""
    name, _, rest = text.strip().partition(":")
    given: dict[str, str] = {}
    for pair in rest.split(",") if rest else ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"'{pair}' of the fault '{text}' is not of the form key=value.")
        given[key.strip()] = value.strip()
    return check_fault(name, given)


def read_faults(path: Path) -> list[str]:
    """Read a file with one fault a line; `#` begins a remark. Raises UsageError or SetupError."""
    try:
        text = path.read_text()
    except OSError as error:
        raise SetupError(f"The fault file {path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SetupError(f"The fault file {path} is no text; give one fault a line.") from error
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    faults = [line for line in lines if line]
    for line in faults:
        parse_fault(line)
    return faults


def check_fault(name: str, given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """See that a fault makes sense, and fill in the defaults. Raises UsageError."""
    name = name.strip().lower().replace("_", "-")
    kind = KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, KINDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"take one of {', '.join(KINDS)}."
        raise UsageError(f"There is no fault '{name}'; {hint}")
    known = {**COMMON, **kind.parameters}
    for key in given:
        if key not in known:
            raise UsageError(f"The fault {name} has no '{key}'; it has {', '.join(known)}.")
    filled = {**known, **given}
    for key in ("p", "count", "skip", "for", "game", "seconds", "wait"):
        check_number(name, key, filled.get(key, ""))
    if filled.get("when", "before") not in ("before", "after"):
        raise UsageError(f"The fault {name} has when={filled['when']}; it is before or after.")
    if filled.get("style", "zod") not in ("zod", "fields"):
        raise UsageError(f"The fault {name} has style={filled['style']}; it is zod or fields.")
    for key in ("request", "reply"):
        if key in filled:
            parse_spread(filled[key])
    if not filled.get("type", "x").isprintable() or not filled.get("type", "x").isascii():
        raise UsageError(f"The fault {name} has a type that is no content type, such as text/html.")
    check_operations(name, filled["op"])
    if name == "ship-3000" and not filled["ship"]:
        raise UsageError("The fault ship-3000 needs a ship, such as ship-3000:ship=ABC-1.")
    return name, filled


def check_number(name: str, key: str, text: str) -> None:
    """See that a parameter is a number of its range. Raises UsageError."""
    if not text:
        return
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    whole = key in ("count", "skip", "wait")
    fine = abs(value) <= MOST and (key == "seconds" or value >= 0)
    if not fine or (key == "p" and value > 1) or (whole and not text.isdigit()):
        form = {"p": "a probability from 0 to 1"}.get(
            key, "a whole number" if whole else "a number"
        )
        raise UsageError(f"The fault {name} has {key}={text}; that must be {form}.")


def check_operations(name: str, patterns: str) -> None:
    """See that patterns fit some operation. Raises UsageError."""
    for pattern in patterns.split("|") if patterns else ():
        if not any(fnmatchcase(operation, pattern) for operation in BY_OPERATION):
            near = get_close_matches(pattern, BY_OPERATION, 1)
            hint = f"did you mean {near[0]}?" if near else "such as op=extract-resources."
            raise UsageError(f"The fault {name} has op={pattern}, no operation's id; {hint}")
