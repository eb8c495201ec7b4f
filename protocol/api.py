"""What ships and the request bucket, and the bucket and its workers, say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, Literal

from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.endpoints import BY_OPERATION
from fleet.protocol.wire.decoding import decode_body


class Lane(IntEnum):
    """The bucket's lanes, first served first; waiting ages a request towards the front."""

    SAFETY = 0
    """Reading back after an unknown outcome, refuelling a stranded ship."""

    ACTION = 1
    """What starts a flight or a cooldown: each second of delay idles a ship."""

    TRADE = 2
    MARKET = 3
    BACKGROUND = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """Do one operation of the API. Ended exactly once, by one of `ApiOutcome`.

    Sent to the bucket, answered to the envelope's sender. `number` is the sender's own, so
    that it knows which of its requests an outcome ends.
    """

    number: int
    operation: str
    lane: Lane
    params: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path."""

    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    ship: str | None = None
    behaviour: str = ""
    exclusive: bool = False
    """Sent when nothing else is in flight, and nothing else is until it is answered."""

    agent: str = ""
    """In whose name it goes out, where a runtime plays several; "" is the first one."""

    raw: bool = False
    """Answered with the plain JSON of the reply instead of its model: for people."""

    redeliver: ClassVar[str] = "once"

    @property
    def mutating(self) -> bool:
        """Whether sending it twice could do something twice."""
        return BY_OPERATION[self.operation].mutating


@dataclass(frozen=True, slots=True)
class ApiReply:
    """It was done. `data` is the decoded reply of the operation (`fleet.protocol.wire`)."""

    number: int
    operation: str
    data: Any


@dataclass(frozen=True, slots=True)
class ApiRefusal:
    """The game refuses (a 4xxx code): a value for the behaviour, not a failure."""

    number: int
    operation: str
    status: int
    code: int
    message: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expired:
    """It waited too long and was never sent."""

    number: int


@dataclass(frozen=True, slots=True)
class Overloaded:
    """The bucket is full; it was never queued."""

    number: int


@dataclass(frozen=True, slots=True)
class UnknownOutcome:
    """It was sent and no answer came: read back before acting again."""

    number: int
    operation: str
    reason: str


ApiOutcome = ApiReply | ApiRefusal | Expired | Overloaded | UnknownOutcome


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take back every request that earlier incarnations of the sender left waiting.

    Answered with Withdrawn; what had been sent by then ends as UnknownOutcome.
    """

    redeliver: ClassVar[str] = "once"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Nothing of the sender's earlier incarnations waits any more."""

    in_flight: tuple[int, ...]
    """Numbers whose UnknownOutcome is still to come."""


@dataclass(frozen=True, slots=True)
class Send:
    """From the bucket to a worker: send this now, it has a permit."""

    envelope: int
    """Id of the leased envelope."""

    request: ApiRequest
    queued_at: GameTime
    silence: float | None = None
    """Longest silence that is borne, in wall seconds; None: as long as the transport is set to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitHeaders:
    """What a reply told about the limiter's windows; game times."""

    remaining: int | None = None
    reset: GameTime | None = None
    retry_after: float | None = None
    account: bool = False
    """Whether they tell of the account's pools, and not of the address's."""


Disposition = Literal["reply", "refusal", "limited", "unsent", "unavailable", "unknown", "fatal"]
"""reply and refusal end the request; limited, unsent and unavailable were not acted on and are
queued again; unknown was sent without an answer; fatal: the token or the reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """From a worker to the bucket: what became of a Send."""

    envelope: int
    disposition: Disposition
    outcome: ApiReply | ApiRefusal | None = None
    reason: str = ""
    credits: int = 0
    """What it brought in, less what it cost."""

    sent: Monotonic
    answered: Monotonic
    limits: LimitHeaders
    body: bytes = field(default=b"", repr=False)
    """The JSON that a reply's data was decoded from, as it came; empty where it was not."""

    def as_kept(self) -> tuple[Any, ...]:
        """Tell what `from_kept` makes one of: to encode a reply anew takes a recording longest."""
        outcome: Any = self.outcome
        if self.body and type(outcome) is ApiReply:
            outcome = outcome.number, outcome.operation
        told = self.envelope, self.disposition, outcome, self.reason, self.credits
        return *told, self.sent, self.answered, self.limits, self.body

    @classmethod
    def from_kept(cls, *kept: Any) -> Finished:
        """Make what `as_kept` told. Raises whatever is raised for something else."""
        envelope, disposition, outcome, reason, moved, sent, answered, limits, body = kept
        if isinstance(outcome, tuple):
            number, operation = outcome
            outcome = ApiReply(number, operation, decode_body(operation, body))
        return cls(
            envelope=envelope,
            disposition=disposition,
            outcome=outcome,
            reason=reason,
            credits=moved,
            sent=sent,
            answered=answered,
            limits=limits,
            body=body,
        )


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """From a worker to the bucket: it has nothing in hand (after a start or restart)."""
