"""The bucket's mailbox: lanes of requests, with what must be remembered about each of them.

All of it belongs to the address and not to the actor, so it survives the bucket.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, deque
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.actors.coalescing import Same, same
from fleet.actors.experiment_quota import ExperimentQuotas, aside
from fleet.actors.request_group import group_of
from fleet.protocol.api import ApiRequest
from fleet.protocol.clock import GameTime
from fleet.runtime import Address, Context, Envelope, Fifo, Held, LaneMailbox
from fleet.runtime.lanes import LaneView, Lease
from fleet.runtime.mailbox import Put

NO_EXPIRY = GameTime(float("inf"))

ALL = 1_000
"""Above every lane."""

MOST_TURNS = 1000
"""So many senders' turns are remembered before old ones are looked for."""


@dataclass(slots=True)
class Record:
    """What is known about one request that has not ended."""

    queued_at: GameTime
    lane: int = 0
    turn: int = 0
    """Its place in the lane: each sender has one request in each turn."""

    key: Same | None = None
    """What identical reads share."""

    lost: int = 0
    """How often a worker vanished or went silent with it."""

    broken: int = 0
    """How often the server failed on it."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Note on a lease: a worker has it."""

    worker: str
    incarnation: int
    """Of the worker."""

    bucket: int
    """Incarnation of the bucket that gave it out."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Note on a lease: it ends with another one that asks for the same."""

    leader: int
    """Envelope id of the request that is sent."""


def is_late(envelope: Envelope, now: GameTime) -> bool:
    """Whether a request is not worth sending any more."""
    return envelope.expires is not None and now > envelope.expires


def lane_of(message: Any) -> int | None:
    """Name the lane of a request; everything else is delivered."""
    return int(message.lane) if isinstance(message, ApiRequest) else None


def _group(envelope: Envelope) -> str:
    return group_of(envelope.message.operation)


