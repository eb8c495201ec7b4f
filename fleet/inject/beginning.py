"""The steps by which an experiment begins: taken in, granted what it was promised, started."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fleet.actors.experiment_messages import EXPERIMENTS, Lend, Refused, SetBudget, SetQuota
from fleet.inject.laboratory import Eject, Open, Start
from fleet.inject.register import Entry
from fleet.inject.script import BrokenScript
from fleet.protocol.errors import FleetError, UsageError
from fleet.protocol.fleet import BUCKET, CONDUCTOR, TREASURY
from fleet.protocol.tasks import Lent
from fleet.runtime import Props

Ask = Callable[[str, Any], Any]
"""Asks an actor by its path, from outside actors. Raises FleetError."""


def begin(ask: Ask, entry: Entry, props: Props) -> None:
    """Begin an experiment; what was granted is taken back when it can't be. Raises FleetError."""
    name = entry.name
    if entry.order.replace:
        ask(EXPERIMENTS, Eject(name, "replaced"))
    try:
        if not ask(EXPERIMENTS, Open(entry)):
            raise UsageError(f"An experiment '{name}' runs already.")
        _grant(ask, entry)
        started = ask(EXPERIMENTS, Start(name, props))
        # A ship asks for its first step at once: by now somebody is there to hear it.
        if isinstance(started, Entry) and started.ended is None:
            _lend(ask, entry, look=False)
    except FleetError as failure:
        with suppress(FleetError):
            # It may have been opened too late to tell us.
            ask(EXPERIMENTS, Eject(name, str(failure), entry))
        raise
    if not isinstance(started, Entry) or started.ended is not None:
        why = started.outcome if isinstance(started, Entry) else "it was ejected"
        raise BrokenScript(f"{name} ended as soon as it began: {why.rstrip('.')}.")


def _grant(ask: Ask, entry: Entry) -> None:
    order = entry.order
    ask(BUCKET, SetQuota(order.name, order.quota))
    owners = (order.name, *order.ships)
    ask(TREASURY, SetBudget(experiment=order.name, credits=order.budget, owners=owners))
    _lend(ask, entry, look=True)


def _lend(ask: Ask, entry: Entry, *, look: bool) -> None:
    """Lend the ships, or only look whether they can be had. Raises UsageError."""
    order = entry.order
    # Those of a comparison are lent by the laboratory, turn by turn.
    for ship in order.ships if entry.trial is None else ():
        lent = ask(CONDUCTOR, Lend(Lent(experiment=order.name), ship, look))
        if isinstance(lent, Refused):
            raise UsageError(f"{lent.reason}.")
