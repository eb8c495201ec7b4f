"""What the doctor finds on this machine and at the API."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fleet import checks
from fleet.api_checks import api
from fleet.cli.configured import Attempt
from fleet.cli.doctor import examine
from fleet.config import Config
from fleet.credentials import Token
from fleet.protocol.clock import WallTime
from fleet.protocol.errors import SetupError, TransportError, UsageError
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.status import ProcessStatus, Status
from fleet.storage.engine import open_store

LIVE = Config(api_url="https://api.example")
NOON = WallTime(1_782_000_000.0)
DATE = "Sun, 21 Jun 2026 00:00:00 GMT"
TOKEN = Token("secret", "agent", "ME", "2026-06-14")


class Api:
    """Answers from a table of paths; a missing one is a lost connection."""

    def __init__(self, table: Mapping[str, tuple[int, Any]], date: str = DATE) -> None:
        self.table = table
        self.date = date
        self.asked: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        if request.path not in self.table:
            raise TransportError("NewConnectionError: [Errno 111] refused", sent=False)
        status, body = self.table[request.path]
        return HttpResponse(
            status=status, headers={"date": self.date}, body=json.dumps(body).encode()
        )

    def cancel(self) -> None:
        """Nothing waits."""


HOME = (200, {"version": "v2.3.0", "resetDate": "2026-06-14"})
AGENT = (200, {"data": {"symbol": "ME", "credits": 175_000}})


def found(transport: Api, token: Any = TOKEN, config: Config = LIVE) -> dict[str, checks.Check]:
    return {check.name: check for check in api(config, token, transport, NOON)}


def test_a_good_api_clock_and_token() -> None:
    transport = Api({"/v2/": HOME, "/v2/my/agent": AGENT})
    seen = found(transport)
    assert {check.state for check in seen.values()} == {"ok"}
    assert seen["api"].text == "https://api.example is v2.3.0, last reset 2026-06-14"
    assert seen["token"].text == "ME with 175,000 credits"
    assert transport.asked[-1].headers == {"authorization": "Bearer secret"}


def test_the_embedded_simulator_needs_neither() -> None:
    transport = Api({})
    seen = found(transport, None, Config())
    assert [check.state for check in seen.values()] == ["ok", "ok"]
    assert transport.asked == []


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "does not answer: [Errno 111] refused"),
        ({"/v2/": (503, {})}, "answers 503"),
        ({"/v2/": (200, {"hello": 1})}, "is no SpaceTraders API"),
        ({"/v2/": (200, [1])}, "is no SpaceTraders API"),
    ],
)
def test_an_api_that_is_none(table: dict[str, Any], text: str) -> None:
    check = found(Api(table))["api"]
    assert check.state == "fail"
    assert text in check.text
    assert check.remedy


@pytest.mark.parametrize(
    ("date", "state", "text"),
    [
        ("Sun, 21 Jun 2026 00:00:04 GMT", "ok", "agrees"),
        ("Sun, 21 Jun 2026 00:01:00 GMT", "warn", "60 s behind the API's"),
        ("Sat, 20 Jun 2026 23:00:00 GMT", "warn", "3600 s ahead of the API's"),
        ("soon", "warn", "tells no time"),
    ],
)
def test_the_clocks_are_compared(date: str, state: str, text: str) -> None:
    check = found(Api({"/v2/": HOME, "/v2/my/agent": AGENT}, date))["clock"]
    assert check.state == state
    assert text in check.text


def test_a_simulators_clock_may_say_anything() -> None:
    table = {"/v2/": HOME, "/v2/my/agent": AGENT, "/sim/clock": (200, {"speed": 60})}
    check = found(Api(table, "Sat, 20 Jun 2026 23:00:00 GMT"))["clock"]
    assert (check.state, check.text) == ("ok", "a simulator's, 60x")


@pytest.mark.parametrize(
    ("answer", "state", "text"),
    [
        ((401, {"error": {"code": 4113}}), "fail", "the API refuses it (401, code 4113)"),
        ((401, {}), "fail", "the API refuses it (401)"),
        ((429, {}), "warn", "too many requests"),
        ((200, {"data": None}), "fail", "refuses"),
    ],
)
def test_a_token_that_is_not_accepted(answer: Any, state: str, text: str) -> None:
    check = found(Api({"/v2/": HOME, "/v2/my/agent": answer}))["token"]
    assert check.state == state
    assert text in check.text
    assert "secret" not in f"{check}"


def test_tokens_that_are_not_sent_to_the_agents_page() -> None:
    transport = Api({"/v2/": HOME})
    assert found(transport, None)["token"].text == "there is none"
    assert found(transport, SetupError("No file."))["token"].remedy == "No file."
    account = found(transport, Token("x", "account"))["token"]
    assert account.state == "ok"
    assert f"registers {LIVE.call_sign}" in account.text
    assert {request.path for request in transport.asked} == {"/v2/", "/sim/clock"}
    assert "no answer: [Errno 111] refused" in found(transport)["token"].text


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 1), "fail"), ((3, 11, 0), "ok"), ((3, 14, 0), "warn")]
)
def test_the_interpreter(version: tuple[int, ...], state: str) -> None:
    assert checks.python_version(version).state == state


def test_where_settings_come_from() -> None:
    env = {"FLEET_SHIPS": "3", "FLEET_OTHER": "x"}
    assert checks.configuration(Config(), Path("/x/fleet.toml"), env).text == (
        "/x/fleet.toml, FLEET_SHIPS"
    )
    assert "all defaults" in checks.configuration(Config(), None, {}).text
    assert checks.configuration(UsageError("Bad."), None, {}).remedy == "Bad."


def states(folder: Path) -> dict[str, str]:
    return {check.name: check.state for check in checks.data_dir(folder)}


def test_a_data_folder_that_is_there_or_can_be_made(tmp_path: Path) -> None:
    assert states(tmp_path) == {"data folder": "ok", "lock": "ok", "disk": "ok"}
    deep = tmp_path / "a" / "b"
    text = next(iter(checks.data_dir(deep))).text
    assert text == f"{deep} (will be made)"
    assert not deep.exists()


def test_a_data_folder_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert states(file / "x") == {"data folder": "fail"}
    monkeypatch.setattr("os.access", lambda *_: False)
    assert states(tmp_path) == {"data folder": "fail"}


def test_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "fleet.lock"
    path.write_text("4711\n")
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert [check.text for check in checks.data_dir(tmp_path)][1] == "held by process 4711"
    assert "left by a fleet that was killed" in [x.text for x in checks.data_dir(tmp_path)][1]


@pytest.mark.parametrize(("free", "state"), [(1 << 20, "fail"), (500 << 20, "warn")])
def test_little_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    usage = type("Usage", (), {"free": free})()
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert states(tmp_path)["disk"] == state


def test_the_database(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    assert "will be made" in checks.database(config).text
    assert list(tmp_path.iterdir()) == []
    open_store(config.database_url).close()
    assert "has schema 0" in checks.database(config).text
    broken = tmp_path / "broken.sqlite"
    broken.write_text("no database")
    check = checks.database(Config(database=f"sqlite:///{broken}"))
    assert check.state == "fail"
    assert "is not a SQLite database" in check.text


def answering(result: Status | Exception) -> Callable[[], Status]:
    def ask() -> Status:
        if isinstance(result, Exception):
            raise result
        return result

    return ask


def test_the_control_socket(tmp_path: Path) -> None:
    assert checks.control_socket(tmp_path).text == "no fleet runs here"
    up = Status(process=ProcessStatus(pid=7, uptime_s=60))
    seen = checks.control_socket(tmp_path, answering(up))
    assert seen.text == "a fleet answers: process 7, up 1m 00s"
    assert checks.control_socket(tmp_path, answering(SetupError("Hangs."))).state == "fail"


def test_the_doctor_looks_at_everything(tmp_path: Path) -> None:
    names = [check.name for check in examine(Attempt(Config(data_dir=tmp_path), None), {})]
    assert names == [
        "python",
        "configuration",
        "data folder",
        "lock",
        "disk",
        "database",
        "control socket",
        "api",
        "token",
    ]
    assert len(list(examine(Attempt(UsageError("Bad."), None), {}))) == 2
