from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from fleet.host.server_watch import ServerWatch
from fleet.protocol.api import ApiRefusal
from fleet.protocol.errors import TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.protocol.wire.status import Status
from fleet.supervision.memory_event_log import MemoryEventLog

AWAY = HttpResponse(status=503, body=b'{"error":{"code":3200,"message":"reset"}}')
HTML = HttpResponse(status=200, body=b"<html>")
LOST = TransportError("refused", sent=False)
REFUSAL = ApiRefusal(1, "get-my-agent", 401, 4113, "reset_date does not match", {})


def page(date: str) -> Status:
    return Status(status="up", version="v2.3.0", reset_date=date)


def status(date: str) -> HttpResponse:
    return HttpResponse(status=200, body=msgspec.json.encode(page(date)))


class Server:
    """Answers in turn, the last one for ever."""

    def __init__(self, *answers: HttpResponse | TransportError) -> None:
        self.answers = list(answers)
        self.asked = 0

    def send(self, request: HttpRequest) -> HttpResponse:
        assert request.path == "/v2/"
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, TransportError):
            raise answer
        return answer

    def cancel(self) -> None:
        pass


class Watched:
    """A watch whose renewals can be waited for."""

    def __init__(self, server: Server, date: str | None = "2026-07-04") -> None:
        self.said: list[str] = []
        self.renewed = threading.Event()
        self.events = MemoryEventLog()
        self.watch = ServerWatch(lambda: server, date, self.renew, self.events, period=0.001)

    def renew(self, why: str) -> None:
        self.said.append(why)
        self.renewed.set()


Make = Callable[..., Watched]


@pytest.fixture
def watched() -> Any:
    """Makes watches; their threads end with the test."""
    made: list[Watched] = []

    def make(*how: Any) -> Watched:
        made.append(Watched(*how))
        return made[-1]

    yield make
    for each in made:
        each.watch.close()
    for thread in threading.enumerate():
        if thread.name == "server-watch":
            thread.join(30)


def test_after_a_reset_it_waits_for_the_server_and_asks_once_for_a_new_beginning(watched: Make):
    server = Server(LOST, AWAY, HTML, status("2026-07-18"))
    one = watched(server)
    for _ in range(3):
        one.watch.refused(REFUSAL)
    assert one.renewed.wait(30)
    assert one.said == ["the server was reset, its universe is that of 2026-07-18"]
    assert server.asked == 4


def test_a_refused_token_without_a_reset_begins_anew_as_well(watched: Make):
    one = watched(Server(status("2026-07-04")))
    one.watch.refused(REFUSAL)
    assert one.renewed.wait(30)
    assert one.said == ["the server refuses the token: reset_date does not match"]


def test_a_status_page_with_another_date_tells_of_a_reset(watched: Make):
    one = watched(Server(status("2026-07-18")))
    one.watch.seen(page("2026-07-04"))
    one.watch.seen(page(""))
    assert not one.renewed.wait(0.05)
    one.watch.seen(page("2026-07-18"))
    assert one.renewed.wait(30)


def test_without_a_known_date_a_status_page_tells_nothing(watched: Make):
    one = watched(Server(status("2026-07-18")), None)
    one.watch.seen(page("2026-07-18"))
    assert not one.renewed.wait(0.05)


def test_a_fleet_that_stops_waits_no_longer(watched: Make):
    one = watched(Server(AWAY))
    one.watch.refused(REFUSAL)
    one.watch.close()
    assert not one.renewed.wait(0.05)


def test_where_no_thread_is_to_be_had_the_next_refusal_tries_again(
    watched: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = watched(Server(status("2026-07-18")))

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        one.watch.refused(REFUSAL)
    one.watch.refused(REFUSAL)
    assert one.renewed.wait(30)
