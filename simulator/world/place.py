"""Where things are: systems, waypoints, gates, construction sites."""

from __future__ import annotations

import msgspec


class Chart(msgspec.Struct):
    """Who charted a waypoint and when."""

    by: str
    at: float


class Waypoint(msgspec.Struct):
    """A place in a system; coordinates are relative to the star."""

    symbol: str
    system: str
    type: str
    x: int
    y: int
    traits: list[str]
    orbits: str | None = None
    orbitals: list[str] = []
    faction: str | None = None
    chart: Chart | None = None
    role: str = ""
    """Role in a starting system (`HQ`, `GAS_STATION`); empty for the rest."""

    deposits: dict[str, float] = {}
    """Weight of each good that can be extracted or siphoned here."""


class System(msgspec.Struct):
    """A star and its waypoints; coordinates are galactic."""

    symbol: str
    sector: str
    type: str
    x: int
    y: int
    waypoints: list[str]
    factions: list[str] = []
    headquarters: str | None = None
    """Waypoint at which agents of the system's faction start; None where none starts."""

    probe_at: str | None = None
    """Shipyard at which an agent's first probe waits."""


class Material(msgspec.Struct):
    """A good that a construction site needs."""

    symbol: str
    required: int
    fulfilled: int


class Construction(msgspec.Struct):
    """Something that is being built, or was."""

    waypoint: str
    materials: list[Material]

    @property
    def complete(self) -> bool:
        """Whether everything has been delivered."""
        return all(row.fulfilled >= row.required for row in self.materials)


class Gate(msgspec.Struct):
    """A jump gate and the gates it leads to."""

    waypoint: str
    connections: list[str]
