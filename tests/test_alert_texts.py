"""Every text of the validator watchdog is emitted, in its own words, by what it tells of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fleet.host.minute import Minutes
from fleet.host.observe import observe
from fleet.host.tally import Tally
from fleet.protocol.errors import TransportError
from fleet.protocol.fleet import AUDITOR, SHIPS, AuditNow, ShipQuery
from fleet.protocol.rows import Flush
from fleet.runtime.chaos import Misbehave
from fleet.storage.errors import StoreTimeout
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.supervision.resources.belongings import Belongings, Owner
from fleet.supervision.resources.cleanup import Cleanup
from fleet.supervision.resources.gauge import ProcessGauge
from fleet.supervision.resources.limits import ResourceLimits
from fleet.supervision.resources.operations import Operations, tracked
from fleet.supervision.resources.overheard import Overheard
from fleet.supervision.resources.sample import Memory
from fleet.supervision.resources.watch import ResourceWatch
from fleet.virtual_fleet import VirtualFleet

N, D = r"\d+\.\d\dMB", r"-?\d+\.\d\dMB"
TASK = r"/\S+"
GOLDEN = (
    (
        rf"TIMEOUT_ALERT - Task: {TASK} \| Operation: \w+ \| Duration: \d+\.\d\ds"
        r" \| Timeout: [\d.]+s \| Status: \w+ \| Errors: \d+"
    ),
    rf"Memory Usage at Timeout - RSS: {N} \| VMS: {N}",
    rf"FREEZE_DETECTED - Task {TASK} appears frozen - Last Operation: \w+ - Starting recovery",
    rf"Attempting to recover {TASK}",
    rf"Successfully recovered task {TASK}",
    rf"Failed to recover task {TASK}: .+",
    rf"Task {TASK} started operation: \w+ \| Initial Memory: {N}",
    rf"Task {TASK} completed operation: \w+ \| Memory Change: {D} \| Peak Memory: {N}",
    rf"High memory usage in task \S+ \| Current: {N} \| Previous Peak: {N}",
    r"Circuit breaker triggered after \d+ consecutive failures.*",
    r"Successfully queried \d+ miners",
    r"Timeout for miner \S+",
    r"Database operation timed out: .+",
    r"Multiple consecutive database failures",
    r"Resetting database connection pool",
    r"Successfully reset database connection pool",
    r"Slow DB health check: \d+\.\d\ds",
    r"Slow metagraph sync: \d+\.\d\ds",
    r"Starting comprehensive resource cleanup",
    r"Cleaned up temp file: .+",
    r"Reset hanging database operations",
    r"Reset database connection pool",
    r"Forced garbage collection",
    r"Reset HTTP client",
    r"Completed resource cleanup",
)
CLEANUP = GOLDEN[-7:]
"""In this order."""


class Swelling(ProcessGauge):
    """The process's own figures, but each reading is twice the one before."""

    size = 64 << 20

    def memory(self) -> Memory:
        self.size *= 2
        return Memory(self.size, super().memory().vms)


@contextmanager
def watched(stage: Any, folder: Path) -> Iterator[Belongings]:
    """Have a watch hear what a system tells."""
    belongings = Belongings(folder)
    watch = ResourceWatch(
        stage.system,
        stage.events,
        ProcessGauge(stage.clock),
        task="runtime",
        limits=ResourceLimits(),
        shed=lambda _: None,
        cleanup=Cleanup(belongings, stage.events, stage.clock, cooldown=60.0),
    )
    stage.system.events = Overheard(stage.events, watch.names, watch.hear)
    watch.start()
    yield belongings
    watch.close()


def hangs(stage: Any, folder: Path) -> None:
    """An actor with belongings hangs and comes back; another one's replacement can't start."""
    starts = iter([None, OSError("no luck"), None])

    def holding(ctx: Any) -> None:
        owner = Owner(ctx.self.path, ctx.incarnation)
        (belongings.temp_folder(owner) / "prices.tmp").write_text("")
        for kind in ("rows", "pool", "client"):
            belongings.keep(owner, kind, lambda: None)  # type: ignore[arg-type]

    def failing(ctx: Any) -> None:
        if failure := next(starts):
            assert stage.events.wait_for("recovery.started", actor="/b")
            raise failure

    with watched(stage, folder) as belongings:
        for path, on_start in (("/a", holding), ("/b", failing)):
            stage.spawn(path, on_start=on_start, budget=1.0).tell(Misbehave("hang", seconds=30.0))
        assert stage.events.wait_for("recovery.succeeded", actor="/a")
        assert stage.events.wait_for("cleanup.completed", actor="/a")
        assert stage.events.wait_for("recovery.lost", actor="/b")


