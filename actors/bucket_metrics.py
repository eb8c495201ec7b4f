"""What the bucket counts: waits by lane, outcomes, and how much of the allowance is used."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fleet.protocol.api import Disposition, Lane
from fleet.protocol.clock import GameTime
from fleet.protocol.metrics import LaneStatus
from fleet.protocol.rows import Row, Rows, Upsert

KEPT_WAITS = 256
"""Waits remembered per lane; percentiles are of these."""

MINUTE = 60.0

ANSWERS: frozenset[Disposition] = frozenset(("reply", "refusal", "limited"))
"""Ends of a request by which the server shows that it works."""

KEPT_MINUTES = 60
"""Minutes over which credits per request are told: what is sold was bought some minutes before."""


@dataclass(slots=True)
class LaneWaits:
    """The latest waits of one lane."""

    sent: int = 0
    waits: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_WAITS))

    def add(self, wait: float) -> None:
        """Take note of one request that was sent."""
        self.sent += 1
        self.waits.append(wait)

    def status(self, lane: Lane, queued: int) -> LaneStatus:
        """Show the lane."""
        ordered = sorted(self.waits)
        return LaneStatus(
            lane=lane,
            queued=queued,
            sent=self.sent,
            wait_p50=percentile(ordered, 0.5),
            wait_p95=percentile(ordered, 0.95),
            wait_p99=percentile(ordered, 0.99),
        )


def percentile(ordered: list[float], share: float) -> float:
    """Tell the value below which this share of a sorted list lies; 0 for an empty one."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class Minute:
    """One game minute under count."""

    number: int
    """Game time divided by 60."""

    whole: bool
    """Whether it was watched from its start."""

    saturated: bool = True
    credits: int = 0
    """What the replies brought in, less what they cost."""

    outcomes: Counter[str] = field(default_factory=Counter)
    ends: Counter[tuple[str, Disposition]] = field(default_factory=Counter)
    """By operation and disposition."""

    @property
    def served(self) -> int:
        """Requests not answered 429."""
        return self.outcomes.total() - self.outcomes["limited"]


class BucketMetrics:
    """Counts for one incarnation of the bucket; game times."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._minute = Minute(0, whole=False)
        self._lanes: dict[int, LaneWaits] = {lane: LaneWaits() for lane in Lane}
        self.outcomes: Counter[str] = Counter()
        self.requests = 0
        self.by_operation: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.took: deque[float] = deque(maxlen=KEPT_WAITS)
        """Game seconds that the latest requests were under way."""

        self.answered = 0
        """Requests that the server has answered, whatever it said,"""

        self.busy = 0.0
        """and for how many game seconds those were under way, in sum."""

        self._yields: deque[tuple[int, int]] = deque(maxlen=KEPT_MINUTES)
        """Credits and requests of the last minutes."""

        self.share_last_minute = 0.0
        self.saturated_minutes = 0
        self._saturated_served = 0

    def begin(self, now: GameTime) -> None:
        """Begin to count in the middle of a minute."""
        self._minute = Minute(int(now // MINUTE), whole=False)

    @property
    def minute_ends(self) -> GameTime:
        """When the minute under count is over."""
        return GameTime((self._minute.number + 1) * MINUTE)

    @property
    def seconds_per_request(self) -> float:
        """How long a request is under way, on the average of the latest ones; game seconds."""
        return sum(self.took) / len(self.took) if self.took else 0.0

    @property
    def credits_per_request(self) -> float:
        """Credits that a request brought in, on the average of the last minutes; 0 for none."""
        minutes = (*self._yields, (self._minute.credits, self._minute.served))
        requests = sum(count for _, count in minutes)
        return sum(moved for moved, _ in minutes) / requests if requests else 0.0

    @property
    def share_saturated(self) -> float:
        """Use of the allowance over all saturated minutes; 0 when there was none."""
        allowance = self.saturated_minutes * self._per_minute
        return self._saturated_served / allowance if allowance else 0.0

    def sent(self, lane: int, wait: float) -> None:
        """Take note of a request that goes out."""
        self._lanes[lane].add(wait)

    def finished(
        self, disposition: Disposition, operation: str, took: float | None, moved: int = 0
    ) -> None:
        """Take note of what became of a request that was sent, and after how many game seconds.

        None where nobody can tell. `moved` are the credits that it brought in.
        """
        if disposition == "unsent":
            return
        self.requests += 1
        self.by_operation[operation][disposition] += 1
        if took is not None:
            self.took.append(took)
            if disposition in ANSWERS:
                self.answered += 1
                self.busy += took
        self.outcomes[disposition] += 1
        self._minute.outcomes[disposition] += 1
        self._minute.ends[operation, disposition] += 1
        self._minute.credits += moved

    def ended(self, how: str, count: int = 1) -> None:
        """Take note of requests that ended without being sent."""
        if count:
            self.outcomes[how] += count

    def idle(self) -> None:
        """Take note that no request waits."""
        self._minute.saturated = False

    def lanes(self, queued: Mapping[int, int]) -> tuple[LaneStatus, ...]:
        """Show all lanes."""
        return tuple(self._lanes[lane].status(lane, queued.get(lane, 0)) for lane in Lane)

    def close_minute(self, now: GameTime, lanes: Iterable[LaneStatus]) -> Rows | None:
        """End the minute under count if it is over; tell its rows."""
        number = int(now // MINUTE)
        if number <= self._minute.number:
            return None
        minute, self._minute = self._minute, Minute(number, whole=True)
        self._yields.append((minute.credits, minute.served))
        # A minute in which the bucket slept through its end is not known to be saturated.
        skipped = number > minute.number + 1
        self.share_last_minute = 0.0 if skipped else minute.served / self._per_minute
        if minute.whole and minute.saturated and not skipped:
            self.saturated_minutes += 1
            self._saturated_served += minute.served
        rows = _rows(minute, minute.served / self._per_minute, self.seconds_per_request, lanes)
        return Rows(tuple(rows))


def _rows(
    minute: Minute, share: float, seconds: float, lanes: Iterable[LaneStatus]
) -> Iterable[Row]:
    figures: dict[str, float] = {
        "bucket.requests": minute.outcomes.total(),
        "bucket.limited": minute.outcomes["limited"],
        "bucket.refused": minute.outcomes["refusal"],
        "bucket.unknown": minute.outcomes["unknown"],
        "bucket.share": share,
        "bucket.seconds_per_request": seconds,
        "bucket.credits": minute.credits,
        "bucket.credits_per_request": minute.credits / max(1, minute.served),
        "bucket.saturated": float(minute.whole and minute.saturated),
    }
    for lane in lanes:
        name = lane.lane.name.lower()
        figures[f"bucket.queued.{name}"] = lane.queued
        figures[f"bucket.wait_p50.{name}"] = lane.wait_p50
        figures[f"bucket.wait_p95.{name}"] = lane.wait_p95
        figures[f"bucket.wait_p99.{name}"] = lane.wait_p99
    for (operation, end), count in minute.ends.items():
        figures[f"bucket.ended.{operation}.{end}"] = count
    for figure, value in figures.items():
        yield Upsert("metrics_minute", (figure, minute.number), {"value": float(value)})
