"""Which design a trial has, why, and who is in which arm; drawn up before it begins."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from fleet.inject.trial.candidate import Candidate
from fleet.inject.trial.split import Arm, arm_of_turn, split
from fleet.inject.trial.terms import Terms
from fleet.protocol.errors import UsageError

LEAST_UNITS: Final = 4
"""Two units in each arm: fewer tell nothing of how much units differ by themselves."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A ship in a trial."""

    ship: str
    unit: str
    """What is dealt out as one: the ship itself, or all that work in its system."""

    stratum: str
    arm: Literal["A", "B"] | None = None
    """None in a switchback, where every ship is now in one arm, now in the other."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that was settled before the first turn; kept with the experiment."""

    terms: Terms
    design: Literal["switchback", "parallel"]
    why: str
    """Why this design, in a sentence."""

    members: tuple[Member, ...]
    left_out: tuple[str, ...] = ()
    """Ships that have nobody to be compared with."""

    def arm(self, member: Member, number: int) -> Arm:
        """Tell in which arm a ship is in the n-th turn."""
        return member.arm or arm_of_turn(self.terms.seed, number)

    @property
    def ships(self) -> tuple[str, ...]:
        """Name the ships."""
        return tuple(member.ship for member in self.members)

    @property
    def borrowed(self) -> tuple[str, ...]:
        """Name the ships that arm B flies at some time."""
        return tuple(member.ship for member in self.members if member.arm != "A")


def drawn_up(candidates: Sequence[Candidate], terms: Terms) -> Plan:
    """Choose a design and deal the ships out. Raises UsageError for too few of them."""
    systems = {one.system for one in candidates}
    if terms.design == "switchback":
        return _switchback(candidates, terms, "it was asked for")
    if terms.design == "auto" and len(systems) < LEAST_UNITS:
        why = f"{len(candidates)} ships work in {_named(systems)} and would share markets"
        if len(candidates) == 1:
            why = "there is one ship, which has only itself to be compared with"
        return _switchback(candidates, terms, why)
    if len(systems) >= LEAST_UNITS:
        why = f"the ships work in {len(systems)} systems, whose markets nobody shares"
        return _parallel(terms, why, {one.ship: (one.system, "systems") for one in candidates})
    strata = {one.ship: (one.ship, f"{one.craft}, in {one.system}") for one in candidates}
    return _parallel(terms, "it was asked for", strata)


def _switchback(candidates: Sequence[Candidate], terms: Terms, why: str) -> Plan:
    members = tuple(
        Member(ship=one.ship, unit="all", stratum=one.craft) for one in sorted(candidates)
    )
    return Plan(terms=terms, design="switchback", why=why, members=members)


def _parallel(terms: Terms, why: str, placed: Mapping[str, tuple[str, str]]) -> Plan:
    """Deal units out, given unit and stratum by ship; strata that are too small are left out."""
    strata: dict[str, set[str]] = defaultdict(set)
    for unit, stratum in placed.values():
        strata[stratum].add(unit)
    kept = {name: sorted(units) for name, units in strata.items() if len(units) >= LEAST_UNITS}
    if not kept:
        raise UsageError(
            f"Ships side by side need {LEAST_UNITS} that are comparable (role, frame, hold and "
            "system); name others with --ship, or have them take turns: --design switchback."
        )
    arms = split(kept, random.Random(f"{terms.seed} split"))
    members = tuple(
        Member(ship=ship, unit=unit, stratum=stratum, arm=arms[unit])
        for ship, (unit, stratum) in sorted(placed.items())
        if stratum in kept
    )
    left_out = tuple(ship for ship, (_, stratum) in sorted(placed.items()) if stratum not in kept)
    return Plan(terms=terms, design="parallel", why=why, members=members, left_out=left_out)


def _named(names: set[str]) -> str:
    return " and ".join(sorted(names)) if len(names) < 3 else f"{len(names)} systems"
