"""The limiter against an exact model of the server, in virtual time."""

from __future__ import annotations

import itertools
import math
import random
from bisect import bisect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.actors.limiter import Limiter
from fleet.actors.limits import Limits
from fleet.actors.way import KnownSpread
from fleet.protocol.api import LimitHeaders
from fleet.protocol.clock import GameTime

from .limiter_run import MS_AT_60, Run, Server, shaky


def test_without_latency_nearly_everything_is_used_and_nothing_refused():
    run = Run().run(1920)
    assert run.share() >= 0.99
    assert run.refused == []


def test_with_a_steady_latency_nearly_everything_is_used_and_nothing_refused():
    run = Run(there=lambda _: 0.12, back=lambda _: 0.12).run(1920)
    assert run.share() >= 0.99
    assert run.refused == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_speed_60_shaky_threads_leave_most_of_the_allowance(seed: int):
    way = shaky(1.5 * MS_AT_60, 1.5 * MS_AT_60)
    run = Run(there=way, back=way, late=shaky(0.0, 0.5 * MS_AT_60), seed=seed).run(1920)
    assert run.share() >= 0.92
    assert run.refused == []


def test_now_and_then_a_very_late_request_does_little_harm():
    def way(rng: random.Random) -> float:
        return MS_AT_60 * (1 + rng.expovariate(1.0) + (20 if rng.random() < 0.02 else 0))

    back = shaky(MS_AT_60, MS_AT_60)
    runs = [Run(there=way, back=back, seed=seed).run(1320) for seed in range(4)]
    assert all(run.share() >= 0.93 for run in runs)
    assert sum(len(run.refused) for run in runs) <= 0.001 * sum(len(run.served) for run in runs)


@pytest.mark.parametrize("length", [0.3, 0.6, 1.0])
def test_hold_ups_of_the_whole_process_have_nothing_refused(length: float):
    """Whatever leaves while the process is held up arrives at once when that is over."""
    rng = random.Random(7)
    starts = list(itertools.accumulate(rng.expovariate(0.03 / length) for _ in range(300)))
    hold_ups = [(1000 + start, 1000 + start + rng.expovariate(1 / length)) for start in starts]

    def held_up(now: float) -> float:
        before = bisect(hold_ups, (now, math.inf)) - 1
        return max(now, hold_ups[before][1]) if before >= 0 else now

    way = shaky(MS_AT_60, 0.5 * MS_AT_60)
    run = Run(there=way, back=way, late=shaky(0.0, 0.5 * MS_AT_60), held_up=held_up).run(2500)
    assert run.share() >= 0.9
    assert run.refused == []


@pytest.mark.parametrize(("spread", "share"), [(0.01, 0.99), (0.05, 0.98), (0.2, 0.94), (0.4, 0.9)])
def test_with_an_even_spread_of_the_way_nothing_is_refused(spread: float, share: float):
    run = Run(there=lambda rng: rng.uniform(0, spread), back=lambda rng: rng.uniform(0.05, 0.25))
    run.run(1320)
    assert run.share() >= share
    assert run.refused == []


def test_over_the_internet_at_speed_1_nearly_everything_is_used():
    run = Run(there=shaky(0.06, 0.01), back=shaky(0.06, 0.01)).run(1920)
    assert run.share() >= 0.97
    assert run.refused == []


@pytest.mark.parametrize("offset", [-0.5, 0.5])
def test_a_clock_that_is_off_is_made_up_for(offset: float):
    way = shaky(MS_AT_60, 0.5 * MS_AT_60)
    run = Run(there=way, back=way, offset=offset).run(1920)
    assert run.share() >= 0.93
    assert len(run.refused) <= 0.001 * len(run.served)


@pytest.mark.parametrize("offset", [-3600.0, -30.0, -5.0, -2.0, 2.0, 5.0, 30.0, 3600.0])
def test_a_clock_that_is_off_by_far_costs_the_first_minute_at_most(offset: float):
    run = Run(there=lambda rng: rng.uniform(0, 0.1), back=shaky(0.05, 0.1), offset=offset).run(300)
    assert run.share() >= 0.95
    assert all(moment < 1060 for moment in run.refused)


@pytest.mark.parametrize("offset", [0.2, -30.0, 30.0])
def test_a_clock_that_is_set_anew_is_made_up_for_within_a_minute(offset: float):
    way = shaky(MS_AT_60, 0.5 * MS_AT_60)
    run = Run(there=way, back=way).run(600)
    run.offset = offset
    run.run(60)
    before = len(run.served)
    run.run(600)
    assert (len(run.served) - before) / 1500 >= 0.93
    assert len(run.refused) <= 3


