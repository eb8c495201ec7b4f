"""What a restarted fleet reads: everything it knew and intended when it stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, select

from fleet.storage import records as kept
from fleet.storage.namespaces import Namespace
from fleet.storage.reader import Source
from fleet.storage.shape import NAMESPACE, shape_of
from fleet.storage.tables import (
    AGENTS,
    ALERTS,
    ASSIGNMENTS,
    CONSTRUCTION,
    CONTRACTS,
    JUMP_GATES,
    LEDGER,
    MARKETS,
    NAMESPACES,
    PROCESS_EPOCHS,
    RESERVATIONS,
    SHIP_CARGO,
    SHIP_PARTS,
    SHIPS,
    SHIPYARD_PRICES,
    SHIPYARDS,
    SURVEYS,
    SYSTEMS,
    TRADE_GOODS,
    WAYPOINTS,
)

R = TypeVar("R", bound=kept.Record)


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one namespace, as of one moment."""

    namespace: Namespace
    agents: tuple[kept.AgentRecord, ...]
    ships: tuple[kept.ShipRecord, ...]
    cargo: tuple[kept.CargoRecord, ...]
    parts: tuple[kept.PartRecord, ...]
    assignments: tuple[kept.AssignmentRecord, ...]
    reservations: tuple[kept.ReservationRecord, ...]
    """Only those that are still open."""

    contracts: tuple[kept.ContractRecord, ...]
    systems: tuple[kept.SystemRecord, ...]
    waypoints: tuple[kept.WaypointRecord, ...]
    jump_gates: tuple[kept.JumpGateRecord, ...]
    markets: tuple[kept.MarketRecord, ...]
    trade_goods: tuple[kept.TradeGoodRecord, ...]
    shipyards: tuple[kept.ShipyardRecord, ...]
    shipyard_prices: tuple[kept.ShipyardPriceRecord, ...]
    surveys: tuple[kept.SurveyRecord, ...]
    """Only those that are not exhausted; look at `expires_at`."""

    construction: tuple[kept.ConstructionRecord, ...]
    alerts: tuple[kept.AlertRecord, ...]
    """Only those that are still open."""
    ledger_seq: int
    """Place of the newest ledger row; 0 if there is none."""

    process_epoch: int
    """The newest epoch handed out; 0 if none was. Take a new one by `fresh_epoch`."""


def resume(source: Source, agent_symbol: str, reset_date: str) -> Resumed | None:
    """Read one agent's namespace; None if it has none. Raises StoreUnavailable."""
    key = {"agent_symbol": agent_symbol, "reset_date": reset_date}
    with source.reading() as connection:
        row = connection.execute(select(NAMESPACES).filter_by(**key)).one_or_none()
        if row is None:
            return None
        return _resume(_Pinned(connection), Namespace(**row._mapping))


def _resume(source: Source, namespace: Namespace) -> Resumed:
    number = namespace.id
    return Resumed(
        namespace=namespace,
        agents=agents(source, number),
        ships=ships(source, number),
        cargo=cargo(source, number),
        parts=parts(source, number),
        assignments=assignments(source, number),
        reservations=open_reservations(source, number),
        contracts=contracts(source, number),
        systems=systems(source, number),
        waypoints=waypoints(source, number),
        jump_gates=jump_gates(source, number),
        markets=markets(source, number),
        trade_goods=trade_goods(source, number),
        shipyards=shipyards(source, number),
        shipyard_prices=shipyard_prices(source, number),
        surveys=surveys(source, number),
        construction=construction(source, number),
        alerts=open_alerts(source, number),
        ledger_seq=ledger_seq(source, number),
        process_epoch=process_epoch(source),
    )


