"""Clocks of the game."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import from_iso, to_iso
from fleet.simulator.clock import RunningClock, VirtualClock, WallFacedClock, instant, tick_down


class Ticks:
    """A steady clock that a test moves."""

    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time


def test_game_time_runs_at_its_speed_from_its_start():
    ticks = Ticks()
    clock = RunningClock(1000.0, 60.0, monotonic=ticks)
    ticks.time += 2.5
    assert clock.now() == 1150.0


def test_a_paused_clock_stands_still():
    ticks = Ticks()
    clock = RunningClock(1000.0, 60.0, monotonic=ticks)
    ticks.time += 1
    clock.pause()
    ticks.time += 1
    assert (clock.now(), clock.paused) == (1060.0, True)


def test_a_wall_faced_clock_shows_wall_time_and_short_durations():
    ticks = Ticks()
    clock = WallFacedClock(1000.0, 60.0, monotonic=ticks, wall=lambda: 5000.0)
    ticks.time += 10
    assert clock.now() == 1600.0
    assert clock.shown(clock.now()) == 5010.0
    assert clock.read(clock.shown(1234.5)) == pytest.approx(1234.5, abs=0.06)
    assert clock.seconds(120) == 2
    assert clock.seconds(1) == 1


def test_virtual_time_never_steps_back():
    clock = VirtualClock(10.0)
    clock.advance_to(20.0)
    clock.advance_to(15.0)
    assert clock.now() == 20.0


@given(st.integers(1_600_000_000_000, 2_000_000_000_000), st.integers(0, 10**7))
def test_whoever_waits_for_a_shown_stamp_is_never_early(milliseconds, seconds):
    now = tick_down(milliseconds / 1000)
    arrival = instant(now + seconds)
    assert tick_down(from_iso(to_iso(arrival))) == arrival
    assert to_iso(arrival)[-5:] == to_iso(now)[-5:]


def test_stamps_and_cooldowns_in_a_wall_faced_game_shrink(make_game):
    game = make_game()
    ticks = Ticks()
    clock = WallFacedClock(game.clock.now(), 10.0, monotonic=ticks, wall=lambda: 1_700_000_000.0)
    game.sim.clock = game.sim._render.clock = game.clock = clock
    game.register()
    game.act("ABC-1", "orbit")
    route = game.act("ABC-1", "navigate", {"waypointSymbol": game.role("ENG_ASTEROID")}).data[
        "nav"
    ]["route"]
    taken = from_iso(route["arrival"]) - from_iso(route["departureTime"])
    assert from_iso(route["departureTime"]) == 1_700_000_000.0
    flight = game.world.ships["ABC-1"].nav.arrival - game.world.ships["ABC-1"].nav.departure
    assert taken == pytest.approx(flight / 10, abs=0.001)
    ticks.time += taken
    data = game.act("ABC-1", "survey").data
    assert data["cooldown"]["totalSeconds"] == 9
    ticks.time += 9
    assert game.act("ABC-1", "extract/survey", data["surveys"][0]).status == 201
