"""A run that goes on waits for what is away, and shows its guard that it lives meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from fleet.host.patience import check_api, patiently
from fleet.protocol.errors import SetupError, TransportError, Unreachable
from fleet.protocol.transport import HttpResponse
from fleet.storage.errors import StoreUnavailable

AWAY = Unreachable("The API does not show its status.")
LOCKED = StoreUnavailable("another program has used the database for too long")


class Signs:
    """What the guard hears."""

    def __init__(self) -> None:
        self.beats = 0
        self.lively = threading.Event()
        self.readies: list[Any] = []

    def beat(self) -> None:
        self.beats += 1
        if self.beats >= 3:
            self.lively.set()

    def ready(self, info: Any) -> None:
        self.readies.append(info)


class Start:
    """Fails in turn with what it is given, then gives what was started."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.now = 0.0

    def attempt(self) -> str:
        self.now += 2.0
        if self.failures:
            raise self.failures.pop(0)
        return "booted"

    def monotonic(self) -> float:
        return self.now


def tried(
    start: Start, signs: Any, stopped: Callable[[], bool] = lambda: False, **how: float
) -> str | None:
    how = {"pause": 0.001, **how}
    return patiently(start.attempt, signs, stopped, start.monotonic, **how)


def test_it_is_tried_until_all_is_there() -> None:
    signs = Signs()
    assert tried(Start(AWAY, LOCKED, AWAY), signs) == "booted"


def test_a_short_absence_is_part_of_the_start() -> None:
    signs = Signs()
    assert tried(Start(AWAY, LOCKED), signs) == "booted"
    assert signs.readies == []


def test_a_long_absence_is_told_once_and_with_its_reason() -> None:
    signs = Signs()
    assert tried(Start(AWAY, AWAY, LOCKED, AWAY, AWAY), signs) == "booted"
    assert signs.readies == [{"waits_for": str(LOCKED)}]


def test_an_attempt_that_takes_long_gives_signs_of_life() -> None:
    signs: Any = Signs()

    def attempt() -> bool:
        return bool(signs.lively.wait(30.0))

    assert patiently(attempt, signs, lambda: False, lambda: 0.0, pause=0.001)


def test_what_waiting_cannot_help_against_ends_it() -> None:
    with pytest.raises(SetupError, match="newer"):
        tried(Start(AWAY, SetupError("The database is of a newer fleet.")), Signs())


def test_waiting_ends_when_the_fleet_is_told_to_stop() -> None:
    start = Start(*[AWAY] * 9)
    assert tried(start, Signs(), lambda: start.now >= 6.0) is None
    assert len(start.failures) == 6


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(status=503, body=b"{}"),
        HttpResponse(status=200, body=b"<html>"),
        TransportError("refused", sent=False),
    ],
)
def test_a_server_that_does_not_show_its_status_is_away(
    answer: HttpResponse | TransportError,
) -> None:
    class Server:
        def send(self, _request: object) -> HttpResponse:
            if isinstance(answer, TransportError):
                raise answer
            return answer

    server: Any = Server()
    with pytest.raises(Unreachable):
        check_api(server)
