"""Several agents and clients in one universe: apart from each other, and none starved."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from fleet.simulator.clock import RunningClock
from fleet.simulator.opening import in_memory
from fleet.simulator.service import SimulatorServer, bind
from fleet.simulator.settings import SimSettings

AGENTS = 4
ROUNDS = 40


@pytest.fixture
def served():
    """A served simulator that limits by account."""
    ready, listener = threading.Event(), bind("127.0.0.1", 0)
    settings = SimSettings(limits="account", speed=1000.0)
    simulator = in_memory(settings, RunningClock(1_770_000_000.0, 1000.0))
    server = SimulatorServer(settings, None, simulator, listener, lambda url: ready.set())
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    assert ready.wait(30)
    yield simulator, listener.getsockname()[1]
    server.should_exit = True
    thread.join(30)
    listener.close()


class Client:
    """One connection of one agent."""

    def __init__(self, port, symbol):
        self.symbol = symbol
        self.line = HTTPConnection("127.0.0.1", port, timeout=40)
        self.head = {"Content-Type": "application/json"}
        body = {"symbol": symbol, "faction": "COSMIC"}
        token = self.call("POST", "/v2/register", body)[1]["data"]["token"]
        self.head["Authorization"] = f"Bearer {token}"

    def call(self, method, path, body=None):
        content = json.dumps(body) if body is not None else None
        self.line.request(method, path, content, self.head)
        answer = self.line.getresponse()
        return answer.status, json.loads(answer.read())

    def busy(self):
        """Turn a ship to and fro; tell the statuses."""
        path = f"/v2/my/ships/{self.symbol}-1/"
        return [
            self.call("POST", path + ("orbit" if step % 2 else "dock"))[0] for step in range(ROUNDS)
        ]


def test_agents_play_at_once_and_each_gets_its_turn(served):
    simulator, port = served
    clients = [Client(port, f"AGENT{number}") for number in range(AGENTS)]
    with ThreadPoolExecutor(AGENTS) as pool:
        results = list(pool.map(Client.busy, clients))
    for client in clients:
        client.line.close()
    # Every one has its own allowance of 2 a second and 30 a minute at 1,000 game seconds a second.
    assert all(statuses.count(200) > ROUNDS // 2 for statuses in results)
    assert {status for statuses in results for status in statuses} <= {200, 429}
    assert len(simulator.world.agents) == AGENTS


def test_nobody_touches_what_is_another_s(game):
    mine = game.token
    other = game.post("/register", {"symbol": "RIVAL", "faction": "COSMIC"}, token=None)
    game.token = other.data["token"]
    for path, method in (
        ("/my/ships/ABC-1", "GET"),
        ("/my/ships/ABC-1/orbit", "POST"),
        ("/my/ships/ABC-1/scrap", "POST"),
    ):
        assert game.call(method, path).code == (404, 404)
    assert [row["symbol"] for row in game.get("/my/ships").data] == ["RIVAL-1", "RIVAL-2"]
    assert "accountId" not in game.get("/agents/ABC").data
    game.token = mine
    assert game.get("/my/agent").data["shipCount"] == 2


def test_one_agent_s_trade_moves_the_price_for_all(game):
    at = game.role("HQ")
    market = game.world.markets[at]
    good = next(row.symbol for row in market.goods.values() if row.role == "IMPORT")
    game.post("/register", {"symbol": "RIVAL", "faction": "COSMIC"}, token=None)

    def bid():
        goods = game.get(f"{game.path_of(at)}/market").data["tradeGoods"]
        return next(row["sellPrice"] for row in goods if row["symbol"] == good)

    for ship in ("ABC-1", "RIVAL-1"):
        game.world.ships[ship].nav.waypoint = at
        game.world.ships[ship].nav.docked = True
    before = bid()
    units = min(40, market.goods[good].volume)
    game.world.ships["ABC-1"].cargo[good] = units
    game.act("ABC-1", "sell", {"symbol": good, "units": units})
    assert bid() < before
