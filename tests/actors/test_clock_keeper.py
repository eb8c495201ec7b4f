"""The clock keeper with a scripted server, in virtual time."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest

from fleet.actors.clock_keeper import ClockSettings, clock_props
from fleet.actors.server_clock import Look, NoClock, best, sample
from fleet.protocol.clock import GameTime, Monotonic
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.runtime import ClockSample


class Server:
    """Tells its clock, slowly or not at all."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.down = False
        self.took: list[float] = []
        """Seconds that the next answers take."""

        self.asked: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        if self.down:
            raise TransportError("refused", sent=False)
        took = self.took.pop(0) if self.took else 0.01
        self.clock.now += took / 2
        told = {"game": 60 * self.clock.now, "speed": 60.0, "paused": False}
        self.clock.now += took / 2
        date = format_datetime(datetime.fromtimestamp(self.clock.now, UTC), usegmt=True)
        return HttpResponse(status=200, headers={"date": date}, body=msgspec.json.encode(told))

    def cancel(self) -> None:
        pass


class Bench:
    """A keeper and the fits that it asks for."""

    def __init__(self, stage: Any, **options: Any) -> None:
        self.stage, self.server, self.fits = stage, Server(stage.clock), []
        self.down = False
        self.settings = ClockSettings(fit=self.fits.append, **options)

    def start(self) -> Bench:
        props = clock_props(lambda: self.server, self.settings)
        self.stage.system.spawn("/clock", props)
        self.stage.run()
        return self


def test_the_clock_is_fitted_at_once_by_the_quickest_of_several_looks(virtual: Any):
    bench = Bench(virtual)
    bench.server.took = [0.3, 0.2, 0.02, 0.4, 0.1]
    bench.start()
    [fit] = bench.fits
    assert fit.answered - fit.asked == pytest.approx(0.02, abs=1e-5)
    assert fit.speed == 60.0
    assert fit.game == pytest.approx(60 * (fit.asked + fit.answered) / 2, abs=1e-3)
    assert {request.path for request in bench.server.asked} == {"/sim/clock"}


def test_it_is_fitted_again_every_period(virtual: Any):
    bench = Bench(virtual, period=30.0).start()
    virtual.run(95)
    assert len(bench.fits) == 4


def test_a_server_that_starts_again_is_noticed_at_once(virtual: Any):
    bench = Bench(virtual, period=30.0).start()
    bench.server.down = True
    virtual.run(60)
    assert len(bench.fits) == 1
    bench.server.down = False
    virtual.run(0.6)
    assert len(bench.fits) == 2


def test_being_away_is_told_once(virtual: Any):
    bench = Bench(virtual)
    bench.server.down = True
    bench.start()
    virtual.run(20)
    assert len(virtual.events.records("clock.lost")) == 1
    bench.server.down = False
    virtual.run(31)
    bench.server.down = True
    virtual.run(60)
    assert len(virtual.events.records("clock.lost")) == 2
    assert len(virtual.events.records("clock.fitted", level="debug")) == 2


def test_the_live_server_is_asked_by_its_date_once_per_look(virtual: Any):
    bench = Bench(virtual, kind="live", looks=1, period=600.0).start()
    [fit] = bench.fits
    assert fit.speed == 1.0
    assert abs(fit.game - virtual.clock.now) <= 1.0
    assert [request.path for request in bench.server.asked] == ["/v2/"]


def look(status: int = 200, body: bytes = b"", **headers: str) -> Look:
    response = HttpResponse(status=status, headers=headers, body=body)
    return Look(asked=Monotonic(1.0), answered=Monotonic(2.0), response=response)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("simulator", look(404, b"{}")),
        ("simulator", look(200, b"<html>")),
        ("simulator", look(200, b'{"game": "soon", "speed": 1}')),
        ("live", look(200)),
        ("live", look(200, date="yesterday")),
    ],
)
def test_an_answer_without_a_time_is_none(kind: Any, answer: Look):
    with pytest.raises(NoClock):
        sample(kind, answer)


def test_a_paused_simulator_says_so():
    told = sample("simulator", look(body=b'{"game": 5.0, "speed": 60.0, "paused": true}'))
    assert told == ClockSample(Monotonic(1.0), Monotonic(2.0), GameTime(5.0), 60.0, True)


def test_the_least_round_trip_is_best():
    samples = [
        ClockSample(Monotonic(0.0), Monotonic(took), GameTime(took), 1.0) for took in (3, 1, 2)
    ]
    assert best(samples).game == 1