def test_a_request_that_was_held_up_for_long_tells_nothing_of_the_clock():
    run = Run(back=lambda rng: 40.0 if rng.random() < 0.01 else 0.1, workers=8).run(300)
    assert run.limiter._gap.seconds == 0.0


def test_without_headers_it_stays_below_the_allowance():
    run = Run(
        there=shaky(0.03, 0.02), back=shaky(0.03, 0.02), headers=lambda _: LimitHeaders()
    ).run(1920)
    assert run.share() >= 0.8
    assert len(run.refused) <= 0.001 * len(run.served)


def test_somebody_else_on_the_same_address_costs_only_a_few_refusals():
    run = Run(there=shaky(0.05, 0.01), back=shaky(0.05, 0.01), foreign=0.5).run(1920)
    assert run.share() >= 0.6
    assert len(run.refused) <= 0.03 * len(run.served)


def test_a_replaced_limiter_finds_out_without_being_refused():
    run = Run(there=lambda _: 0.05, back=lambda _: 0.05).run(45)
    run.limiter = Limiter()
    run.limiter.distrust(GameTime(run.now))
    run.free, run.heap = run.workers, []
    run.run(600)
    assert run.refused == []
    assert run.share(run.now - 400) >= 0.97


def test_after_a_429_nothing_is_sent_before_the_time_it_names():
    limiter, now = Limiter(), GameTime(1000.0)
    number = limiter.sent(now)
    limiter.refused(number, now, LimitHeaders(remaining=0, reset=GameTime(1007.5)))
    assert limiter.permit_at(GameTime(1001.0)) >= 1007.5


def test_when_the_minute_ends_within_a_second_that_second_goes_on():
    limiter, server = Limiter(), Server()
    server.burst_ends, server.burst_used = 1000.2, 30
    limiter.answered(limiter.sent(GameTime(990.0)), GameTime(990.0), server.admit(990.0)[1])
    now = GameTime(1000.0)
    for number in [limiter.sent(now) for _ in range(3)]:
        allowed, told = server.admit(now)
        (limiter.answered if allowed else limiter.refused)(number, now, told)
    assert limiter.permit_at(now) == pytest.approx(1000.201)
    for _ in range(2):
        while (at := limiter.permit_at(now)) > now:
            now = at
        limiter.answered(limiter.sent(now), now, server.admit(now)[1])
    used = server.burst_used if now < server.burst_ends else 0
    assert limiter._address.burst.left == 30 - used


def test_a_429_that_names_only_seconds_is_believed():
    limiter, now = Limiter(), GameTime(1000.0)
    limiter.refused(limiter.sent(now), now, LimitHeaders(retry_after=3.0))
    assert 1003.0 <= limiter.permit_at(GameTime(1000.5)) <= 1004.5


def test_a_429_that_names_nothing_costs_one_window():
    limiter, now = Limiter(), GameTime(1000.0)
    limiter.refused(limiter.sent(now), now, LimitHeaders())
    assert 1001.0 <= limiter.permit_at(GameTime(1000.5)) <= 1002.5


def test_a_reset_far_away_is_not_believed():
    limiter, now = Limiter(), GameTime(1000.0)
    limiter.refused(limiter.sent(now), now, LimitHeaders(reset=GameTime(9e9)))
    assert limiter.permit_at(GameTime(1001.0)) <= 1061.0


def test_an_idle_fleet_is_never_made_to_wait():
    run = Run(there=lambda _: 0.1, back=lambda _: 0.1, demand=[5.0 * n for n in range(100)])
    run.run(600)
    gaps = [moment - 1000.1 - 5.0 * n for n, moment in enumerate(run.served)]
    assert max(gaps) < 1e-6


def test_a_request_that_never_comes_back_does_not_stop_the_others():
    limiter = Limiter()
    limiter.sent(GameTime(1000.0))
    limiter.sent(GameTime(1000.0))
    now, sent = 1000.0, 0
    while now < 1060.0:
        now = max(now + 0.01, limiter.permit_at(GameTime(now)))
        limiter.lost(limiter.sent(GameTime(now)))
        sent += 1
    assert sent >= 30


def test_another_allowance_can_be_set():
    limits = Limits(points=1, burst=0)
    run = Run(limiter=Limiter(limits=limits), server=Server(points=1, burst=0)).run(600)
    assert run.refused == []
    assert run.share(1060) == pytest.approx(60 / 150, rel=0.02)


