"""A script of faults: what goes wrong when, and whom it meets; for one seed always the same."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from fleet.chaos_kinds import (
    ACTORS,
    check,
    check_length,
    check_share,
    check_size,
    seconds_of,
    size_of,
)
from fleet.durations import show_duration
from fleet.protocol.errors import UsageError

FORM: Final = '[[fault]]\nkind = "hang"\naddress = "/fleet/ships/*"\nsome = 1\nat = "10s"'
MOST: Final = 100_000
"""Strikes of one script; more are asked for by mistake."""

LAST: Final = 365 * 86_400.0
"""Wall seconds; a fault that comes later is asked for by mistake, too."""

Time = str | float
Some = Annotated[int, msgspec.Meta(ge=1)]


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"lasts": "for"}
):
    """One entry of the file; times are in wall seconds, or as people write them."""

    kind: str
    address: str = ""
    some: Some | None = None
    """So many of the actors that the address names, drawn anew each time; else all of them."""

    at: Time = 0.0
    """Since the script began."""

    every: Time | None = None
    times: Some = 1
    lasts: Time = "30s"
    size: str | int = "64MiB"
    share: float = 1.0
    count: Some | None = None


class ChaosScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    fault: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault at its time."""

    at: float
    """Wall seconds since the script began."""

    number: int
    """Its place in the script, from 1 on."""

    arguments: dict[str, Any]
    """As the control socket takes them."""

    some: int | None = None

    def aimed(self, paths: Sequence[str], seed: int) -> list[dict[str, Any]]:
        """Aim it at some of those who are there: the arguments for each, in order of the paths."""
        if self.some is None:
            return [self.arguments]
        pattern = self.arguments["address"]
        there = sorted(path for path in paths if path == pattern or fnmatchcase(path, pattern))
        # Each has its own generator: who is there now must not change what comes later.
        drawn = random.Random(f"{seed} {self.number}").sample(there, min(self.some, len(there)))
        return [self.arguments | {"address": path} for path in sorted(drawn)] or [self.arguments]


def read_script(path: Path) -> tuple[Strike, ...]:
    """Read a file, and list its strikes in order of time. Raises UsageError with what to do."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{path} can't be read ({why}); name a script of faults.") from None
    try:
        script = msgspec.convert(tomllib.loads(text), ChaosScript)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path} is no script of faults ({error}); write {FORM!r}.") from None
    if not script.fault:
        raise UsageError(f"{path} lists no faults; write for each: {FORM!r}.")
    if sum(fault.times for fault in script.fault) > MOST:
        raise UsageError(f"{path} asks for more than {MOST} faults; give smaller `times`.")
    moments = []
    for place, fault in enumerate(script.fault, 1):
        try:
            moments += list(_moments(fault))
        except UsageError as error:
            raise UsageError(f"{path}, fault {place}: {error}") from None
    # Stable: faults of the same moment keep their order in the file.
    moments.sort(key=lambda moment: moment[0])
    return tuple(
        Strike(at, number, arguments, some)
        for number, (at, arguments, some) in enumerate(moments, 1)
    )


def _moments(fault: Fault) -> Iterator[tuple[float, dict[str, Any], int | None]]:
    check(fault.kind, fault.address)
    if (fault.every is None) != (fault.times == 1):
        raise UsageError("`every` and `times` (2 or more) go together; give both or neither.")
    if fault.some is not None and not fault.address:
        raise UsageError(f"`some` picks among actors, and {fault.kind} is not done to one.")
    first = seconds_of(str(fault.at), "`at`")
    every = seconds_of(str(fault.every or 0), "`every`")
    last = first + (fault.times - 1) * every
    if last > LAST:
        raise UsageError(
            f"it comes as late as {show_duration(last)}; a script takes a year at most."
        )
    for turn in range(fault.times):
        yield first + turn * every, _arguments(fault), fault.some


def _arguments(fault: Fault) -> dict[str, Any]:
    seconds = check_length(fault.kind, seconds_of(str(fault.lasts), "`for`"))
    given: dict[str, Any] = {"kind": fault.kind, "seconds": seconds}
    if fault.kind in ACTORS:
        size = check_size(size_of(str(fault.size), "`size`"))
        return given | {"address": fault.address, "size": size}
    given["share"] = check_share(fault.share)
    return given if fault.count is None else given | {"count": fault.count}
