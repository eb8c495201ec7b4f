"""One way to run the fleet, compared with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actors.behaviours import OWN, Behaviour
from fleet.actors.conductor_settings import Rule
from fleet.actors.fleet_plan import PLAN, ROLE_OF, Want
from fleet.actors.lane_policy import LanePolicy, Turns
from fleet.actors.parking import ParkingSettings
from fleet.protocol.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What one arm does differently; whatever it leaves out is as in a plain `fleet run`."""

    name: str
    ships: int = 40
    """Most ships that the fleet may own."""

    wants: tuple[Want, ...] = PLAN
    """The ships to buy, in order."""

    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    """By name; one of fleet's own names replaces that behaviour."""

    rules: tuple[Rule, ...] = ()
    """Asked before the conductor's own rules when a ship wants work."""

    parking: ParkingSettings = field(default_factory=ParkingSettings)
    """How the conductor has ships rest while requests wait too long."""

    policy: Callable[[], LanePolicy] = Turns
    """Which lane of the bucket is served next."""

    universe: Mapping[str, Any] = field(default_factory=dict)
    """Rules of the simulator that differ, by name; for arms that ask what the world does."""

    def check(self) -> None:
        """Raise UsageError for an arm that can't be played."""
        if type(self.ships) is not int or self.ships < 1:
            raise UsageError(f"arm {self.name}: ships is a number of 1 or more, not {self.ships!r}")
        for want in self.wants:
            if not isinstance(want, Want) or want.ship_type not in ROLE_OF:
                what = want.ship_type if isinstance(want, Want) else repr(want)
                raise UsageError(
                    f"arm {self.name}: the fleet has no work for {what}; it can want "
                    f"{', '.join(ROLE_OF)}"
                )
            if want.count < 1:
                raise UsageError(
                    f"arm {self.name}: the count of {want.ship_type} is 1 or more, not {want.count}"
                )
        for name in self.behaviours:
            if name not in OWN and not self.rules:
                raise UsageError(
                    f"arm {self.name}: without a rule no ship is ever given {name!r}; add one, or "
                    f"replace one of fleet's own: {', '.join(OWN)}"
                )
        called = [*self.rules, self.policy, *self.behaviours.values()]
        if not all(callable(each) for each in called):
            raise UsageError(f"arm {self.name}: rules, policy and behaviours are functions")
