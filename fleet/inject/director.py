"""Injects, lists and ejects experiments; called from the control socket's threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from fleet.actors.experiment_messages import (
    EXPERIMENTS,
    BudgetQuery,
    BudgetUse,
    CrewQuery,
    QuotaQuery,
    QuotaUse,
)
from fleet.inject import frames
from fleet.inject.beginning import begin
from fleet.inject.host_process import Gone, HostProcess
from fleet.inject.laboratory import Eject
from fleet.inject.listing import Row, row_of
from fleet.inject.order import Order, order_for, read_order, refuse_taken
from fleet.inject.register import Entry, Register
from fleet.inject.script import BrokenScript, compiled, load
from fleet.inject.spares import Spares
from fleet.inject.stand_in import MESSAGE_BUDGET, stand_in_props
from fleet.inject.trial.candidate import chosen
from fleet.inject.trial.plan import drawn_up
from fleet.inject.trial.trial import Trial
from fleet.inject.trusted import trusted_props
from fleet.inject.wallet import Wallet
from fleet.protocol.errors import FleetError, UsageError
from fleet.protocol.fleet import BOOK, BUCKET, CONDUCTOR, TREASURY, WRITER, Describe
from fleet.protocol.rows import Recall
from fleet.protocol.tasks import MineAndSell
from fleet.protocol.wire.place import Waypoint
from fleet.runtime import ActorSystem, GameClock, Props

LOAD_WITHIN: Final = 5.0
"""Wall seconds for a script's top level."""

ASK_WITHIN: Final = 5.0
OUTPUT: Final = "experiments.log"
"""File in the data folder that gets what scripts print."""

WARM_AFTER: Final = 3.0
"""Wall seconds after the start before a spare process is made: the fleet's own start goes first."""


