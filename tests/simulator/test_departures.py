"""The departure feed, as a websocket client hears it."""

import http.client
import json
import threading

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import RunningClock
from fleet.simulator.feed import Feed
from fleet.simulator.opening import in_memory
from fleet.simulator.service import SimulatorServer, bind
from fleet.simulator.settings import SimSettings


@pytest.fixture
def served():
    """A served simulator with an agent: (simulator, port, token)."""
    ready, listener = threading.Event(), bind("127.0.0.1", 0)
    settings = SimSettings(limits="off")
    simulator = in_memory(settings, RunningClock(1_770_000_000.0))
    body = json.dumps({"symbol": "ABC", "faction": "COSMIC"}).encode()
    made = simulator.handle(HttpRequest(method="POST", path="/v2/register", body=body), "")
    token = json.loads(made.body)["data"]["token"]
    server = SimulatorServer(settings, None, simulator, listener, lambda url: ready.set())
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    assert ready.wait(30)
    yield simulator, listener.getsockname()[1], token
    server.should_exit = True
    thread.join(30)
    listener.close()


def listening(port, token):
    head = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"ws://127.0.0.1:{port}/v2/my/socket.io"
    return connect(url, additional_headers=head, open_timeout=40)


def test_listeners_of_a_system_hear_its_departures(served):
    simulator, port, token = served
    home = simulator.world.home
    with listening(port, token) as line:
        line.send(json.dumps({"action": "subscribe", "systemSymbol": home}))
        line.send("nonsense")
        # The answer to nonsense tells that the wish before it has been heard.
        assert json.loads(line.recv(timeout=40))["error"]["code"] == 3001
        goal = simulator.world.ships["ABC-2"].nav.waypoint
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        for action, body in (("orbit", None), ("navigate", {"waypointSymbol": goal})):
            content = json.dumps(body) if body else None
            connection.request("POST", f"/v2/my/ships/ABC-1/{action}", content, head)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()
        heard = json.loads(line.recv(timeout=40))
    assert heard["event"] == f"systems.{home}.departure"
    assert heard["data"]["shipSymbol"] == "ABC-1"
    assert heard["data"]["destinationSymbol"] == goal


@pytest.mark.parametrize("token", [None, "garbage"])
def test_strangers_hear_nothing(served, token):
    _, port, _ = served
    with pytest.raises(InvalidStatus) as refused:
        listening(port, token)
    assert refused.value.response.status_code == 403


def test_a_plain_request_is_told_to_upgrade(game):
    assert game.get("/my/socket.io").code == (426, 426)


def test_who_has_left_or_listens_elsewhere_hears_nothing():
    feed, heard = Feed(), []
    feed.subscribe("A", heard.append)
    feed.subscribe("A", heard.append)
    feed.publish("A", {"n": 1})
    feed.publish("B", {"n": 2})
    feed.unsubscribe("A", heard.append)
    feed.publish("A", {"n": 3})
    assert heard == [{"n": 1}]
    assert not feed.listens("A")
