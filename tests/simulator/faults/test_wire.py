"""Faults that strike the connection, on a real server."""

import contextlib
import http.client
import json
import socket
import threading
from urllib.parse import urlsplit

import pytest

from fleet.simulator.clock import RunningClock, steady
from fleet.simulator.opening import in_memory
from fleet.simulator.service import SimulatorServer, bind
from fleet.simulator.settings import SimSettings

READ = "/v2/systems"
ORBIT = "/v2/my/ships/ABC-1/orbit"


class Server:
    """A simulator that serves from a thread of this process."""

    def __init__(self):
        ready = threading.Event()
        listener = bind("127.0.0.1", 0)
        settings = SimSettings(limits="off", speed=100.0)
        self.simulator = in_memory(settings, RunningClock(1_770_000_000.0, 100.0))
        self._server = SimulatorServer(
            settings, None, self.simulator, listener, lambda url: ready.set()
        )
        self._listener = listener
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()
        assert ready.wait(30)
        self.address = listener.getsockname()[:2]
        self.token = None
        body = {"symbol": "ABC", "faction": "COSMIC"}
        self.token = self.call("POST", "/v2/register", body)["data"]["token"]

    def connect(self, timeout=40):
        return http.client.HTTPConnection(*self.address, timeout=timeout)

    def send(self, connection, method, path, body=None):
        head = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection.request(method, path, json.dumps(body) if body else None, head)
        return connection.getresponse()

    def call(self, method, path, body=None):
        with contextlib.closing(self.connect()) as connection:
            return json.loads(self.send(connection, method, path, body).read())

    def arm(self, fault):
        return self.call("POST", "/sim/faults", {"fault": fault})["id"]

    def docked(self):
        return self.simulator.world.ships["ABC-1"].nav.docked

    def stop(self):
        self._server.should_exit = True
        self._thread.join(30)
        self._listener.close()


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _clean(server):
    yield
    server.call("DELETE", "/sim/faults")
    server.simulator.world.ships["ABC-1"].nav.docked = True


@pytest.mark.parametrize(("when", "docked"), [("before", True), ("after", False)])
def test_a_reset_connection_is_an_error_before_or_after_the_effect(server, when, docked):
    server.arm(f"connection-reset:when={when},op=orbit-ship")
    connection = server.connect()
    with contextlib.closing(connection), pytest.raises(ConnectionResetError):
        server.send(connection, "POST", ORBIT)
    assert server.docked() is docked


@pytest.mark.parametrize(("when", "docked"), [("before", True), ("after", False)])
def test_a_half_open_socket_is_silent(server, when, docked):
    server.arm(f"half-open:when={when},op=orbit-ship")
    # Long enough for the effect, on a busy machine too.
    with contextlib.closing(server.connect(timeout=2.0)) as connection:
        with pytest.raises(socket.timeout):
            server.send(connection, "POST", ORBIT)
        assert connection.sock is None or connection.sock.fileno() >= 0
    assert server.docked() is docked


def test_the_server_goes_on_beside_silent_sockets(server):
    server.arm("half-open:op=orbit-ship")
    silent = [server.connect() for _ in range(5)]
    for connection in silent:
        connection.request("POST", ORBIT, headers={"Authorization": f"Bearer {server.token}"})
    assert server.call("GET", READ)["meta"]["total"] >= 1
    for connection in silent:
        connection.close()


def test_a_cut_reply_ends_in_the_middle_after_the_effect(server):
    server.arm("cut:op=orbit-ship")
    with contextlib.closing(server.connect()) as connection:
        answer = server.send(connection, "POST", ORBIT)
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    assert not server.docked()


def test_legs_take_game_time_at_the_speed_of_the_game(server):
    server.arm("latency:request=10000,reply=20000")
    began = steady()
    server.call("GET", READ)
    assert 0.29 <= steady() - began < 5
    fault = server.call("GET", "/sim/faults")["faults"][0]
    assert fault["hits"] == 1


def test_others_are_served_while_one_request_is_on_its_way(server):
    server.arm("latency:request=300000,op=get-my-agent")
    slow = server.connect()
    slow.request("GET", "/v2/my/agent", headers={"Authorization": f"Bearer {server.token}"})
    began = steady()
    server.call("GET", READ)
    assert steady() - began < 2.5
    assert slow.getresponse().status == 200
    slow.close()


def test_what_the_server_gets_with_a_front_s_page_is_still_http(server):
    server.arm("limited-html:count=1")
    with contextlib.closing(server.connect()) as connection:
        first = server.send(connection, "GET", READ)
        assert (first.status, first.getheader("X-RateLimit-Type")) == (429, None)
        assert first.read().startswith(b"<!doctype html>")
        second = server.send(connection, "GET", READ)
        assert (second.status, json.loads(second.read())["meta"]["page"]) == (200, 1)


def test_urls_of_the_door_are_told_by_the_server(server):
    kinds = server.call("GET", "/sim/faults")["kinds"]
    assert {"latency", "half-open", "universe-reset"} <= {row["name"] for row in kinds}
    assert urlsplit("http://x/sim/faults").path == "/sim/faults"