class Director:
    """Keeps nothing but its spare process: what runs stands in the register."""

    def __init__(
        self, system: ActorSystem, register: Register, clock: GameClock, data_dir: Path
    ) -> None:
        """Start nothing yet."""
        self._system = system
        self._register = register
        self._clock = clock
        self._spares = Spares(lambda: HostProcess(data_dir / OUTPUT, clock.monotonic))
        self._timer = threading.Timer(WARM_AFTER, self._spares.warm)
        self._timer.daemon = True

    def table(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        """List the commands by name."""
        return {"inject": self.inject, "experiments": self.experiments, "eject": self.eject}

    def start(self, script: Path | None) -> None:
        """Have a process ready soon; at once where there is a script to inject."""
        if script is None:
            self._timer.start()
        else:
            name = "inject"
            threading.Thread(target=self._first, args=(script,), name=name, daemon=True).start()

    def _first(self, script: Path) -> None:
        """Inject what the fleet was started with; what is wrong with it stands in the log."""
        try:
            order = order_for(script)
            order.check()
            refuse_taken(order.name)
            compiled(order.source, order.file)
            self._inject(order)
        except FleetError as failure:
            self._system.events.emit("experiment.failed", level="error", text=str(failure))

    def close(self) -> None:
        """End what runs outside the tree."""
        self._timer.cancel()
        self._spares.close()
        for entry in list(self._register.running.values()):
            entry.end()

    # -- commands

    def inject(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Take a script in; tells once it has started. Raises UsageError, FleetError."""
        order = read_order(arguments)
        compiled(order.source, order.file)
        entry = self._inject(order)
        return row_of(entry, None, None, self._clock.game()).as_json()

    def experiments(self, _arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
        """List what runs and what has ended, newest last."""
        return [row.as_json() for row in self.rows()]

    def eject(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """End an experiment and give its ships back. Raises UsageError where there is none."""
        name = str(arguments.get("name", ""))
        entry = self._ask(EXPERIMENTS, Eject(name))
        if not isinstance(entry, Entry):
            running = ", ".join(sorted(self._register.running)) or "none"
            raise UsageError(f"No experiment '{name}' runs; running: {running}.")
        return row_of(entry, None, None, self._clock.game()).as_json()

    def rows(self) -> list[Row]:
        """Look at every experiment; what bucket and treasury don't tell in time is left out."""
        quotas: dict[str, QuotaUse] = {}
        budgets: dict[str, BudgetUse] = {}
        with suppress(FleetError):
            quotas = {use.experiment: use for use in self._ask(BUCKET, QuotaQuery())}
            budgets = {use.experiment: use for use in self._ask(TREASURY, BudgetQuery())}
        now = self._clock.game()
        entries = [*self._register.past, *list(self._register.running.values())]
        return [
            row_of(entry, quotas.get(entry.name), budgets.get(entry.name), now)
            if entry.ended is None
            else row_of(entry, None, None, now)
            for entry in entries
        ]

    # -- steps of an injection

    def _inject(self, order: Order) -> Entry:
        if order.name in self._register.running and not order.replace:
            raise UsageError(
                f"An experiment '{order.name}' runs already; give another --name, or end it with "
                f"`fleet eject {order.name}`."
            )
        trial = self._trial(order)
        if trial is not None:
            order = msgspec.structs.replace(order, ships=trial.plan.borrowed)
        entry, props = self._trusted(order) if order.trusted else self._apart(order)
        entry.trial = trial
        try:
            if trial is not None and not entry.kind.startswith("behaviour"):
                raise UsageError(f"{order.file}: --ab compares behaviours, and this is an actor.")
            if entry.kind.startswith("behaviour") and not order.ships:
                raise UsageError(
                    f"{order.file}: a behaviour needs ships to run on; give them with --ship NAME."
                )
            self._refuse_kept(order)
            begin(self._ask, entry, props)
            return entry
        except BaseException:
            entry.end()
            raise

    def _refuse_kept(self, order: Order) -> None:
        """Raise UsageError for a name under which the results of a comparison are kept."""
        row = self._ask(WRITER, Recall("experiments", (order.name,)))
        result = row.get("result") if isinstance(row, Mapping) else None
        if isinstance(result, Mapping) and "trial" in result and not order.replace:
            raise UsageError(
                f"The results of the A/B '{order.name}' are kept under that name; give another "
                "--name."
            )

    def _trial(self, order: Order) -> Trial | None:
        """Draw up a comparison. Raises UsageError where ships or arm A can't be had."""
        if order.ab is None:
            return None
        against = order.ab.task()
        if isinstance(against, MineAndSell):
            place = self._ask(BOOK, Describe(against.asteroid))
            if not isinstance(place, Waypoint) or "ASTEROID" not in place.type:
                raise UsageError(
                    f"--against: the fleet knows of no asteroid {against.asteroid}; "
                    "`fleet api get-system-waypoints` lists what there is."
                )
        hands = self._ask(CONDUCTOR, CrewQuery())
        return Trial(order.name, drawn_up(chosen(hands, order.ships), order.ab))

    def _apart(self, order: Order) -> tuple[Entry, Props]:
        """Load a script into a process of its own."""
        host = self._ready_host(order.file)
        try:
            told = host.load(
                frames.Load(order.name, order.file, order.source, order.settings, order.ships),
                LOAD_WITHIN,
            )
        except (Gone, OSError) as failure:
            host.finish()
            raise BrokenScript(f"{order.file}: its top level {failure}.") from None
        finally:
            self._spares.warm_aside()
        if isinstance(told, frames.Unusable):
            host.finish()
            raise BrokenScript(told.sentence)
        entry = self._entry(order, f"{told.kind} {told.label}", host.end)
        return entry, stand_in_props(entry, host, lambda: self._clock.speed)

    def _ready_host(self, file: str) -> HostProcess:
        """Give a process that has imported what scripts need. Raises FleetError."""
        host = self._spares.take()
        try:
            host.warm_up()
        except (Gone, OSError) as failure:
            host.finish()
            raise FleetError(
                f"The process for {file} {failure}, before it had read the script: is this "
                "machine very busy? Try again."
            ) from None
        return host

    def _trusted(self, order: Order) -> tuple[Entry, Props]:
        """Load a script into this very process."""
        script = load(order.source, order.file, order.name, order.settings)
        entry = self._entry(order, f"{script.kind} {script.label}, trusted", lambda: None)
        return entry, trusted_props(script, entry, MESSAGE_BUDGET)

    def _entry(self, order: Order, kind: str, end: Callable[[], None]) -> Entry:
        wallet = Wallet(order.name, order.budget)
        return Entry(order, kind, wallet, end, asked=self._clock.game())

    def _ask(self, path: str, message: Any) -> Any:
        return self._system.address(path).ask(message, timeout=ASK_WITHIN)
