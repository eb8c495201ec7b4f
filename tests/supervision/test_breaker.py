import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.protocol.clock import Monotonic
from fleet.supervision.breaker import BreakerSettings, BreakerState, CircuitBreaker

SETTINGS = BreakerSettings(failures=3, reset=2.0, most=10.0, permit=30.0)


def at(seconds):
    return Monotonic(float(seconds))


@pytest.fixture
def breaker():
    return CircuitBreaker(SETTINGS)


def trip(breaker, now=0.0):
    permits = [breaker.allow(at(now)) for _ in range(SETTINGS.failures)]
    return [breaker.failed(permit, at(now)) for permit in permits]


def test_it_is_closed_at_first_and_lets_everyone_through(breaker):
    assert breaker.state(at(0)) is BreakerState.CLOSED
    assert all(breaker.allow(at(0)) for _ in range(100))
    assert breaker.retry_in(at(0)) == 0.0


def test_consecutive_failures_open_it(breaker):
    assert trip(breaker) == [False, False, True]
    assert breaker.state(at(0)) is BreakerState.OPEN
    assert breaker.allow(at(1.9)) is None
    assert breaker.retry_in(at(0.5)) == 1.5


def test_a_success_in_between_starts_the_count_anew(breaker):
    for _ in range(10):
        for _ in range(SETTINGS.failures - 1):
            breaker.failed(breaker.allow(at(0)), at(0))
        breaker.succeeded(breaker.allow(at(0)))
    assert breaker.state(at(0)) is BreakerState.CLOSED


def test_a_call_counts_once_however_often_it_reports(breaker):
    """The watchdog gives a hung call up; later its zombie comes back and reports as well."""
    permits = [breaker.allow(at(0)) for _ in range(3)]
    breaker.failed(permits[0], at(0))
    assert not breaker.failed(permits[0], at(0))
    assert not breaker.failed(permits[0], at(0))
    breaker.succeeded(permits[0])
    breaker.failed(permits[1], at(0))
    assert breaker.state(at(0)) is BreakerState.CLOSED
    assert breaker.failed(permits[2], at(0)), "the zombie's success did not wipe the count"


def test_calls_under_way_when_it_opened_count_no_more(breaker):
    late = [breaker.allow(at(0)) for _ in range(5)]
    trip(breaker)
    assert not breaker.succeeded(late[0])
    assert not breaker.failed(late[1], at(0))
    assert breaker.state(at(1)) is BreakerState.OPEN
    trial = breaker.allow(at(2))
    assert not breaker.failed(late[2], at(2)), "it is not the trial"
    assert breaker.succeeded(trial)
    for permit in late:
        breaker.failed(permit, at(3))
    assert breaker.state(at(3)) is BreakerState.CLOSED


def test_after_the_reset_exactly_one_may_try(breaker):
    trip(breaker)
    assert breaker.state(at(2)) is BreakerState.HALF_OPEN
    assert breaker.retry_in(at(2)) == 0.0
    trial = breaker.allow(at(2))
    assert trial is not None
    assert [breaker.allow(at(2 + nth)) for nth in range(20)] == [None] * 20
    assert breaker.state(at(2)) is BreakerState.HALF_OPEN


def test_a_good_trial_closes_it_and_forgets_the_past(breaker):
    trip(breaker)
    assert breaker.succeeded(breaker.allow(at(2))) is True
    assert breaker.state(at(2)) is BreakerState.CLOSED
    assert trip(breaker, 3) == [False, False, True]
    assert breaker.retry_in(at(3)) == 2.0


def test_each_bad_trial_doubles_the_wait_up_to_the_most(breaker):
    trip(breaker)
    now, waits = 0.0, []
    for _ in range(6):
        waits.append(breaker.retry_in(at(now)))
        now += waits[-1]
        assert breaker.failed(breaker.allow(at(now)), at(now)) is True
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
    assert breaker.state(at(2 + asked)) is BreakerState.OPEN
    assert breaker.retry_in(at(2 + asked)) == pytest.approx(34.0 - asked)
    assert breaker.allow(at(36)) is not None


def test_an_expired_trial_has_no_say_any_more(breaker):
    trip(breaker)
    expired = breaker.allow(at(2))
    trial = breaker.allow(at(40))
    assert trial is not None
    assert not breaker.succeeded(expired)
    assert not breaker.failed(expired, at(41))
    assert breaker.state(at(41)) is BreakerState.HALF_OPEN
    assert breaker.succeeded(trial)


def test_a_failure_told_after_the_expiry_does_not_prolong_the_wait(breaker):
    trip(breaker)
    trial = breaker.allow(at(2))
    assert not breaker.failed(trial, at(35))
    assert breaker.retry_in(at(35)) == pytest.approx(1.0)


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
    assert done.wait(5)


class BreakerModel(RuleBasedStateMachine):
    """Against its description: a count while closed, a time while open, one trial in between."""

    def __init__(self):
        super().__init__()
        self.breaker = CircuitBreaker(SETTINGS)
        self.now = 0.0
        self.permits, self.valid = [], set()
        self.failures = 0
        self.retry_at = None
        self.wait = SETTINGS.reset
        self.trial = None

    def expire(self):
        if self.trial is not None and self.now >= self.trial[1] + SETTINGS.permit:
            self.fail_trial(self.trial[1] + SETTINGS.permit)

    def fail_trial(self, at_):
        self.trial = None
        self.wait = min(SETTINGS.most, self.wait * 2)
        self.retry_at = at_ + self.wait

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, 30.0, 100.0]))
    def pass_time(self, seconds):
        self.now += seconds

    @rule()
    def allow(self):
        self.expire()
        permit = self.breaker.allow(at(self.now))
        if self.retry_at is None:
            assert permit is not None
            self.valid.add(permit)
        elif self.trial is not None or self.now < self.retry_at:
            assert permit is None
        else:
            assert permit is not None
            self.trial = (permit, self.now)
        if permit is not None:
            assert permit not in self.permits
            self.permits.append(permit)

    @precondition(lambda self: self.permits)
    @rule(data=st.data(), well=st.booleans())
    def report(self, data, well):
        permit = data.draw(st.sampled_from(self.permits))
        if not well:
            self.expire()
        told = self.breaker.succeeded(permit) if well else self.breaker.failed(permit, at(self.now))
        assert told is self.expected(permit, well)

    def expected(self, permit, well):
        if self.trial is not None and self.trial[0] == permit:
            if well:
                self.trial, self.retry_at, self.failures = None, None, 0
                self.wait = SETTINGS.reset
            else:
                self.fail_trial(self.now)
            return True
        if permit not in self.valid:
            return False
        self.valid.discard(permit)
        self.failures = 0 if well else self.failures + 1
        if self.failures < SETTINGS.failures:
            return False
        self.valid.clear()
        self.retry_at = self.now + self.wait
        return True

    @invariant()
    def tells_where_it_stands(self):
        self.expire()
        state = self.breaker.state(at(self.now))
        if self.retry_at is None:
            assert state is BreakerState.CLOSED
        elif self.trial is None and self.now < self.retry_at:
            assert state is BreakerState.OPEN
        else:
            assert state is BreakerState.HALF_OPEN

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


TestBreakerModel = BreakerModel.TestCase
TestBreakerModel.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