@dataclass(slots=True, kw_only=True)
class RequestLanes(LaneMailbox):
    """Lanes that note when each request came, and which senders have been replaced."""

    now: Callable[[], GameTime]
    records: dict[int, Record] = field(default_factory=dict)
    """By envelope id. Written by senders when they put, by the bucket otherwise."""

    replaced: dict[Address[Any], int] = field(default_factory=dict)
    """By sender, the incarnation that withdrew all earlier ones' requests."""

    rings_below: int = ALL
    """Only requests of lower lanes are announced to the bucket: it has set a timer, at which it
    looks at all lanes, and a message for each request would cost more than the request."""

    rings_from: int = 1
    """So many have to wait in those lanes before they are announced."""

    watchers: set[Address[Any]] = field(default_factory=set)
    """Who is told when lanes are saturated."""

    quotas: ExperimentQuotas = field(default_factory=ExperimentQuotas)
    """What experiments may send; requests beyond it are leased, and wait aside."""

    came: Counter[int] = field(default_factory=Counter)
    """By lane, how many requests of the fleet's own came since the last look."""

    _twins: dict[Same, dict[int, Envelope]] = field(default_factory=dict)
    """The requests that share a key and have not ended, by envelope id."""

    _turns: dict[int, int] = field(default_factory=dict)
    """By lane, the turn that is being served."""

    _last_turns: dict[tuple[int, Address[Any] | None], int] = field(default_factory=dict)
    """By lane and sender, the turn of the sender's newest request, if that is still to come."""

    expiry: GameTime = NO_EXPIRY
    """No waiting request expires before this."""

    def put(self, envelope: Envelope) -> Put:
        """Hold a request and note its time, or queue any other message."""
        if not isinstance(envelope.message, ApiRequest):
            return Fifo.put(self, envelope)
        with self._guard:
            lane = int(envelope.message.lane)
            if not self.quotas.limits(envelope.message):
                self.came[lane] += 1
            turn, key = self._take_turn(lane, envelope.sender), same(envelope.message)
            self.records[envelope.id] = Record(self.now(), lane, turn, key)
            if key is not None:
                self._twins.setdefault(key, {})[envelope.id] = envelope
        put = LaneMailbox.put(self, envelope)
        if put is Put.REJECTED:
            self._forget(envelope.id)
        elif envelope.expires is not None:
            self._note_expiry(envelope.id, envelope.expires)
        return put

    def listen(self) -> None:
        """Have the next request of any lane announced, whether or not the last one was seen to."""
        with self._guard:
            self._signalled = False
        self.rings_below = ALL

    def _signal(self, cause: int) -> None:
        if self.rings_below < ALL:
            record = self.records.get(cause)
            if record is not None and record.lane >= self.rings_below:
                return
            if self.waiting(self.rings_below - 1) < self.rings_from:
                return
        LaneMailbox._signal(self, cause)

    def restore(self) -> None:
        """Announce everything anew: whoever set the timer is gone."""
        self.rings_below = ALL
        LaneMailbox.restore(self)

    def _take_turn(self, lane: int, sender: Address[Any] | None) -> int:
        """Give a request its turn: who has many waiting lets others in between; under the guard."""
        turn = max(self._turns.get(lane, 0), self._last_turns.get((lane, sender), -1) + 1)
        self._last_turns[lane, sender] = turn
        return turn

    def _insert(self, lane: int, envelope: Envelope) -> None:
        """Put a request at the place that its turn tells, and its id within the turn."""
        waiting = self._lanes.setdefault(lane, deque())
        place = self._place(envelope)
        if not waiting or self._place(waiting[-1]) < place:
            waiting.append(envelope)
        else:
            waiting.insert(bisect(waiting, place, key=self._place), envelope)

    def _place(self, envelope: Envelope) -> tuple[int, int]:
        return self.records[envelope.id].turn, envelope.id

    def take(self, envelope: Envelope) -> None:
        """Lease one request, mostly the head of its lane; its turn is the one being served."""
        with self._guard:
            record = self.records[envelope.id]
            lane, turn = record.lane, record.turn
            waiting = self._lanes[lane]
            if waiting[0] is envelope:
                waiting.popleft()
            else:
                del waiting[bisect(waiting, self._place(envelope), key=self._place) - 1]
            self._leases[envelope.id] = Lease(lane, envelope)
            if turn > self._turns.get(lane, 0):
                self._turns[lane] = turn
                self._forget_turns(lane, turn)

    def heads_beside(self, paused: Container[str]) -> list[LaneView]:
        """Show the first request of each lane whose endpoints are not among those paused."""
        return self._heads_of(lambda each: _group(each) not in paused)

    def own_heads(self) -> list[LaneView]:
        """Show the first request of each lane that is no experiment's."""
        if not self.quotas:
            return self.heads()
        return self._heads_of(lambda each: not self.quotas.limits(each.message))

    def _heads_of(self, wanted: Callable[[Envelope], bool]) -> list[LaneView]:
        with self._guard:
            views = []
            for lane, waiting in sorted(self._lanes.items()):
                head = next(filter(wanted, waiting), None)
                if head is not None:
                    views.append(LaneView(lane, head, len(waiting)))
            return views

    def _forget_turns(self, lane: int, turn: int) -> None:
        """Drop what is over; now and then, since it is looked up by sender."""
        if len(self._last_turns) > MOST_TURNS:
            self._last_turns = {
                key: last
                for key, last in self._last_turns.items()
                if key[0] != lane or last >= turn
            }

    @property
    def held(self) -> int:
        """Count the requests in the lanes; a snapshot, since it is asked for several times each."""
        return sum(map(len, list(self._lanes.values())))

    def waiting(self, lane: int) -> int:
        """Count the requests that wait in a lane and in those before it."""
        count = 0
        for each, waiting in list(self._lanes.items()):
            if each <= lane:
                count += len(waiting)
        return count

    def look(self) -> Mapping[int, int]:
        """Tell how many requests came to each lane since the last look."""
        with self._guard:
            came, self.came = self.came, Counter()
        return came

    def release(self, envelope_id: int) -> None:
        """Put a leased request back to its old place."""
        with self._guard:
            lease = self._leases.get(envelope_id)
        if lease is not None and lease.envelope.expires is not None:
            self._note_expiry(envelope_id, lease.envelope.expires)
        LaneMailbox.release(self, envelope_id)

    def take_expired(self, now: GameTime) -> list[tuple[Envelope, Record]]:
        """Take out every waiting request that is not worth sending any more."""
        self.quotas.release_late(self, lambda envelope: is_late(envelope, now))
        with self._guard:
            self.expiry = NO_EXPIRY
        gone = LaneMailbox.withdraw(self, lambda envelope: is_late(envelope, now))
        late = [(envelope, self._forget(envelope.id)) for envelope in gone]
        with self._guard:
            waiting = [envelope for lane in self._lanes.values() for envelope in lane]
            waiting += aside(self._leases.values())
            left = [envelope.expires for envelope in waiting if envelope.expires is not None]
            self.expiry = min([self.expiry, *left])
        return late

    def _note_expiry(self, envelope_id: int, expires: GameTime) -> None:
        with self._guard:
            sooner = expires < self.expiry
            self.expiry = min(self.expiry, expires)
        if sooner:
            # The bucket has to set its timer anew, even if it knows that something waits.
            Fifo.put(self, Envelope(Held(), envelope_id))

    def settle(self, envelope_id: int) -> Lease | None:
        """End a leased request and forget its record."""
        lease = LaneMailbox.settle(self, envelope_id)
        if lease is not None:
            self._forget(envelope_id)
        return lease

    def withdraw(self, matches: Callable[[Envelope], bool]) -> list[Envelope]:
        """Take out every waiting request that matches and forget their records."""
        gone = LaneMailbox.withdraw(self, matches)
        for envelope in gone:
            self._forget(envelope.id)
        return gone

    def _forget(self, envelope_id: int) -> Record:
        """Drop the record of a request that has ended."""
        with self._guard:
            record = self.records.pop(envelope_id)
            if record.key is not None:
                twins = self._twins[record.key]
                del twins[envelope_id]
                if not twins:
                    del self._twins[record.key]
        return record

    def has_twin(self, envelope: Envelope) -> bool:
        """Whether a request that has not ended asks for the same as this one, too."""
        key = self.records[envelope.id].key
        return key is not None and len(self._twins[key]) > 1

    def withdraw_twins(
        self, envelope: Envelope, matches: Callable[[Envelope], bool]
    ) -> list[Envelope]:
        """Take out those that wait, ask for the same as a leased request, and match."""
        key = self.records[envelope.id].key
        with self._guard:
            twins = () if key is None else sorted(self._twins[key].items())
            waiting = [twin for number, twin in twins if number not in self._leases]
        ids = {twin.id for twin in waiting if matches(twin)}
        # By the way of all that is withdrawn, and only where there is something.
        return self.withdraw(lambda other: other.id in ids) if ids else []

    def is_withdrawn(self, envelope: Envelope) -> bool:
        """Whether the sender has been replaced and doesn't want the answer."""
        if envelope.sender is None:
            return False
        return envelope.sender_incarnation < self.replaced.get(envelope.sender, 0)


def lanes_of(ctx: Context[Any]) -> RequestLanes:
    """Tell the bucket's own lanes. Raises Fenced."""
    lanes = ctx.lanes
    assert isinstance(lanes, RequestLanes)
    return lanes
