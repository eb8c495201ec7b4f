"""Contracts and surveys."""

from __future__ import annotations

from fleet.protocol.wire.base import Wire
from fleet.protocol.wire.market import Symbol
from fleet.protocol.wire.words import ContractType, SurveySize


class Payment(Wire, frozen=True, kw_only=True):
    """Credits."""

    on_accepted: int
    on_fulfilled: int


class Delivery(Wire, frozen=True, kw_only=True):
    """One line of a procurement contract."""

    trade_symbol: str
    destination_symbol: str
    units_required: int
    units_fulfilled: int

    @property
    def missing(self) -> int:
        """Units still to be delivered."""
        return self.units_required - self.units_fulfilled


class Terms(Wire, frozen=True, kw_only=True):
    """`deadline` is an ISO instant on the server's clock."""

    deadline: str
    payment: Payment
    deliver: tuple[Delivery, ...] = ()


class Contract(Wire, frozen=True, kw_only=True):
    """A contract; `expiration` is an older name of `deadline_to_accept` (official)."""

    id: str
    type: ContractType
    terms: Terms
    accepted: bool
    fulfilled: bool
    deadline_to_accept: str = ""
    expiration: str = ""
    faction_symbol: str = ""


class Survey(Wire, frozen=True, kw_only=True):
    """A survey; sent back unchanged with each extraction that uses it."""

    signature: str
    symbol: str
    deposits: tuple[Symbol, ...]
    expiration: str
    size: SurveySize
