"""A game in virtual time to test against; every answer is held against the server's own spec."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from fleet.protocol.clock import from_iso
from fleet.protocol.endpoints import ENDPOINTS
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import in_memory
from fleet.simulator.router import Router
from fleet.simulator.settings import SimSettings

SHARED = Path(__file__).resolve().parents[2] / "../shared"
START = 1_770_000_000.123
ROUTER = Router(ENDPOINTS)
TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def whole(path: Path) -> Any:
    """Read a JSON document with all that it refers to in other files."""

    def follow(value: Any) -> Any:
        if isinstance(value, list):
            return [follow(item) for item in value]
        if not isinstance(value, dict):
            return value
        target = value.get("$ref", "")
        if target.endswith(".json"):
            return whole(path.parent / target)
        return {key: follow(item) for key, item in value.items()}

    return follow(json.loads(path.read_text()))


class Spec:
    """A specification, as far as answers go: the server's own, or the published one."""

    def __init__(self, path: Path) -> None:
        self._document = whole(path)

    def knows(self, method: str, path: str) -> bool:
        """Whether it has an operation; the published one lacks five."""
        found = ROUTER.find(method, path.split("?")[0])
        return found is not None and method.lower() in self._document["paths"].get(
            found[0].path, {}
        )

    def check(self, method: str, path: str, status: int, body: Any) -> None:
        """Assert that a successful answer has the shape that the specification demands."""
        found = ROUTER.find(method, path.split("?")[0])
        assert found is not None
        answers = self._document["paths"][found[0].path][method.lower()]["responses"]
        assert str(status) in answers, f"{method} {path} may not answer {status}"
        content = answers[str(status)].get("content")
        if status == 204 or content is None:
            assert body is None
        else:
            self._fits(body, content["application/json"]["schema"], f"{method} {path}")

    def _fits(self, value: Any, schema: dict[str, Any], where: str) -> None:
        if "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].split("/")[-1]]
        for part in schema.get("allOf", []):
            self._fits(value, part, where)
        if value is None:
            assert schema.get("nullable"), f"{where} is null"
            return
        kind = schema.get("type")
        if kind:
            assert isinstance(value, TYPES[kind]), f"{where} is {value!r}, not {kind}"
            assert kind == "boolean" or not isinstance(value, bool), f"{where} is a boolean"
        self._within(value, schema, where)
        if isinstance(value, list):
            for index, item in enumerate(value):
                self._fits(item, schema["items"], f"{where}[{index}]")
        if isinstance(value, dict):
            self._fields(value, schema, where)

    def _within(self, value: Any, schema: dict[str, Any], where: str) -> None:
        if "enum" in schema:
            assert value in schema["enum"], f"{where} is {value!r}"
        if "minimum" in schema:
            assert value >= schema["minimum"], f"{where} is {value!r}"
        if "maximum" in schema:
            assert value <= schema["maximum"], f"{where} is {value!r}"
        if "minLength" in schema:
            assert len(value) >= schema["minLength"], f"{where} is {value!r}"
        if "maxLength" in schema:
            assert len(value) <= schema["maxLength"], f"{where} is {value!r}"
        if schema.get("format") == "date-time":
            stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
            assert re.fullmatch(stamp, value), f"{where} is {value!r}"

    def _fields(self, value: dict[str, Any], schema: dict[str, Any], where: str) -> None:
        for name in schema.get("required", []):
            assert name in value, f"{where} lacks {name}"
        known = schema.get("properties", {})
        for name, item in value.items():
            if name in known:
                self._fits(item, known[name], f"{where}.{name}")


