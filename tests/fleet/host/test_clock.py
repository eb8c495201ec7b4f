"""The first look at the server's clock tells a simulator from any other server."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.host import clock as module
from fleet.host.clock import first_fit
from fleet.protocol.errors import TransportError, Unreachable
from fleet.protocol.transport import HttpResponse
from fleet.runtime import GameClock


def answering(monkeypatch: pytest.MonkeyPatch, answer: HttpResponse | TransportError) -> None:
    class Server:
        def __init__(self, *_: Any) -> None:
            """Be made as a transport is."""

        def send(self, _request: Any) -> HttpResponse:
            if isinstance(answer, TransportError):
                raise answer
            return answer

    monkeypatch.setattr(module, "HttpTransport", Server)
    monkeypatch.setattr(module, "PAUSE", 0.001)


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(status=404, body=b"{}"),
        HttpResponse(status=200, body=b'{"page":1}'),
        HttpResponse(status=200, body=b"<html>"),
    ],
)
def test_whatever_else_answers_is_no_simulator(
    monkeypatch: pytest.MonkeyPatch, answer: HttpResponse
) -> None:
    answering(monkeypatch, answer)
    assert not first_fit(GameClock(), "http://test", embedded=False)


def test_a_server_that_does_not_answer_at_all_may_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, TransportError("refused", sent=False))
    with pytest.raises(Unreachable, match="Nothing answers at http://test"):
        first_fit(GameClock(), "http://test", embedded=False)
