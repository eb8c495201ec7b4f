from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fleet.first_reading import FirstReader
from fleet.protocol.errors import BadToken, ServerReset, SetupError, TransportError
from fleet.protocol.transport import HttpRequest, HttpResponse

END = {"symbol": "X1-A-A1", "type": "PLANET", "systemSymbol": "X1-A", "x": 0, "y": 0}
AT = "2026-07-04T13:00:00.000Z"


def ship(number: int) -> dict[str, Any]:
    return {
        "symbol": f"A-{number}",
        "registration": {"name": "A", "role": "HAULER", "factionSymbol": "COSMIC"},
        "nav": {
            "systemSymbol": "X1-A",
            "waypointSymbol": "X1-A-A1",
            "route": {"origin": END, "destination": END, "departureTime": AT, "arrival": AT},
            "status": "DOCKED",
            "flightMode": "CRUISE",
        },
        "fuel": {"current": 0, "capacity": 0},
        "cargo": {"capacity": 0, "units": 0, "inventory": []},
        "cooldown": {"totalSeconds": 0, "remainingSeconds": 0},
        "engine": {"symbol": "E", "speed": 9},
        "frame": {"symbol": "F"},
    }


def said(code: int, status: int) -> HttpResponse:
    error = {"error": {"code": code, "message": f"no {code}"}}
    return HttpResponse(status=status, body=msgspec.json.encode(error))


class Server:
    """An agent with so many ships, some of which cannot be shown."""

    def __init__(self, count: int, broken: frozenset[int] = frozenset()) -> None:
        self.count, self.broken = count, broken
        self.first: list[HttpResponse | TransportError] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        if self.first:
            answer = self.first.pop(0)
            if isinstance(answer, TransportError):
                raise answer
            return answer
        data: Any = {
            "symbol": "A",
            "headquarters": "X1-A-A1",
            "credits": 5,
            "shipCount": self.count,
        }
        if request.path.endswith("ships"):
            asked = {name: int(value) for name, value in request.query}
            begin = (asked["page"] - 1) * asked["limit"] + 1
            numbers = range(begin, min(begin + asked["limit"], self.count + 1))
            if self.broken & set(numbers):
                return said(3000, 500)
            data = [ship(number) for number in numbers]
        return HttpResponse(status=200, body=msgspec.json.encode({"data": data}))

    def cancel(self) -> None:
        pass


def read(server: Server) -> Any:
    return FirstReader(server, "token").read()


@pytest.mark.parametrize("count", [1, 2, 20, 21, 40, 45])
def test_all_ships_are_read_in_as_few_pages_as_can_be(count: int):
    found = read(Server(count))
    assert [each.symbol for each in found.ships] == [f"A-{n + 1}" for n in range(count)]
    assert found.requests == 1 + -(-count // 20)


@pytest.mark.parametrize("broken", [{1}, {20}, {21}, {3, 21, 45}])
def test_a_ship_that_the_server_cannot_show_hides_no_other(broken: set[int]):
    found = read(Server(45, frozenset(broken)))
    numbers = [n for n in range(1, 46) if n not in broken]
    assert [each.symbol for each in found.ships] == [f"A-{n}" for n in numbers]
    assert found.unreadable == len(broken)


@pytest.mark.parametrize(
    "answer",
    [
        TransportError("refused", sent=False),
        HttpResponse(status=429, body=b"<html>"),
        HttpResponse(status=503, body=b"<html>"),
        HttpResponse(status=200, body=b"<html>"),
        HttpResponse(status=200, body=b'{"data": 7}'),
        said(3200, 503),
    ],
)
def test_what_passes_is_waited_out(answer: Any):
    server = Server(1)
    server.first = [answer]
    assert len(read(server).ships) == 1


@pytest.mark.parametrize(
    ("code", "failure"), [(4113, ServerReset), (4109, ServerReset), (4104, BadToken)]
)
def test_what_does_not_pass_is_told_at_once(code: int, failure: type[Exception]):
    server = Server(1)
    server.first = [said(code, 401)]
    with pytest.raises(failure, match=f"no {code}"):
        read(server)


def test_in_the_end_it_says_what_stood_in_the_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fleet.first_reading.PAUSE", 0.0)
    server = Server(1)
    server.first = [HttpResponse(status=502, body=b"<html>")] * 100
    with pytest.raises(SetupError, match=r"does not answer get-my-agent \(status 502\)"):
        read(server)