@dataclass
class Reply:
    """An answer as a client sees it."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        """What a successful answer holds."""
        assert self.status < 300, self.body
        return self.body["data"]

    @property
    def error(self) -> dict[str, Any]:
        """What a refusal holds."""
        assert self.status >= 400, self.body
        return self.body["error"]

    @property
    def code(self) -> tuple[int, int]:
        """Status and code of a refusal."""
        return self.status, self.error["code"]


class Game:
    """A simulator in virtual time and a client of it."""

    def __init__(self, spec: Spec | None, **settings: Any) -> None:
        settings.setdefault("limits", "off")
        self.clock = VirtualClock(START)
        self.sim = in_memory(SimSettings(**settings), self.clock)
        self.world = self.sim.world
        self.token: str | None = None
        self._spec = spec

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        client: str = "10.0.0.1",
    ) -> HttpResponse:
        """Send a raw request; `path` may have a query."""
        path, _, query = path.partition("?")
        return self.sim.handle(
            HttpRequest(
                method=method,
                path=path,
                query=tuple(parse_qsl(query, keep_blank_values=True)),
                headers=headers or {},
                body=body,
            ),
            client,
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = "",
        client: str = "10.0.0.1",
    ) -> Reply:
        """Call an operation below `/v2` with JSON, as the registered agent by default."""
        headers = {}
        bearer = self.token if token == "" else token
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body).encode()
        answer = self.send(method, f"/v2{path}", content, headers, client)
        shown = json.loads(answer.body) if answer.body else None
        if answer.status < 300:
            self._check(method, path, answer.status, shown)
        return Reply(answer.status, shown, dict(answer.headers))

    def _check(self, method: str, path: str, status: int, shown: Any) -> None:
        """Hold an answer against the specification, and against our own client's models."""
        if self._spec:
            self._spec.check(method, path, status, shown)
        found = ROUTER.find(method, path.split("?")[0])
        assert found is not None
        endpoint = found[0]
        if shown is not None:
            msgspec.convert(shown["data"] if endpoint.wrapped else shown, endpoint.reply)

    def get(self, path: str, **how: Any) -> Reply:
        return self.call("GET", path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> Reply:
        return self.call("POST", path, body, **how)

    def patch(self, path: str, body: Any = None) -> Reply:
        return self.call("PATCH", path, body)

    def register(self, symbol: str = "ABC", faction: str = "COSMIC") -> Any:
        """Register an agent and go on as it."""
        data = self.post("/register", {"symbol": symbol, "faction": faction}, token=None).data
        self.token = data["token"]
        return data

    def act(self, ship: str, action: str, body: Any = None) -> Reply:
        """Let a ship do something."""
        return self.post(f"/my/ships/{ship}/{action}", body)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance_to(self.clock.now() + seconds)

    def role(self, name: str) -> str:
        """Find the waypoint of a role in the made-up system."""
        return next(row.symbol for row in self.world.waypoints.values() if row.role == name)

    def path_of(self, waypoint: str) -> str:
        """Tell the path of a waypoint."""
        return f"/systems/{waypoint.rpartition('-')[0]}/waypoints/{waypoint}"

    def fly(self, ship: str, to: str) -> None:
        """Send a ship somewhere and wait until it is there, in orbit."""
        self.act(ship, "orbit")
        nav = self.act(ship, "navigate", {"waypointSymbol": to}).data["nav"]
        self.clock.advance_to(from_iso(nav["route"]["arrival"]))

    def dock_at(self, ship: str, to: str) -> None:
        """Fly a ship somewhere and dock it."""
        if self.world.ships[ship].nav.waypoint != to:
            self.fly(ship, to)
        assert self.act(ship, "dock").status == 200

    def cool(self, ship: str) -> None:
        """Wait until a ship has cooled down."""
        self.clock.advance_to(self.world.ships[ship].cool_at)

    def credits(self, symbol: str = "ABC") -> int:
        return self.world.agents[symbol].credits


@pytest.fixture(scope="session")
def spec() -> Spec | None:
    """The server's specification, where it stands beside the checkout."""
    path = SHARED / "openapi/server-2025-06.json"
    return Spec(path) if path.exists() else None


@pytest.fixture(scope="session")
def published() -> Spec | None:
    """The published specification, where it stands beside the checkout."""
    path = SHARED / "openapi/reference/SpaceTraders.json"
    return Spec(path) if path.exists() else None


@pytest.fixture
def make_game(spec):
    """Make games with other settings."""
    return lambda **settings: Game(spec, **settings)


@pytest.fixture
def game(make_game) -> Game:
    """A game with one agent, ABC, who owns a frigate (ABC-1) and a probe (ABC-2)."""
    made = make_game()
    made.register()
    return made


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference folder beside the checkout."""
    if not SHARED.exists():
        pytest.skip("needs ../shared, the reference folder beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def captured(shared) -> Path:
    """A captured real system."""
    return shared / "real/starting_system_2025-04.json"
