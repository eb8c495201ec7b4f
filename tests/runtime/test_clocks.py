import threading
import time
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import GameTime, Monotonic
from fleet.runtime import ClockSample, GameClock, SystemClock, VirtualClock


class Machine:
    """Stands in for this machine's clocks."""

    def __init__(self, now=1000.0):
        self.now = now

    def time(self):
        return self.now + 1.7e9

    def monotonic(self):
        return self.now


class Server:
    """The true game clock that the fit has to find out about."""

    def __init__(self, machine, game=5e8, speed=60.0):
        self.machine, self.speed = machine, speed
        self._game, self._since = game, machine.now

    def game(self, at=None):
        at = self.machine.now if at is None else at
        return self._game + (at - self._since) * self.speed

    def turn(self, speed):
        self._game, self._since = self.game(), self.machine.now
        self.speed = speed

    def jump(self, seconds):
        self._game += seconds

    def sample(self, there, back):
        """One request: so long to the server, so long back, in wall seconds."""
        asked = self.machine.now
        said = self.game(asked + there)
        self.machine.now = asked + there + back
        return ClockSample(
            Monotonic(asked),
            Monotonic(self.machine.now),
            GameTime(said),
            self.speed or 1.0,
            paused=self.speed == 0,
        )


@pytest.fixture
def machine():
    machine = Machine()
    with mock.patch("fleet.runtime.clocks.time", machine):
        yield machine


def close(left, right):
    return left == pytest.approx(right, abs=1e-4)


def test_before_the_first_fit_it_is_civil_time(machine):
    clock = GameClock()
    assert clock.game() == machine.time()
    machine.now += 10
    assert close(clock.game(), machine.time())
    assert clock.error == float("inf")
    assert clock.speed == 1.0


def test_an_even_round_trip_is_fitted_exactly(machine):
    clock, server = GameClock(), Server(machine)
    clock.fit(server.sample(0.1, 0.1))
    assert close(clock.game(), server.game())
    machine.now += 100
    assert close(clock.game(), server.game())
    assert clock.speed == 60


times = st.floats(0, 2)


@given(there=times, back=times, speed=st.floats(0.1, 1000), later=st.floats(0, 100))
def test_the_error_is_at_most_half_the_round_trip(there, back, speed, later):
    machine = Machine()
    with mock.patch("fleet.runtime.clocks.time", machine):
        clock, server = GameClock(), Server(machine, speed=speed)
        clock.fit(server.sample(there, back))
        machine.now += later
        assert abs(clock.game() - server.game()) <= clock.error + 1e-3
        assert clock.error == pytest.approx((there + back) / 2 * speed, abs=1e-6)


events = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 60)),
        st.tuples(st.just("fit"), times, times),
        st.tuples(st.just("turn"), st.sampled_from([0.0, 0.5, 1.0, 60.0])),
        st.tuples(st.just("jump"), st.floats(-1e5, 1e5)),
    ),
    max_size=30,
)


@given(events)
def test_it_never_steps_back_once_fitted(events):
    machine = Machine()
    with mock.patch("fleet.runtime.clocks.time", machine):
        clock, server = GameClock(), Server(machine)
        clock.fit(server.sample(0.1, 0.1))
        last = clock.game()
        for name, *arguments in events:
            if name == "wait":
                machine.now += arguments[0]
            elif name == "fit":
                clock.fit(server.sample(*arguments))
            else:
                getattr(server, name)(*arguments)
            now = clock.game()
            assert now >= last
            last = now


@given(events, st.floats(-1e4, 1e6))
def test_until_is_exactly_when_the_game_time_is_reached(events, ahead):
    machine = Machine()
    with mock.patch("fleet.runtime.clocks.time", machine):
        clock, server = GameClock(), Server(machine)
        clock.fit(server.sample(0.1, 0.1))
        for name, *arguments in events:
            if name == "fit":
                clock.fit(server.sample(*arguments))
            elif name != "wait":
                getattr(server, name)(*arguments)
        moment = GameTime(clock.game() + ahead)
        wait = clock.until(moment)
        if moment <= clock.game():
            assert wait == 0
        elif clock.speed == 0:
            assert wait == float("inf")
        else:
            machine.now += wait
            assert clock.game() >= moment - 1e-3


def test_a_fit_that_would_step_back_stands_still_until_the_line_catches_up(machine):
    clock, server = GameClock(), Server(machine, speed=10)
    clock.fit(server.sample(0, 0))
    server.jump(-100)
    stood = clock.game()
    clock.fit(server.sample(0, 0))
    machine.now += 5
    assert clock.game() == stood
    assert clock.until(GameTime(stood)) == 0.0
    assert close(clock.until(GameTime(stood + 10)), 6.0)
    machine.now += 6
    assert close(clock.game(), server.game())


def test_a_paused_server_stands_still_and_goes_on(machine):
    clock, server = GameClock(), Server(machine)
    server.turn(0.0)
    clock.fit(server.sample(0.1, 0.1))
    stood = clock.game()
    machine.now += 1000
    assert clock.game() == stood
    assert clock.until(GameTime(stood + 1)) == float("inf")
    assert clock.speed == 0
    server.turn(60.0)
    clock.fit(server.sample(0, 0))
    machine.now += 10
    assert close(clock.game(), stood + 600)


def test_a_past_moment_keeps_its_own_game_time(machine):
    clock, server = GameClock(), Server(machine, speed=10)
    clock.fit(server.sample(0, 0))
    machine.now += 50
    clock.fit(server.sample(0, 0))
    assert close(clock.game_at(Monotonic(machine.now - 20)), server.game() - 200)
    assert close(clock.game_at(Monotonic(machine.now + 20)), server.game() + 200)


def test_readers_in_other_threads_never_see_it_step_back():
    clock, stop, back = GameClock(), threading.Event(), []

    def read():
        last = clock.game()
        while not stop.is_set():
            now = clock.game()
            if now < last:
                back.append(last - now)
            last = now

    def fit(offset):
        now = clock.monotonic()
        clock.fit(ClockSample(now, now, GameTime(5e8 + now * 1e6 + offset), 1e6))

    fit(0)
    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for nth in range(300):
        fit(-1e6 if nth % 2 else 1e6)
    stop.set()
    for reader in readers:
        reader.join()
    assert back == []


def test_the_system_clock_tells_this_machines_time(machine):
    clock = SystemClock()
    assert clock.game() == clock.wall() == machine.time()
    assert clock.monotonic is time.monotonic  # noqa: TID251


def test_the_virtual_clock_is_one_in_all():
    clock = VirtualClock(100.0)
    assert clock.game() == clock.wall() == clock.monotonic() == 100.0
    assert clock.until(GameTime(130.0)) == 30.0
    assert clock.until(GameTime(90.0)) == 0.0