class _Pinned:
    """A source whose every reading is the same transaction, so that all parts fit together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self._connection


def agents(source: Source, namespace: int) -> tuple[kept.AgentRecord, ...]:
    """Read the agents seen: ourselves, and others if their rows are kept."""
    return _read(source, AGENTS, kept.AgentRecord, namespace)


def ships(source: Source, namespace: int) -> tuple[kept.ShipRecord, ...]:
    """Read all ships."""
    return _read(source, SHIPS, kept.ShipRecord, namespace)


def cargo(source: Source, namespace: int) -> tuple[kept.CargoRecord, ...]:
    """Read what is in the holds."""
    return _read(source, SHIP_CARGO, kept.CargoRecord, namespace)


def parts(source: Source, namespace: int) -> tuple[kept.PartRecord, ...]:
    """Read what the ships are made of."""
    return _read(source, SHIP_PARTS, kept.PartRecord, namespace)


def open_alerts(source: Source, namespace: int) -> tuple[kept.AlertRecord, ...]:
    """Read the alerts whose cause is still there."""
    return _read(source, ALERTS, kept.AlertRecord, namespace, ALERTS.c.resolved_at.is_(None))


def assignments(source: Source, namespace: int) -> tuple[kept.AssignmentRecord, ...]:
    """Read what each ship is for."""
    return _read(source, ASSIGNMENTS, kept.AssignmentRecord, namespace)


def open_reservations(source: Source, namespace: int) -> tuple[kept.ReservationRecord, ...]:
    """Read the reservations that nobody has released."""
    released = RESERVATIONS.c.released_at
    return _read(source, RESERVATIONS, kept.ReservationRecord, namespace, released.is_(None))


def contracts(source: Source, namespace: int) -> tuple[kept.ContractRecord, ...]:
    """Read all contracts, fulfilled ones too."""
    return _read(source, CONTRACTS, kept.ContractRecord, namespace)


def systems(source: Source, namespace: int) -> tuple[kept.SystemRecord, ...]:
    """Read all systems seen."""
    return _read(source, SYSTEMS, kept.SystemRecord, namespace)


def waypoints(
    source: Source, namespace: int, *, system: str | None = None
) -> tuple[kept.WaypointRecord, ...]:
    """Read the waypoints seen, of one system or of all."""
    only = [] if system is None else [WAYPOINTS.c.system == system]
    return _read(source, WAYPOINTS, kept.WaypointRecord, namespace, *only)


def jump_gates(source: Source, namespace: int) -> tuple[kept.JumpGateRecord, ...]:
    """Read the gates seen and where they lead."""
    return _read(source, JUMP_GATES, kept.JumpGateRecord, namespace)


def markets(source: Source, namespace: int) -> tuple[kept.MarketRecord, ...]:
    """Read what each market seen trades."""
    return _read(source, MARKETS, kept.MarketRecord, namespace)


def trade_goods(source: Source, namespace: int) -> tuple[kept.TradeGoodRecord, ...]:
    """Read the newest prices seen; each tells its age."""
    return _read(source, TRADE_GOODS, kept.TradeGoodRecord, namespace)


def shipyards(source: Source, namespace: int) -> tuple[kept.ShipyardRecord, ...]:
    """Read what each shipyard seen sells."""
    return _read(source, SHIPYARDS, kept.ShipyardRecord, namespace)


def shipyard_prices(source: Source, namespace: int) -> tuple[kept.ShipyardPriceRecord, ...]:
    """Read the newest ship prices seen; each tells its age."""
    return _read(source, SHIPYARD_PRICES, kept.ShipyardPriceRecord, namespace)


def surveys(
    source: Source, namespace: int, after: float = -math.inf
) -> tuple[kept.SurveyRecord, ...]:
    """Read the surveys that are not exhausted, and do not expire before a game time."""
    only: list[ColumnElement[bool]] = [SURVEYS.c.exhausted.is_(False)]
    if math.isfinite(after):
        only.append(SURVEYS.c.expires_at > after)
    return _read(source, SURVEYS, kept.SurveyRecord, namespace, *only)


def construction(source: Source, namespace: int) -> tuple[kept.ConstructionRecord, ...]:
    """Read the construction sites seen."""
    return _read(source, CONSTRUCTION, kept.ConstructionRecord, namespace)


def ledger_seq(source: Source, namespace: int) -> int:
    """Read the place of the newest ledger row; 0 if there is none."""
    query = select(func.max(LEDGER.c.seq)).filter_by(namespace_id=namespace)
    with source.reading() as connection:
        return connection.execute(query).scalar() or 0


def process_epoch(source: Source) -> int:
    """Read the newest process epoch handed out; 0 if none was."""
    with source.reading() as connection:
        return connection.execute(select(func.max(PROCESS_EPOCHS.c.epoch))).scalar() or 0


def recall(
    source: Source, namespace: int, table: str, key: tuple[Any, ...]
) -> Mapping[str, Any] | None:
    """Read one state by its key: all columns but the key, None if it isn't there.

    Raises ValueError for a table that does not exist or a key that is not the table's.
    """
    shape = shape_of(table)
    if len(key) != len(shape.key):
        raise ValueError(f"the key of {table} is ({', '.join(shape.key)})")
    found = dict(zip(shape.key, key, strict=True))
    columns = [shape.table.c[name] for name in shape.names if name in shape.others]
    query = select(*columns).filter_by(namespace_id=namespace, **found)
    with source.reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
        # Names of columns are a kind of str of the library's, which no recording would read.
        return None if row is None else {str(name): value for name, value in row.items()}


def recall_all(
    source: Source, namespace: int, table: str
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """Read all states of a table by their keys. Raises ValueError for a table that isn't there."""
    shape = shape_of(table)
    columns = [shape.table.c[name] for name in shape.names if name != NAMESPACE]
    query = select(*columns).where(shape.table.c[NAMESPACE] == namespace)
    width = len(shape.key)
    with source.reading() as connection:
        return {
            tuple(row)[:width]: {name: row._mapping[name] for name in shape.others}
            for row in connection.execute(query)
        }


def _read(
    source: Source, table: Table, record: type[R], namespace: int, *only: ColumnElement[bool]
) -> tuple[R, ...]:
    columns = [table.c[name] for name in record.__struct_fields__]
    query = select(*columns).where(table.c[NAMESPACE] == namespace, *only)
    with source.reading() as connection:
        rows = connection.execute(query.order_by(*table.primary_key))
        return tuple(record(*row) for row in rows)
