"""What the bucket tells about itself, and how much of the allowance it uses."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.limiter import Limiter, Unlimited
from fleet.protocol.api import (
    Lane,
    LimitHeaders,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.rows import Rows

READ, ACT = "get-market", "dock-ship"


# -- figures


class TwoWindows:
    """The server's limiter, for a world in which answers come at once."""

    def __init__(self) -> None:
        self.static: tuple[float, int] = (0.0, 0)
        self.burst: tuple[float, int] = (0.0, 0)
        self.refused = 0

    def __call__(self, now: GameTime) -> LimitHeaders:
        if now >= self.static[0]:
            self.static = (now + 1.0, 0)
        if self.static[1] < 2:
            self.static = (self.static[0], self.static[1] + 1)
        else:
            if now >= self.burst[0]:
                self.burst = (now + 60.0, 0)
            self.burst = (self.burst[0], self.burst[1] + 1)
            self.refused += self.burst[1] > 30
        left = 2 - self.static[1]
        return LimitHeaders(remaining=left, reset=GameTime(int(self.static[0] * 1000) / 1000))


def test_a_saturated_bucket_uses_the_whole_allowance_and_says_so(world: Any, act: Any):
    server = TwoWindows()
    world.headers, world.otherwise = server, act(delay=0.0)
    world.start(4, limiter=Limiter)
    for n in range(150 * 11):
        world.ask(ACT, by=f"ship-{n % 7}", lane=Lane(n % 5))
    world.run(60 * 10)
    status = world.status
    assert server.refused == 0
    assert status.saturated_minutes == 9
    assert status.share_saturated >= 0.99
    assert status.share_last_minute >= 0.99
    assert status.requests == len(world.outcomes) == status.outcomes["reply"]
    assert status.queued == 150 * 11 - status.requests
    assert status.lanes[0].wait_p95 < status.lanes[4].wait_p50
    assert status.lanes[0].sent == 330


def test_what_was_sent_before_the_bucket_started_costs_no_refusal(world: Any, act: Any):
    server = TwoWindows()
    for _ in range(25):
        server(GameTime(world.stage.clock.now))
    world.headers, world.otherwise = server, act(delay=0.0)
    world.start(4, limiter=Limiter, used_before=True)
    for _ in range(200):
        world.ask(ACT)
    world.run(90)
    assert server.refused == 0
    assert len(world.outcomes) > 170


def test_requests_are_given_out_ahead_of_their_time_where_workers_can_wait(world: Any, act: Any):
    world.headers, world.otherwise = TwoWindows(), act(delay=0.0)
    world.start(4, limiter=Limiter, ahead=0.4)
    for _ in range(30):
        world.ask(ACT)
    world.run(20)
    assert len(world.outcomes) == 30
    assert max(world.ahead) == pytest.approx(0.4, abs=0.01)
    assert all(0.0 <= early <= 0.4 + 1e-6 for early in world.ahead)


def test_without_limits_everything_is_sent_at_once(world: Any, act: Any):
    world.otherwise = act(delay=0.0)
    world.start(2, limiter=Unlimited)
    for _ in range(500):
        world.ask(ACT)
    world.run(0.001)
    assert len(world.outcomes) == 500


def test_a_minute_in_which_the_lanes_ran_empty_is_not_saturated(world: Any):
    world.start(4)
    for n in range(5):
        world.ask(ACT)
        world.run(60)
        assert len(world.outcomes) == n + 1
    assert world.status.saturated_minutes == 0
    assert world.status.share_saturated == 0.0
    assert world.status.share_last_minute == pytest.approx(1 / 150)


def test_the_writer_gets_the_figures_of_each_game_minute(world: Any):
    world.start().ask(ACT)
    world.run(180)
    told = [note for note in world.stage.notes.all if isinstance(note, Rows)]
    minutes = [{row.key: row.values["value"] for row in rows.rows} for rows in told]
    first = 1_782_000_000 // 60
    assert len(minutes) == 3
    assert minutes[0]["bucket.requests", first] == 1.0
    assert minutes[1]["bucket.requests", first + 1] == 0.0
    assert ("bucket.wait_p95.safety", first) in minutes[0]
    assert minutes[0][f"bucket.ended.{ACT}.reply", first] == 1.0
    assert not any(figure.startswith("bucket.ended") for figure, _ in minutes[1])
