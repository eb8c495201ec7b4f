"""Asks the actors how they are, for the control socket, the summaries and the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fleet.protocol.errors import FleetError
from fleet.protocol.fleet import (
    BUCKET,
    CONDUCTOR,
    SHIPS,
    TREASURY,
    WRITER,
    FleetQuery,
    FleetView,
    Funds,
    ShipQuery,
    ShipView,
    TreasuryQuery,
)
from fleet.protocol.members import agent_of, path_for
from fleet.protocol.metrics import BucketQuery, BucketStatus
from fleet.protocol.rows import WriterQuery, WriterStatus
from fleet.runtime import ActorSystem, AskFailed, Envelope, Future

# Actors that are hung or being replaced, however many, must not hold up the whole status: wall
# seconds for all answers together.
PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Observation:
    """What the actors said; None from one that did not answer in time."""

    bucket: BucketStatus | None
    writer: WriterStatus | None
    funds: Funds | None
    fleet: FleetView | None
    ships: tuple[ShipView, ...]
    silent: tuple[str, ...] = ()
    """Paths of the ships that did not answer."""


def observe(system: ActorSystem) -> Observation:
    """Ask all at once, and wait a little; in any thread but an actor's."""
    paths = ship_paths(system)
    bucket = _ask(system, BUCKET, BucketQuery())
    writer = _ask(system, WRITER, WriterQuery())
    funds = _ask(system, TREASURY, TreasuryQuery())
    fleet = _ask(system, CONDUCTOR, FleetQuery())
    ships = [_ask(system, path, ShipQuery()) for path in paths]
    end = system.clock.monotonic() + PATIENCE

    def get(future: Future[Any]) -> Any:
        return _get(future, end - system.clock.monotonic())

    views = dict(zip(paths, map(get, ships), strict=True))
    return Observation(
        bucket=get(bucket),
        writer=get(writer),
        funds=get(funds),
        fleet=get(fleet),
        ships=tuple(view for view in views.values() if view is not None),
        silent=tuple(path for path, view in views.items() if view is None),
    )


def observe_money(system: ActorSystem) -> tuple[Funds | None, FleetView | None]:
    """Ask only for what the net worth is made of; in any thread but an actor's."""
    funds = _ask(system, TREASURY, TreasuryQuery())
    fleet = _ask(system, CONDUCTOR, FleetQuery())
    return _get(funds, PATIENCE), _get(fleet, PATIENCE)


def credits_of(system: ActorSystem, agents: Sequence[str]) -> dict[str, int]:
    """Ask what each agent has, those left out that do not answer; in any thread but an actor's."""
    asked = {agent: _ask(system, path_for(agent, TREASURY), TreasuryQuery()) for agent in agents}
    end = system.clock.monotonic() + PATIENCE
    told = {agent: _get(one, end - system.clock.monotonic()) for agent, one in asked.items()}
    return {agent: funds.credits for agent, funds in told.items() if funds is not None}


def ship_paths(system: ActorSystem) -> list[str]:
    """List the paths of the ships whose addresses are open."""
    paths = (cell.address.path for cell in system.cells() if not cell.closed)
    return [path for path in paths if path.rpartition("/")[0] == path_for(agent_of(path), SHIPS)]


def _ask(system: ActorSystem, path: str, message: Any) -> Future[Any]:
    future: Future[Any] = Future()
    cell = system.cell(path)
    if cell is None or cell.closed or cell.rests_until is not None:
        # A look is no message that somebody loses: no dead letter.
        future.fail(AskFailed(f"{path} is not there, or rests"))
        return future
    system.post(path, Envelope(message, system.next_id(), future=future))
    return future


def _get(future: Future[Any], patience: float) -> Any:
    try:
        return future.get(patience)
    except FleetError:
        return None
