"""The conductor's one contract: when a ship may look after it, and whether miners bring its ore."""

from __future__ import annotations

from dataclasses import dataclass, field

from fleet.actors.behaviours.fulfil_contract import MINERS
from fleet.protocol.clock import GameTime
from fleet.protocol.wire.contract import Contract

# A contract that was found wanting is looked at again after this, in game seconds.
PAUSE = 600.0
AT_ONCE = GameTime(0.0)


@dataclass(slots=True)
class Contracting:
    """A small part of the conductor; used in its thread only."""

    state: str = "no contract seen yet"
    """What became of the contract in hand, in a sentence."""

    for_miners: Contract | None = None
    """The contract whose goods nobody sells: miners deliver to it."""

    fulfilled: set[str] = field(default_factory=set)
    """Ids of those that were paid."""

    _last: Contract | None = None
    _not_before: GameTime = AT_ONCE

    def may_begin(self, now: GameTime) -> bool:
        """Whether a ship may be sent to look after a contract."""
        return now >= self._not_before

    def seen(self, contract: Contract) -> None:
        """Take note of a contract as it stands."""
        line = contract.terms.deliver[0]
        self._last = contract
        if contract.fulfilled:
            self.fulfilled.add(contract.id)
            self.for_miners = None
            self._not_before = AT_ONCE
        elif self.for_miners is not None and self.for_miners.id == contract.id:
            self.for_miners = contract
        state = (
            "fulfilled" if contract.fulfilled else "accepted" if contract.accepted else "offered"
        )
        self.state = (
            f"{state}: {line.units_fulfilled}/{line.units_required} {line.trade_symbol}"
            f" to {line.destination_symbol}"
        )

    def ended(self, outcome: str, now: GameTime) -> None:
        """Take note of how the task of the ship that looked after it ended."""
        if outcome == "fulfilled":
            self._not_before = AT_ONCE
            return
        self.state = outcome
        if outcome.startswith(MINERS):
            self.for_miners = self._last
        self._not_before = GameTime(now + PAUSE)

    @property
    def ore(self) -> str:
        """The good that miners are to bring; empty for none."""
        contract = self.for_miners
        return "" if contract is None else contract.terms.deliver[0].trade_symbol
