"""What somebody wants injected, checked before anything is touched."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fleet.inject.trial.terms import Terms
from fleet.protocol.errors import UsageError

QUOTA = 30.0
"""Requests per game minute where nobody asks for another share: a fifth of the allowance."""

ALLOWANCE = 150.0
"""The allowance of a game minute, in requests (official): 2 a second and 30 more."""

SOURCE_MOST = 512 << 10
"""Bytes of a script; an order must fit into one line of the control socket."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
TAKEN = frozenset({"by hand", "by_hand"})
"""Under these names other requests are booked."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One script and what it is granted."""

    name: str
    file: str
    """Path of the script, as messages name it."""

    source: str
    settings: dict[str, str] = {}
    """What was given as key=value."""

    ships: tuple[str, ...] = ()
    quota: float = QUOTA
    """Requests per game minute."""

    budget: int = 0
    """Credits that it may spend in all."""

    seconds: float | None = None
    """Wall seconds after which it ends."""

    trusted: bool = False
    """Run inside the runtime, not in a process of its own."""

    replace: bool = False
    """End an experiment of the same name first."""

    ab: Terms | None = None
    """How its behaviour is compared with what the ships do; None for no comparison."""

    def check(self) -> None:
        """Raise UsageError for what can't be done as asked."""
        if not NAME.fullmatch(self.name):
            raise UsageError(
                f"An experiment's name is up to 40 letters, digits, - and _, not '{self.name}'; "
                "give it one with --name."
            )
        if not 0 < self.quota <= ALLOWANCE:
            raise UsageError(
                f"--quota takes requests per minute above 0 and up to {ALLOWANCE:g}, the whole "
                f"allowance, not {self.quota:g}."
            )
        if self.budget < 0:
            raise UsageError(f"--budget takes 0 credits or more, not {self.budget}.")
        if self.seconds is not None and not (self.seconds > 0 and math.isfinite(self.seconds)):
            raise UsageError(f"--for takes a duration above 0 s, not {self.seconds:g} s.")
        if len(set(self.ships)) < len(self.ships):
            raise UsageError("The same ship is named twice.")
        if self.ab is not None:
            self.ab.check()


def default_name(script: Path) -> str:
    """Make a name of a file's."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", script.stem)[:40]


def default_ab_name(script: Path) -> str:
    """Make the name of a comparison: what was played offline may have the file's."""
    return f"{default_name(script)[:37]}_ab"


def order_for(script: Path) -> Order:
    """Make the order for a script with nothing but defaults. Raises UsageError."""
    source = read_source(script)
    return Order(name=default_name(script), file=str(script.absolute()), source=source)


def read_source(path: Path) -> str:
    """Read a script's text. Raises UsageError."""
    try:
        if path.stat().st_size > SOURCE_MOST:
            raise UsageError(f"{path} is larger than a script may be ({SOURCE_MOST:,} bytes).")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text in UTF-8, and so no script.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def read_order(arguments: Mapping[str, Any]) -> Order:
    """Read an order from the control socket. Raises UsageError."""
    try:
        order = msgspec.convert(arguments, Order)
    except msgspec.ValidationError as error:
        raise UsageError(f"That is no order to inject a script: {error}.") from None
    order.check()
    refuse_taken(order.name)
    return order


def refuse_taken(name: str) -> None:
    """Raise UsageError for a name under which the fleet books requests of its own."""
    # Not at the top: the names come with all behaviours, which a command needs none of.
    from fleet.actors.behaviours import OWN

    if name in OWN or name in TAKEN:
        raise UsageError(f"'{name}' is a behaviour of the fleet; choose another --name.")
