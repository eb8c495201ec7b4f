"""Waiting for a game time on the wall clock."""

from __future__ import annotations

import pytest

from fleet.game_wait import game_wait
from fleet.protocol.clock import GameTime
from fleet.runtime import ClockSample, GameClock


def running(speed: float) -> GameClock:
    """Make a clock that runs at a speed from now on."""
    clock = GameClock()
    now = clock.monotonic()
    clock.fit(ClockSample(now, now, clock.game(), speed))
    return clock


def test_it_returns_at_the_game_time_and_not_before():
    clock = running(60.0)
    moment = GameTime(clock.game() + 1.0)
    game_wait(clock)(moment)
    assert clock.game() >= moment - 1e-3


def test_a_time_that_has_passed_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    clock = running(1.0)
    # Whoever waits makes a lock to wait at.
    monkeypatch.setattr("fleet.game_wait.threading", None)
    game_wait(clock)(GameTime(clock.game() - 5.0))


def test_a_game_that_stands_still_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fleet.game_wait.LONGEST", 0.01)
    clock = running(0.0)
    game_wait(clock)(GameTime(clock.game() + 5.0))
    assert clock.speed == 0.0
