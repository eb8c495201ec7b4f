"""Shows comparisons on a living fleet, as the database tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec
from rich.table import Table

from fleet.cli.output import terminal
from fleet.config import Config
from fleet.control.client import ControlClient
from fleet.durations import show_duration
from fleet.protocol.clock import to_iso
from fleet.protocol.errors import FleetError, SetupError, UsageError

if TYPE_CHECKING:
    from fleet.inject.trial.report import Report
    from fleet.storage.reader import Reader


def report_of(config: Config, name: str) -> Report | None:
    """Compare the arms of an A/B by the database; None where no A/B has that name.

    Raises SetupError for a database that can't be read.
    """
    if _nothing_there(config):
        return None
    with _reading(config) as reader:
        found = _report(reader, config.agent, name)
    if found is None or found.status == "ended" or name in _running(config):
        return found
    from fleet.inject.trial.report import worded

    outcome = "its runtime ended; it is not taken up again"
    return worded(msgspec.structs.replace(found, status="ended", outcome=outcome))


def listed(config: Config) -> list[dict[str, object]]:
    """List all A/Bs, begun last first. Raises SetupError."""
    from fleet.inject.trial.report import stored
    from fleet.inject.trial.shelf import rows

    found: list[dict[str, object]] = []
    if _nothing_there(config):
        return found
    with _reading(config) as reader:
        for _, row in rows(reader, config.agent):
            with suppress(msgspec.ValidationError):
                kept = stored(row["name"], row)
                if kept is not None:
                    trial = kept.trial
                    found.append(
                        {
                            "name": kept.name,
                            "arms": ["A", "B"],
                            "runs": len(trial.turns),
                            "seconds": trial.plan.terms.block,
                            "design": trial.plan.design,
                        }
                    )
    return found


def _nothing_there(config: Config) -> bool:
    """Say whether nothing was ever played with a data folder."""
    from fleet.storage.location import locate

    path = locate(config.database_url).path
    return config.database is None and path is not None and not path.exists()


@contextmanager
def _reading(config: Config) -> Iterator[Reader]:
    """Open the database for a look. Raises SetupError."""
    from fleet.storage.errors import StoreUnavailable
    from fleet.storage.reader import open_reader

    try:
        with closing(open_reader(config.database_url)) as reader:
            yield reader
    except StoreUnavailable as failure:
        raise SetupError(f"The database cannot be read: {failure}.") from failure


def _report(reader: Reader, agent: str | None, name: str) -> Report | None:
    from fleet.inject.trial.report import report, stored
    from fleet.inject.trial.shelf import rows

    for namespace, row in rows(reader, agent, name):
        try:
            kept = stored(name, row)
        except msgspec.ValidationError as error:
            raise UsageError(f"{name} was compared by another version: {error}.") from None
        if kept is not None:
            return report(reader, namespace, kept)
    return None


def _running(config: Config) -> set[str]:
    """Name what runs now; nothing where no fleet answers."""
    with suppress(FleetError):
        listed: list[dict[str, Any]] = ControlClient(config.data_dir).call("experiments")
        return {row["name"] for row in listed if row["state"] != "ended"}
    return set()


def show(found: Report) -> None:
    """Write how a comparison stands."""
    screen = terminal()
    screen.print(found.sentence, soft_wrap=True, highlight=False)
    if found.outcome:
        screen.print(f"It is over: {found.outcome}.", soft_wrap=True, highlight=False)
    screen.print(_table(found))
    screen.print(_facts(found), soft_wrap=True, highlight=False)
    for doubt in found.doubts:
        screen.print(f"Mind: {doubt}", soft_wrap=True, highlight=False)


def _table(found: Report) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column("arm")
    for title in ("ships", "ship hours", "credits", "requests", "per ship and hour", "per request"):
        drawn.add_column(title, justify="right")
    does = {"A": found.against or "what they did", "B": found.name}
    for arm in found.arms:
        drawn.add_row(
            f"{arm.arm} {does[arm.arm]}",
            str(arm.ships),
            f"{arm.hours:,.1f}",
            f"{arm.credits:,.0f}",
            f"{arm.requests:,}",
            _number(arm.per_hour),
            _number(arm.per_request),
        )
    return drawn


def _facts(found: Report) -> str:
    per_request = found.per_request
    turn, washed = show_duration(found.block), show_duration(found.wash_out)
    played = f"{found.turns} turns of {turn} game time, {washed} of it wash-out"
    parts = [f"{found.design}, as {found.why}; {played}; seed {found.seed}."]
    if per_request is not None:
        low, high = _number(per_request.low), _number(per_request.high)
        parts.append(
            f"Per request B has {per_request.difference:+,.1f} credits (95 % interval {low} to "
            f"{high})."
        )
    if found.decided_at is not None and found.decided_at > found.until and not found.outcome:
        parts.append(f"Look again at {to_iso(found.decided_at)[:16]} game time.")
    return " ".join(parts)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
