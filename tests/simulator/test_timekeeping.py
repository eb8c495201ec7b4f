"""Stopping the game's time, letting it run again, and moving it on by hand."""

import json

import pytest

from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import RunningClock, WallFacedClock
from fleet.simulator.opening import in_memory
from fleet.simulator.settings import SimSettings

START = 1_770_000_000.0


class Watch:
    """A simulator whose running clock is driven by a hand-set monotonic clock."""

    def __init__(self, kind=RunningClock, **faces):
        self.monotonic = 0.0
        self.wall = 5_000_000.0
        if kind is WallFacedClock:
            faces = {"wall": lambda: self.wall}
        self.clock = kind(START, 60.0, monotonic=lambda: self.monotonic, **faces)
        self.sim = in_memory(SimSettings(limits="off"), self.clock)
        body = b'{"symbol":"ABC","faction":"COSMIC"}'
        data = self.send("POST", "/v2/register", body)["data"]
        self.head = {"authorization": f"Bearer {data['token']}"}

    def send(self, method, path, body=None):
        head = getattr(self, "head", {})
        answer = self.sim.handle(
            HttpRequest(method=method, path=path, headers=head, body=body), "ip"
        )
        self.status = answer.status
        return json.loads(answer.body)

    def pass_time(self, seconds):
        self.monotonic += seconds
        self.wall += seconds


def test_a_paused_game_stands_still_and_goes_on_from_there():
    watch = Watch()
    watch.pass_time(2)
    assert watch.send("POST", "/sim/pause") == {"game": START + 120, "speed": 60, "paused": True}
    watch.pass_time(100)
    assert watch.send("GET", "/sim/clock")["game"] == START + 120
    assert watch.send("POST", "/sim/resume")["paused"] is False
    watch.pass_time(1)
    assert watch.send("GET", "/sim/clock")["game"] == START + 180
    watch.send("POST", "/sim/resume")
    assert watch.send("GET", "/sim/clock")["game"] == START + 180


def test_requests_are_answered_while_the_game_stands():
    watch = Watch()
    watch.send("POST", "/sim/pause")
    assert watch.send("GET", "/v2/my/agent")["data"]["symbol"] == "ABC"
    watch.send("POST", "/v2/my/ships/ABC-1/orbit")
    assert watch.status == 200


@pytest.mark.parametrize("paused", [False, True])
def test_a_step_moves_flights_and_cooldowns_on(paused):
    watch = Watch()
    if paused:
        watch.send("POST", "/sim/pause")
    home = watch.send("GET", "/v2/my/agent")["data"]["headquarters"]
    moon = next(row.symbol for row in watch.sim.world.waypoints.values() if row.orbits == home)
    watch.send("POST", "/v2/my/ships/ABC-1/orbit")
    go = json.dumps({"waypointSymbol": moon}).encode()
    watch.send("POST", "/v2/my/ships/ABC-1/navigate", go)
    assert watch.send("GET", "/v2/my/ships/ABC-1/nav")["data"]["status"] == "IN_TRANSIT"
    assert watch.send("POST", "/sim/step", b'{"seconds": 16}')["game"] == START + 16
    assert watch.send("GET", "/v2/my/ships/ABC-1/nav")["data"]["status"] == "IN_ORBIT"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"seconds": 0}',
        b'{"seconds": -5}',
        b"nonsense",
        b'{"seconds": 1e12}',
        b'{"seconds": "soon"}',
        b"\xff",
    ],
)
def test_a_bad_step_is_refused_and_moves_nothing(body):
    watch = Watch()
    error = watch.send("POST", "/sim/step", body)["error"]
    assert watch.status == 422
    assert "seconds" in error["message"]
    assert watch.send("GET", "/sim/clock")["game"] == START


def test_under_a_wall_faced_clock_stamps_follow_the_wall_after_a_pause():
    watch = Watch(WallFacedClock)
    watch.send("POST", "/sim/pause")
    watch.pass_time(50)
    watch.send("POST", "/sim/resume")
    assert watch.clock.shown(watch.clock.now()) == pytest.approx(watch.wall)
    watch.send("POST", "/sim/step", b'{"seconds": 600}')
    assert watch.clock.shown(watch.clock.now()) == pytest.approx(watch.wall)
    assert watch.clock.shown(watch.clock.now() + 60) == pytest.approx(watch.wall + 1)


def test_virtual_time_is_not_moved_through_the_side_door(game):
    assert game.send("POST", "/sim/pause").status == 501
