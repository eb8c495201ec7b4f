"""The first fit of the game clock, before anything is done by it."""

from __future__ import annotations

import threading

import msgspec

from fleet.http_transport import HttpTransport
from fleet.protocol.clock import GameTime
from fleet.protocol.errors import TransportError, Unreachable
from fleet.protocol.transport import HttpRequest
from fleet.runtime import ClockSample, GameClock

TRIES = 80
PAUSE = 0.1
"""Wall seconds between tries: an embedded simulator starts at the same time as we do."""


class Told(msgspec.Struct):
    """What a simulator tells of its clock."""

    game: float
    speed: float
    paused: bool


def first_fit(clock: GameClock, base_url: str, *, embedded: bool) -> bool:
    """Fit the clock to a simulator's; leave it on civil time for a server that has none.

    Says whether the server is a simulator.

    Raises Unreachable when nothing answers at all.
    """
    transport = HttpTransport(base_url, clock.monotonic)
    wait = threading.Event()
    for _ in range(TRIES if embedded else 3):
        asked = clock.monotonic()
        try:
            answer = transport.send(HttpRequest(method="GET", path="/sim/clock"))
        except TransportError:
            wait.wait(PAUSE)
            continue
        if answer.status != 200:
            return False
        try:
            told = msgspec.json.decode(answer.body, type=Told)
        except msgspec.DecodeError:
            # Some other server's page.
            return False
        sample = ClockSample(asked, clock.monotonic(), GameTime(told.game), told.speed, told.paused)
        clock.fit(sample)
        # The first answer pays for the connection and the server's warm-up.
        if sample.error < 0.1 * max(1.0, told.speed):
            return True
    if clock.error == float("inf"):
        raise Unreachable(f"Nothing answers at {base_url}; check --api-url and the network.")
    return True