def operates(stage: Any) -> None:
    """A tracked actor handles a message that costs memory."""
    operations = Operations(
        Swelling(stage.clock), stage.events, ResourceLimits(), stage.system.view
    )
    stage.system.spawn("/c", tracked(stage.props(), operations)).tell("work")
    assert stage.events.wait_for("memory.grown", actor="/c")


def is_queried(stage: Any) -> None:
    """Of two ships one answers."""

    def answer(ctx: Any, message: Any) -> None:
        if isinstance(message, ShipQuery):
            ctx.reply("a view")

    for name in ("A-1", "A-2"):
        stage.spawn(f"{SHIPS}/{name}", receive=answer, budget=5.0)
    stage.system.address(f"{SHIPS}/A-2").tell(Misbehave("hang", seconds=4.0))
    told = Tally(stage.events, stage.clock.wall)
    Minutes(stage.system, told, lambda: None).tell(observe(stage.system))


class Gone:
    """A server that nobody reaches."""

    def send(self, request: Any) -> Any:
        raise TransportError("nobody is there", sent=False)

    def cancel(self) -> None:
        pass


def timing_out() -> Any:
    raise StoreTimeout("it took more than 30 s")


def suffers(folder: Path, events: MemoryEventLog, **changes: Callable[[Any], Any]) -> VirtualFleet:
    """Play a fleet with something changed for a while."""

    def change(plan: Any) -> Any:
        return replace(
            plan, **{name: alter(getattr(plan, name)) for name, alter in changes.items()}
        )

    folder.mkdir()
    fleet = VirtualFleet(
        1, folder, events=events, change=change, latency=35.0 if not changes else 0
    )
    fleet.run_for(120.0)
    return fleet


def test_every_text_is_emitted_by_what_it_tells_of(
    threads: Any, tmp_path: Path, events: MemoryEventLog
) -> None:
    hangs(threads, tmp_path / "tmp")
    operates(threads)
    is_queried(threads)
    suffers(tmp_path / "api", events, transport=lambda _: Gone)
    suffers(tmp_path / "down", events, writer=lambda writer: replace(writer, open_store=timing_out))
    slow = suffers(tmp_path / "slow", events, writer=lambda writer: replace(writer, slow=-1.0))
    slow.ask("/fleet/writer", Flush())
    suffers(tmp_path / "far", events).ask(AUDITOR, AuditNow(), within=3600.0)
    texts = [record["text"] for log in (threads.events, events) for record in log.records()]
    for golden in GOLDEN:
        assert any(re.fullmatch(golden, text) for text in texts), golden
    cleaned = [record["text"] for record in threads.events.records(actor="/a", trigger="failure")]
    pairs = zip(CLEANUP, cleaned, strict=True)
    assert all(re.fullmatch(golden, text) for golden, text in pairs)


@pytest.mark.shared
def test_the_golden_texts_are_those_that_the_seed_names(shared_seed: str) -> None:
    named = re.findall(r'^  - "([^"]+)"', shared_seed, re.MULTILINE)
    assert len(named) > 10
    for text in named:
        begin = text.replace("{name}", "").replace("X miners", "").split("  ")[0].strip()
        plain = [re.sub(r"\\(.)", r"\1", golden) for golden in GOLDEN]
        assert any(begin in golden for golden in plain), text


@pytest.fixture
def shared_seed() -> str:
    """The text of the seed, where the reference folder lies beside the checkout."""
    seeds = Path(__file__).resolve().parents[2] / "shared" / "seeds"
    found = sorted(seeds.glob("001_*.txt"))
    if not found:
        pytest.skip("the reference folder is not beside the checkout")
    return found[0].read_text()
