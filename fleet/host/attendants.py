"""What runs beside the tree of actors: the watch over resources, and the chronicle of the run."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace

from fleet.actors.writer_alerts import Alerts, outlived
from fleet.config import Config
from fleet.host.boot import Booted
from fleet.host.chronicle import Chronicle
from fleet.host.free_pages import FreePages
from fleet.host.history import History
from fleet.host.minute import Minutes
from fleet.host.tally import Tally
from fleet.host.tree import Plan
from fleet.protocol.fleet import CONDUCTOR, WRITER
from fleet.protocol.rows import Upsert
from fleet.protocol.strain import Strain
from fleet.runtime import ActorSystem
from fleet.storage.errors import StoreUnavailable
from fleet.storage.resume import open_alerts
from fleet.supervision.resources.allocations import Allocations
from fleet.supervision.resources.belongings import Belongings
from fleet.supervision.resources.cleanup import Cleanup
from fleet.supervision.resources.gauge import ProcessGauge
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.operations import Operations, is_chosen, tracked
from fleet.supervision.resources.overheard import Overheard
from fleet.supervision.resources.watch import ResourceWatch, Usage

TASK = "runtime"
TEMP = "tmp"
"""Folder in the data folder for the actors' temporary files; emptied at each start."""


def resource_limits(config: Config) -> ResourceLimits:
    """Read the settings of the watch."""
    return ResourceLimits(
        period=config.sample_every,
        warn=config.memory_warn,
        emergency=config.memory_emergency,
        critical=config.memory_critical,
    )


class Attendants:
    """Made before the tree, started after it, and closed before the log is."""

    def __init__(self, booted: Booted, system: ActorSystem, events: Tally) -> None:
        """Listen in on the system's events from now on."""
        config, clock = booted.config, system.clock
        limits, gauge = resource_limits(config), ProcessGauge(clock)
        self._booted, self._system = booted, system
        self._alerts = alerts = Alerts(events, clock, self._to_writer, epoch=booted.epoch)
        folder = config.data_dir / TEMP
        # What a killed process has left belongs to nobody any more.
        with suppress(OSError):
            shutil.rmtree(folder)
        self._belongings = Belongings(folder)
        cleanup = Cleanup(self._belongings, alerts, clock, cooldown=limits.cooldown)
        operations = Operations(gauge, alerts, limits, system.view)
        chosen = tuple(config.track.split(",")) if config.track else ()
        system.adapt = lambda path, props: (
            tracked(props, operations) if is_chosen(path, chosen) else props
        )
        self._allocations = Allocations() if config.trace_memory else None
        if self._allocations is not None:
            self._allocations.start()
        self._watch = ResourceWatch(
            system,
            alerts,
            gauge,
            task=TASK,
            limits=limits,
            shed=self._shed,
            cleanup=cleanup,
            allocations=self._allocations,
        )
        minutes = Minutes(system, events, lambda: self.usage)
        self._chronicle = Chronicle(
            system,
            booted.run,
            minutes,
            every=config.summary_every,
            also=alerts.look,
            tidy=FreePages().give_back,
        )
        system.events = Overheard(alerts, self._watch.names, self._watch.hear)

    @property
    def usage(self) -> Usage | None:
        """What the watch saw last."""
        return self._watch.usage

    @property
    def history(self) -> History:
        """The course of the net worth."""
        return self._chronicle.history

    def furnished(self, plan: Plan) -> Plan:
        """Have workers and writer register what they hold, to be cleaned up after a failure."""
        return replace(
            plan,
            worker=replace(plan.worker, belongings=self._belongings),
            writer=replace(plan.writer, belongings=self._belongings),
        )

    def start(self) -> None:
        """Begin to look."""
        # With a database that went away since the boot they stay open until the next start.
        with suppress(StoreUnavailable):
            self._end_outlived()
        self._watch.start()
        self._chronicle.start()

    def close(self) -> None:
        """Stop looking."""
        ended = self._chronicle.close()
        self._watch.close()
        if self._allocations is not None:
            self._allocations.close()
        # One of two that look at once may wait for what the other has taken.
        if ended:
            self._alerts.look()

    def _end_outlived(self) -> None:
        store, namespace = self._booted.store, self._booted.namespace.id
        for row in outlived(open_alerts(store, namespace), self._system.clock.game()):
            self._to_writer(row)

    def _to_writer(self, row: Upsert) -> None:
        self._system.address(WRITER).tell(row)

    def _shed(self, critical: bool) -> None:
        """Have the conductor give no new work while memory is critical."""
        self._system.address(CONDUCTOR).tell(Strain(critical=critical))
