import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.protocol.clock import Monotonic
from fleet.supervision.breaker import BreakerSettings, BreakerState, Change, CircuitBreaker

SETTINGS = BreakerSettings(failures=3, reset=2.0, most=10.0, permit=30.0)
CLOSED, OPEN, HALF_OPEN = BreakerState


def at(seconds):
    return Monotonic(float(seconds))


@pytest.fixture
def breaker():
    return CircuitBreaker(SETTINGS)


def well(breaker, permit, now):
    """Report an answer; tell what that changed."""
    breaker.changes()
    breaker.succeeded(permit, at(now))
    return [change.state for change in breaker.changes()]


def badly(breaker, permit, now):
    """Report a failure; tell what that changed."""
    breaker.changes()
    breaker.failed(permit, at(now))
    return [change.state for change in breaker.changes()]


def trip(breaker, now=0.0):
    permits = [breaker.allow(at(now)) for _ in range(SETTINGS.failures)]
    return [badly(breaker, permit, now) for permit in permits]


def test_it_is_closed_at_first_and_lets_everyone_through(breaker):
    assert breaker.state(at(0)) is CLOSED
    assert all(breaker.allow(at(0)) for _ in range(100))
    assert breaker.retry_in(at(0)) == 0.0


def test_consecutive_failures_open_it(breaker):
    assert trip(breaker) == [[], [], [OPEN]]
    assert breaker.state(at(0)) is OPEN
    assert breaker.allow(at(1.9)) is None
    assert breaker.retry_in(at(0.5)) == 1.5


def test_a_success_in_between_starts_the_count_anew(breaker):
    for _ in range(10):
        for _ in range(SETTINGS.failures - 1):
            breaker.failed(breaker.allow(at(0)), at(0))
        breaker.succeeded(breaker.allow(at(0)), at(0))
    assert breaker.state(at(0)) is CLOSED


def test_a_call_counts_once_however_often_it_reports(breaker):
    """The watchdog gives a hung call up; later its zombie comes back and reports as well."""
    permits = [breaker.allow(at(0)) for _ in range(3)]
    for _ in range(3):
        assert badly(breaker, permits[0], 0) == []
    assert well(breaker, permits[0], 0) == []
    assert badly(breaker, permits[1], 0) == []
    assert breaker.state(at(0)) is CLOSED
    assert badly(breaker, permits[2], 0) == [OPEN], "the zombie's success did not wipe the count"


def test_calls_under_way_when_it_opened_count_no_more(breaker):
    late = [breaker.allow(at(0)) for _ in range(5)]
    trip(breaker)
    assert well(breaker, late[0], 0) == []
    assert badly(breaker, late[1], 0) == []
    assert breaker.state(at(1)) is OPEN
    trial = breaker.allow(at(2))
    assert badly(breaker, late[2], 2) == [], "it is not the trial"
    assert well(breaker, trial, 2) == [CLOSED]
    for permit in late:
        breaker.failed(permit, at(3))
    assert breaker.state(at(3)) is CLOSED


def test_after_the_reset_exactly_one_may_try(breaker):
    trip(breaker)
    assert breaker.state(at(2)) is HALF_OPEN
    assert breaker.retry_in(at(2)) == 0.0
    trial = breaker.allow(at(2))
    assert trial is not None
    assert [change.state for change in breaker.changes()] == [HALF_OPEN]
    assert [breaker.allow(at(2 + nth)) for nth in range(20)] == [None] * 20
    assert breaker.state(at(2)) is HALF_OPEN


def test_a_good_trial_closes_it_and_forgets_the_past(breaker):
    trip(breaker)
    assert well(breaker, breaker.allow(at(2)), 2) == [CLOSED]
    assert breaker.state(at(2)) is CLOSED
    assert trip(breaker, 3) == [[], [], [OPEN]]
    assert breaker.retry_in(at(3)) == 2.0


