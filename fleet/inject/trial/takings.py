"""What each ship earned in each turn of a trial, with goods in the hold at what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from fleet.inject.trial.books import GIVEN_AWAY, Deed, Sent
from fleet.inject.trial.plan import Plan
from fleet.inject.trial.split import Arm
from fleet.inject.trial.trial import Turn

BUY: Final = "purchase-cargo"
SELL: Final = "sell-cargo"


@dataclass(slots=True)
class Taking:
    """One ship in one turn; what was in its wash-out is left out."""

    ship: str
    unit: str
    stratum: str
    arm: Arm
    turn: Turn
    credits: float = 0.0
    requests: int = 0
    strange: int = 0
    """Of them, those that were not asked for by whom the arm says."""

    trades: dict[str, int] = field(default_factory=dict)
    """Purchases and sales by market."""

    purchases: int = 0

    @property
    def hours(self) -> float:
        """Game hours that count."""
        return (self.turn.until - self.turn.counted) / 3600.0


@dataclass(slots=True)
class Stock:
    """Goods of one kind that a ship has bought."""

    units: int = 0
    cost: float = 0.0

    def take(self, units: int) -> float:
        """Take units out at their average cost; those that were never bought cost nothing."""
        taken = min(units, self.units)
        cost = self.cost * taken / self.units if taken else 0.0
        self.units -= taken
        self.cost -= cost
        return cost


def profits(deeds: Iterable[Deed]) -> Iterator[tuple[Deed, float]]:
    """Tell what each deed earned, in credits; deeds come oldest first.

    Goods cost nothing until they are sold or given away: otherwise a turn that ends with a full
    hold would look bad, and the one after it good.
    """
    holds: dict[str, dict[str, Stock]] = defaultdict(lambda: defaultdict(Stock))
    for deed in deeds:
        hold = holds[deed.ship]
        if deed.operation == BUY:
            hold[deed.good].units += deed.units
            hold[deed.good].cost -= deed.delta
            yield deed, 0.0
        elif deed.operation == SELL:
            yield deed, deed.delta - hold[deed.good].take(deed.units)
        elif deed.operation in GIVEN_AWAY:
            # The books do not tell what was handed over. A ship that delivers carries little else.
            yield deed, -sum(stock.cost for stock in hold.values())
            hold.clear()
        else:
            yield deed, float(deed.delta)


def takings(
    plan: Plan,
    turns: Iterable[Turn],
    deeds: Iterable[Deed],
    sent: Iterable[Iterable[Sent]],
    name: str,
) -> list[Taking]:
    """Sum up every ship in every turn; `sent` has the counted requests of each turn."""
    turns = list(turns)
    found = {
        (turn.number, one.ship): Taking(
            one.ship, one.unit, one.stratum, plan.arm(one, turn.number), turn
        )
        for turn in turns
        for one in plan.members
    }
    _earn(found, turns, deeds)
    for turn, rows in zip(turns, sent, strict=True):
        for row in rows:
            taking = found.get((turn.number, row.ship))
            if taking is not None:
                taking.requests += row.requests
                if (row.behaviour == name) != (taking.arm == "B"):
                    taking.strange += row.requests
    return list(found.values())


def _earn(found: dict[tuple[int, str], Taking], turns: list[Turn], deeds: Iterable[Deed]) -> None:
    place = 0
    for deed, profit in profits(deeds):
        while place < len(turns) and deed.at >= turns[place].until:
            place += 1
        if place == len(turns):
            return
        taking = found.get((turns[place].number, deed.ship))
        if taking is None or deed.at < turns[place].counted:
            continue
        taking.credits += profit
        if deed.market and deed.operation in (BUY, SELL):
            taking.trades[deed.market] = taking.trades.get(deed.market, 0) + 1
            taking.purchases += deed.operation == BUY