@given(
    gaps=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=300),
    there=st.floats(0.0, 0.4),
    back=st.floats(0.0, 0.4),
    workers=st.integers(1, 8),
)
def test_with_steady_latency_no_demand_is_ever_refused(
    gaps: list[float], there: float, back: float, workers: int
):
    demand = list(itertools.accumulate(gaps))
    run = Run(there=lambda _: there, back=lambda _: back, workers=workers, demand=demand)
    run.run(demand[-1] + 300)
    assert run.refused == []
    assert len(run.served) == len(demand)


@given(
    seed=st.integers(0, 10_000),
    gaps=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=200),
    least=st.floats(0.0, 0.5),
    spread=st.floats(0.0, 0.4),
    longest=st.floats(0.0, 2.5),
    offset=st.floats(-0.5, 0.5) | st.sampled_from((-3600.0, -10.0, 10.0, 3600.0)),
    workers=st.integers(1, 8),
)
def test_where_the_spread_is_known_nothing_is_ever_refused_and_nothing_starves(
    seed: int,
    gaps: list[float],
    least: float,
    spread: float,
    longest: float,
    offset: float,
    workers: int,
):
    """Any demand, any reply delays, request legs in [a, a + J] with J known and `a` not.

    Model: a request sent at s, by our clock, is counted at s + w by the server's, where w is in
    [a, a + J] and contains the error of our clock. (If that is larger than the bounds with which
    nothing is known, 3 s, the first answer proves it: then the request's own way is taken off all
    that the server tells, w is in [-J, J + 1], everything is taken for used and (1) begins anew.
    Before, only sendings are compared with each other.) The server has a window of a second with 2
    points, opened by the first request after the last one's end, and one of 60 s with 30 points,
    opened likewise by the first request that finds the former empty. A reply comes any time
    later and tells the end of the second's window, cut to a millisecond.

    Proof, in steps. (1) Each way seen narrows the bounds of w, which always contain [a, a + J]:
    w >= seen - J and w <= seen + J. (2) So every request is counted in [s + least, s + most], and
    a window is known to end at the latest at the first such bound of its members plus a second,
    or where a reply has told. (3) A request is sent for one of three reasons. It may come only
    after all windows that may have begun have ended: then it opens a window, or it is the second
    in one that was opened by its like: a static point is there for it. Or all others are known to
    be in a window that has a point left, which it takes, or else it opens the next. Or it is taken
    for a burst point from then on, until a reply tells that it was none. (4) So the points that are
    believed to be used are never fewer than those that are. A window of 60 s is believed to end
    between bounds that follow from those of its points; no burst point is risked that may be
    counted between these bounds, so each is counted in the window that it is believed to be in.
    The 31st is never sent, and nothing is refused. (5) Nothing starves: the bounds of all that was
    sent pass within 2 * most + 1 s whether or not there are replies, and then a window may
    be opened; a free worker thus gets a permit within that time.
    """

    def leg(rng: random.Random) -> float:
        return least + spread * rng.choice((0.0, 1.0, rng.random()))

    demand = list(itertools.accumulate(gaps))
    run = Run(
        there=leg,
        back=lambda rng: rng.choice((0.0, longest, rng.uniform(0.0, longest))),
        offset=offset,
        workers=workers,
        seed=seed,
        demand=demand,
        limiter=Limiter(way=lambda: KnownSpread(spread)),
    )
    run.run(demand[-1] + 6.0 * len(demand) + 60.0)
    assert run.refused == []
    assert len(run.served) == len(demand)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    least=st.floats(0.0, 0.2),
    shake=st.floats(0.001, 0.25),
    late=st.floats(0.001, 0.1),
    pause=st.floats(0.0, 2.0),
)
def test_however_shaky_the_way_refusals_stay_rare_and_nothing_stalls(
    seed: int, least: float, shake: float, late: float, pause: float
):
    rng = random.Random(seed)
    gaps = (rng.expovariate(1 / 0.35) if rng.random() < 0.97 else pause for _ in range(800))
    run = Run(
        there=shaky(least, shake),
        back=shaky(least, shake),
        late=shaky(0.0, late),
        seed=seed,
        demand=list(itertools.accumulate(gaps)),
    )
    run.run(1500)
    assert len(run.served) + len(run.refused) == 800
    assert len(run.refused) <= 6
