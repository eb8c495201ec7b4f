"""Which requests ask for the same, so that one answer does for all."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import msgspec

from fleet.protocol.api import ApiRequest, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.endpoints import BY_OPERATION
from fleet.runtime import Address, Envelope

Same = tuple[Hashable, ...]


def same(request: ApiRequest) -> Same | None:
    """Make the key that identical reads share; None for what must be sent by itself."""
    endpoint = BY_OPERATION.get(request.operation)
    if endpoint is None or endpoint.mutating or request.exclusive or request.raw:
        return None
    if request.body is not None:
        return None
    # What a market shows depends on whose ships are there.
    return request.agent, request.operation, tuple(sorted(request.params.items())), request.query


def is_own(operation: str) -> bool:
    """Whether the operation shows what our own requests change."""
    return BY_OPERATION[operation].path.startswith("/my")


class Leader(msgspec.Struct, frozen=True):
    """A read that is under way."""

    envelope: int
    sent: GameTime


@dataclass(slots=True)
class Coalescing:
    """Knows the reads under way, and who may share the answer of one.

    An answer may be older than what its reader has just done, so a read joins one under way
    only if that was sent after the reader's last mutating request ended; what shows our own
    state, and reads after an unknown outcome, never join one that was sent before them.
    """

    _leaders: dict[Same, Leader] = field(default_factory=dict)
    _acted: dict[Address[object], GameTime] = field(default_factory=dict)
    """By sender, when its last mutating request ended."""

    def lead(self, envelope: Envelope, key: Same | None, sent: GameTime) -> None:
        """Take note that a read is sent."""
        if key is not None:
            self._leaders[key] = Leader(envelope.id, sent)

    def end(self, envelope: Envelope, key: Same | None, now: GameTime) -> None:
        """Take note that a request has been answered or given up."""
        if envelope.sender is not None and envelope.message.mutating:
            self._acted[envelope.sender] = now
        if key is not None:
            leader = self._leaders.get(key)
            if leader is not None and leader.envelope == envelope.id:
                del self._leaders[key]

    def leads(self, envelope: Envelope, key: Same | None) -> bool:
        """Whether others may share the answer of this request."""
        leader = None if key is None else self._leaders.get(key)
        return leader is not None and leader.envelope == envelope.id

    def leader_of(self, envelope: Envelope, key: Same | None, queued_at: GameTime) -> int | None:
        """Name the read under way whose answer does for this one, too."""
        leader = None if key is None else self._leaders.get(key)
        if leader is None or leader.envelope == envelope.id:
            return None
        return leader.envelope if self._may_join(envelope, queued_at, leader) else None

    def _may_join(self, envelope: Envelope, queued_at: GameTime, leader: Leader) -> bool:
        if queued_at < leader.sent:
            return True
        request: ApiRequest = envelope.message
        if request.lane is Lane.SAFETY or is_own(request.operation) or envelope.sender is None:
            return False
        return self._acted.get(envelope.sender, GameTime(float("-inf"))) < leader.sent