def test_each_bad_trial_doubles_the_wait_up_to_the_most(breaker):
    trip(breaker)
    now, waits = 0.0, []
    for _ in range(6):
        waits.append(breaker.retry_in(at(now)))
        now += waits[-1]
        assert badly(breaker, breaker.allow(at(now)), now) == [OPEN]
    assert waits == [2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_a_wait_longer_than_the_most_is_not_shortened_by_a_failure():
    breaker = CircuitBreaker(BreakerSettings(failures=1, reset=60.0, most=10.0))
    breaker.failed(breaker.allow(at(0)), at(0))
    breaker.failed(breaker.allow(at(60)), at(60))
    assert breaker.retry_in(at(60)) == 60.0


@pytest.mark.parametrize("asked", [30.0, 31.0, 33.9])
def test_a_trial_that_never_comes_back_has_failed_when_it_was_due(breaker, asked):
    """Whoever asks later finds the wait counted from then, not from the question."""
    trip(breaker)
    breaker.allow(at(2))
    assert breaker.retry_in(at(2)) == 30.0 + 4.0, "it expires, and the wait has doubled"
    assert breaker.allow(at(2 + asked)) is None
    assert breaker.state(at(2 + asked)) is OPEN
    assert breaker.retry_in(at(2 + asked)) == pytest.approx(34.0 - asked)
    assert breaker.allow(at(36)) is not None


def test_an_expired_trial_has_no_say_any_more(breaker):
    trip(breaker)
    expired = breaker.allow(at(2))
    trial = breaker.allow(at(40))
    assert trial is not None
    assert well(breaker, expired, 41) == []
    assert badly(breaker, expired, 41) == []
    assert breaker.state(at(41)) is HALF_OPEN
    assert well(breaker, trial, 41) == [CLOSED]


def test_a_failure_told_after_the_expiry_does_not_prolong_the_wait(breaker):
    trip(breaker)
    trial = breaker.allow(at(2))
    assert badly(breaker, trial, 35) == [OPEN], "at 32, when the trial was due"
    assert breaker.retry_in(at(35)) == pytest.approx(1.0)


def test_hangs_open_it_although_nobody_tells_of_them(breaker):
    """Who made the calls was replaced: only the permits know that they were never heard of."""
    for nth in range(SETTINGS.failures):
        breaker.allow(at(nth))
    assert breaker.state(at(31.9)) is CLOSED
    assert breaker.state(at(32)) is OPEN
    assert breaker.retry_in(at(32.5)) == pytest.approx(1.5), "counted from the last one's end"


def test_calls_of_one_that_hung_have_failed_as_soon_as_it_is_replaced(breaker):
    for _ in range(SETTINGS.failures):
        breaker.allow(at(0))
    breaker.orphan(at(1), failed=True)
    assert breaker.state(at(1)) is OPEN
    trial = breaker.allow(at(3))
    breaker.orphan(at(4), failed=True)
    assert breaker.retry_in(at(4)) == pytest.approx(4.0), "the trial has failed as well"
    assert well(breaker, trial, 5) == []


def test_calls_of_one_that_crashed_tell_nothing_and_its_trial_goes_to_the_next(breaker):
    for _ in range(SETTINGS.failures):
        breaker.allow(at(0))
    breaker.orphan(at(1), failed=False)
    assert breaker.state(at(100)) is CLOSED, "they are not taken for failed later either"
    trip(breaker, 100)
    breaker.allow(at(102))
    assert breaker.allow(at(102)) is None
    breaker.orphan(at(103), failed=False)
    assert well(breaker, breaker.allow(at(103)), 104) == [CLOSED]


def test_an_answer_between_hangs_starts_the_count_anew(breaker):
    hangs = [breaker.allow(at(0)) for _ in range(2)]
    assert breaker.state(at(30)) is CLOSED
    assert well(breaker, breaker.allow(at(30)), 31) == []
    breaker.allow(at(31))
    assert breaker.state(at(61)) is CLOSED
    assert well(breaker, hangs[0], 61) == [], "it has been counted"


def test_slow_answers_count_as_failures():
    breaker = CircuitBreaker(BreakerSettings(failures=2, reset=2.0, slow=5.0))
    assert well(breaker, breaker.allow(at(0)), 5.0) == [], "not slow yet"
    assert well(breaker, breaker.allow(at(10)), 15.1) == []
    assert well(breaker, breaker.allow(at(20)), 25.1) == [OPEN]
    trial = breaker.allow(at(30))
    assert well(breaker, trial, 36) == [OPEN], "a slow trial is no good one"
    assert well(breaker, breaker.allow(at(50)), 51) == [CLOSED]


def test_a_permit_that_was_not_used_goes_to_the_next_one(breaker):
    trip(breaker)
    breaker.give_back(breaker.allow(at(2)))
    assert breaker.state(at(2)) is HALF_OPEN
    assert well(breaker, breaker.allow(at(2)), 3) == [CLOSED]
    unused = breaker.allow(at(4))
    breaker.give_back(unused)
    for _ in range(5):
        breaker.failed(unused, at(4))
    assert breaker.state(at(100)) is CLOSED, "neither failed nor hung"


def test_a_failure_may_weigh_more_than_one(breaker):
    breaker.failed(breaker.allow(at(0)), at(0), weight=2)
    assert breaker.state(at(0)) is CLOSED
    breaker.failed(breaker.allow(at(0)), at(0), weight=2)
    assert breaker.state(at(0)) is OPEN


def test_each_change_is_told_once_with_its_target_and_the_next_trial():
    breaker = CircuitBreaker(BreakerSettings(failures=1, reset=2.0), target="api/markets")
    breaker.failed(breaker.allow(at(0)), at(0))
    breaker.failed(breaker.allow(at(2)), at(2))
    breaker.succeeded(breaker.allow(at(6)), at(6))
    assert breaker.changes() == [
        Change("api/markets", OPEN, 2.0, 1),
        Change("api/markets", HALF_OPEN),
        Change("api/markets", OPEN, 4.0, 2),
        Change("api/markets", HALF_OPEN),
        Change("api/markets", CLOSED),
    ]
    assert breaker.changes() == []


def test_of_twenty_threads_that_race_one_gets_the_trial():
    for _ in range(30):
        breaker, start, permits = CircuitBreaker(SETTINGS), threading.Barrier(20), []
        trip(breaker)

        def race(breaker=breaker, start=start, permits=permits):
            start.wait()
            permit = breaker.allow(at(2))
            if permit is not None:
                permits.append(permit)

        threads = [threading.Thread(target=race) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(permits) == 1


def test_it_is_never_held_while_a_call_is_made(breaker):
    """A second caller is let through although the first has not come back."""
    assert breaker.allow(at(0))
    done = threading.Event()
    threading.Thread(target=lambda: breaker.allow(at(0)) and done.set()).start()
    assert done.wait(30)


class BreakerModel(RuleBasedStateMachine):
    """Against its description: a count while closed, a time while open, one trial in between."""

    def __init__(self):
        super().__init__()
        self.breaker = CircuitBreaker(SETTINGS)
        self.now = 0.0
        self.permits, self.out = [], []
        self.failures = 0
        self.retry_at = None
        self.wait = SETTINGS.reset
        self.trial = None
        self.told = []

    def expire(self):
        """Take what is overdue for failed, at the moment when it was due."""
        while self.out and self.now >= self.out[0][1] + SETTINGS.permit:
            self.fail(*self.out[0], self.out[0][1] + SETTINGS.permit)
        if self.trial is not None and self.now >= self.trial[1] + SETTINGS.permit:
            self.fail_trial(self.trial[1] + SETTINGS.permit)

    def fail(self, permit, given, at_):
        self.out.remove((permit, given))
        self.failures += 1
        if self.failures >= SETTINGS.failures:
            self.out.clear()
            self.retry_at = at_ + self.wait
            self.told.append(OPEN)

    def fail_trial(self, at_):
        self.trial = None
        self.wait = min(SETTINGS.most, self.wait * 2)
        self.retry_at = at_ + self.wait
        self.told.append(OPEN)

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, 30.0, 100.0]))
    def pass_time(self, seconds):
        self.now += seconds

    @rule()
    def allow(self):
        self.expire()
        permit = self.breaker.allow(at(self.now))
        if self.retry_at is None:
            assert permit is not None
            self.out.append((permit, self.now))
        elif self.trial is not None or self.now < self.retry_at:
            assert permit is None
        else:
            assert permit is not None
            self.trial = (permit, self.now)
            self.told.append(HALF_OPEN)
        if permit is not None:
            assert permit not in self.permits
            self.permits.append(permit)

    @precondition(lambda self: self.permits)
    @rule(data=st.data())
    def give_back(self, data):
        permit = data.draw(st.sampled_from(self.permits))
        self.expire()
        # An invariant has let the breaker see the time already.
        self.breaker.give_back(permit)
        self.out = [row for row in self.out if row[0] != permit]
        if self.trial is not None and self.trial[0] == permit:
            self.trial = None

    @precondition(lambda self: self.permits)
    @rule(data=st.data(), answered=st.booleans())
    def report(self, data, answered):
        permit = data.draw(st.sampled_from(self.permits))
        self.expire()
        if answered:
            self.breaker.succeeded(permit, at(self.now))
        else:
            self.breaker.failed(permit, at(self.now))
        if self.trial is not None and self.trial[0] == permit:
            self.end_trial(answered)
            return
        known = next((row for row in self.out if row[0] == permit), None)
        if known is None:
            return
        if answered:
            self.out.remove(known)
            self.failures = 0
        else:
            self.fail(*known, self.now)

    def end_trial(self, answered):
        if not answered:
            self.fail_trial(self.now)
            return
        self.trial, self.retry_at, self.failures = None, None, 0
        self.wait = SETTINGS.reset
        self.told.append(CLOSED)

    @invariant()
    def tells_where_it_stands(self):
        self.expire()
        state = self.breaker.state(at(self.now))
        if self.retry_at is None:
            assert state is CLOSED
        elif self.trial is None and self.now < self.retry_at:
            assert state is OPEN
        else:
            assert state is HALF_OPEN

    @invariant()
    def tells_when_to_come_back(self):
        self.expire()
        wait = self.breaker.retry_in(at(self.now))
        if self.retry_at is None:
            assert wait == 0.0
        elif self.trial is None:
            assert wait == pytest.approx(max(0.0, self.retry_at - self.now))
        else:
            longer = min(SETTINGS.most, self.wait * 2)
            assert wait == pytest.approx(self.trial[1] + SETTINGS.permit + longer - self.now)

    @invariant()
    def tells_each_change_once(self):
        assert [change.state for change in self.breaker.changes()] == self.told
        self.told.clear()


TestBreakerModel = BreakerModel.TestCase
TestBreakerModel.settings = settings(stateful_step_count=40)
