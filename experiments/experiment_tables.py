"""What an experiment's TOML file may hold, by its tables; msgspec says what is wrong with one."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.actors.fleet_plan import Want
from fleet.actors.parking import ParkingSettings
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import HOUR, Experiment
from fleet.protocol.errors import UsageError


class ArmTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One [[arms]]; what is left out is as in a plain `fleet run`."""

    name: str
    ships: int | msgspec.UnsetType = msgspec.UNSET
    wants: tuple[tuple[str, int, int], ...] | msgspec.UnsetType = msgspec.UNSET
    """Ship type, count, and the credits that must stay free."""

    parking: dict[str, float] | msgspec.UnsetType = msgspec.UNSET
    universe: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET

    def arm(self) -> Arm:
        """Make the arm. Raises UsageError for an unknown setting of parking."""
        given = _given(self)
        if "parking" in given:
            given["parking"] = _parking(given["parking"])
        if "wants" in given:
            given["wants"] = tuple(Want(*row) for row in given["wants"])
        return Arm(**given)


class ExperimentTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    arms: tuple[ArmTable, ...] = ()
    name: str | msgspec.UnsetType = msgspec.UNSET
    seeds: int | tuple[int, ...] | msgspec.UnsetType = msgspec.UNSET
    """How many, or which."""

    hours: float | msgspec.UnsetType = msgspec.UNSET
    scenario: str | msgspec.UnsetType = msgspec.UNSET
    universe: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    latency: float | msgspec.UnsetType = msgspec.UNSET
    faults: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    metric: str | msgspec.UnsetType = msgspec.UNSET
    metrics: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET

    def experiment(self, name: str) -> Experiment:
        """Make the experiment; the name is for one that has none. Raises UsageError."""
        given = {"name": name, **_given(self), "arms": tuple(table.arm() for table in self.arms)}
        if isinstance(given.get("seeds"), int):
            given["seeds"] = tuple(range(1, given["seeds"] + 1))
        if "hours" in given:
            given["seconds"] = given.pop("hours") * HOUR
        return Experiment(**given)


def _parking(given: dict[str, float]) -> ParkingSettings:
    known = ParkingSettings.__dataclass_fields__
    for name in given:
        if name not in known:
            raise UsageError(f"parking has no setting {name}; it has {', '.join(known)}")
    return msgspec.convert(given, ParkingSettings, strict=False)


def _given(table: msgspec.Struct) -> dict[str, Any]:
    fields = ((name, getattr(table, name)) for name in table.__struct_fields__)
    return {name: value for name, value in fields if value is not msgspec.UNSET}
