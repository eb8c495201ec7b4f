"""The simulator as a process of its own: HTTP, signals, kills."""

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from fleet.protocol.errors import SetupError, UsageError
from fleet.simulator import service
from fleet.simulator.accounts import new_account_token
from fleet.simulator.clock import steady
from fleet.simulator.opening import make_clock, open_world
from fleet.simulator.service import SimulatorServer, bind, serve
from fleet.simulator.settings import SimSettings

SERVER = """
import socket
import sys

import msgspec

from fleet.simulator.service import serve
from fleet.simulator.settings import SimSettings

text, listener = sys.argv[1:]
settings = msgspec.json.decode(text, type=SimSettings, dec_hook=lambda kind, text: kind(text))
taken = socket.socket(fileno=int(listener)) if listener else None
serve(settings, taken, lambda address: print(address, flush=True))
print("ended", flush=True)
"""


class Served:
    """A simulator process and a client of it."""

    def __init__(self, folder, listener=None, **settings):
        text = json.dumps({"data_dir": str(folder), "limits": "off"} | settings)
        given = [listener.fileno()] if listener else []
        command = [sys.executable, "-c", SERVER, text, "".join(map(str, given))]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=given)
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:")
        self.token = None

    def connect(self):
        parts = urlsplit(self.address)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=40)

    def call(self, method, path, body=None, connection=None):
        own = connection or self.connect()
        head = {"Content-Type": "application/json"}
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        try:
            own.request(method, path, json.dumps(body) if body is not None else None, head)
            answer = own.getresponse()
            content = answer.read()
            return answer, json.loads(content) if content else None
        finally:
            if connection is None:
                own.close()

    def register(self, symbol="ABC"):
        body = {"symbol": symbol, "faction": "COSMIC"}
        self.token = self.call("POST", "/v2/register", body)[1]["data"]["token"]

    def state(self):
        return self.call("GET", "/sim/state")[1]["hash"]

    def kill(self):
        self.process.kill()
        self.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        rest = self.process.stdout.read()
        self.close()
        return rest

    def close(self):
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture
def served(tmp_path):
    """Start simulators on one folder; whatever still runs at the end is killed."""
    processes = []

    def start(**settings):
        processes.append(Served(tmp_path / "world", **settings))
        return processes[-1]

    yield start
    for one in processes:
        if one.process.poll() is None:
            one.kill()


def busy(server, rounds):
    """Send commands over one connection."""
    connection = server.connect()
    statuses = []
    for step in range(rounds):
        path = f"/v2/my/ships/ABC-1/{'orbit' if step % 2 else 'dock'}"
        statuses.append(server.call("POST", path, connection=connection)[0].status)
    connection.close()
    return statuses


def test_a_kill_loses_nothing_that_was_answered(served):
    first = served()
    first.register()
    assert set(busy(first, 50)) == {200}
    before = first.state()
    clock = first.call("GET", "/sim/clock")[1]["game"]
    first.kill()
    again = served(speed=1)
    again.token = first.token
    assert again.state() == before
    assert clock <= again.call("GET", "/sim/clock")[1]["game"] < clock + 30
    assert again.call("GET", "/v2/my/agent")[1]["data"]["symbol"] == "ABC"


def test_a_kill_in_the_midst_of_commands_leaves_a_whole_world(served):
    first = served()
    first.register()
    done = []

    def hammer():
        with closing(first.connect()) as connection, suppress(OSError, http.client.HTTPException):
            for number in range(10_000):
                body = {"symbol": f"AGENT{number}", "faction": "VOID"}
                connection.request("POST", "/v2/register", json.dumps(body))
                connection.getresponse().read()
                done.append(number)
                if number == 20:
                    killed.set()

    killed = threading.Event()
    thread = threading.Thread(target=hammer)
    thread.start()
    assert killed.wait(20)
    first.kill()
    thread.join(20)
    again = served()
    total = again.call("GET", "/v2/agents?limit=1")[1]["meta"]["total"]
    assert len(done) + 1 <= total <= len(done) + 2


def test_sigterm_saves_and_ends_soon(served, tmp_path):
    first = served()
    first.register()
    idle = first.connect()
    first.call("GET", "/v2/", connection=idle)
    before = first.state()
    timer = threading.Timer(10.0, first.process.kill)
    timer.start()
    with closing(idle):
        assert first.stop() == "ended\n"
    timer.cancel()
    assert first.process.returncode == 0
    assert not list((tmp_path / "world").glob("log-*"))
    assert served().state() == before


def test_time_stands_still_while_the_process_is_down(served):
    first = served(speed=1000)
    first.register()
    began, before = steady(), first.call("GET", "/sim/clock")[1]["game"]
    first.stop()
    lived = steady() - began
    again = served(speed=0.001)
    after = again.call("GET", "/sim/clock")[1]["game"]
    assert before <= after <= before + 1000 * lived + 1


def test_game_time_runs_at_its_speed_in_every_stamp(served):
    server = served(speed=3600)
    answer, clock = server.call("GET", "/sim/clock")
    assert clock["speed"] == 3600
    assert float(answer.headers["X-Sim-Time"]) == clock["game"]
    assert answer.headers["Date"].endswith(" GMT")
    assert server.call("GET", "/sim/clock")[1]["game"] > clock["game"]


def test_requests_over_http_as_clients_send_them(served):
    server = served()
    server.register()
    connection = server.connect()
    answer, body = server.call("GET", "/v2", connection=connection)
    assert body["version"] == "v2.3.0"
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers.get_all("Date") is not None
    assert len(answer.headers.get_all("Date")) == 1
    assert server.call("GET", "/v2/my/ships/ABC-1/cooldown", connection=connection)[0].status == 204
    assert server.call("POST", "/v2//my/ships/ABC-1/orbit/", connection=connection)[0].status == 200
    _, page = server.call("GET", "/v2/factions?page=2&limit=5", connection=connection)
    assert page["meta"] == {"total": 19, "page": 2, "limit": 5}
    connection.request("OPTIONS", "/v2/my/agent", headers={"Origin": "http://localhost"})
    preflight = connection.getresponse()
    preflight.read()
    assert preflight.status == 204
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    connection.request("HEAD", "/v2/")
    head = connection.getresponse()
    assert (head.status, head.read()) == (200, b"")
    connection.request("POST", "/v2/register", body=b"\xff\xfe\x00")
    assert connection.getresponse().status == 422
    connection.close()


def test_a_body_of_any_size_is_answered(served):
    server = served()
    answer, _ = server.call("POST", "/v2/register", {"symbol": "A" * (3 << 20), "faction": "VOID"})
    assert answer.status == 422


def test_commands_on_one_ship_from_many_clients_have_effect_once_each(served):
    server = served()
    server.register()
    agent = server.call("GET", "/v2/my/agent")[1]["data"]
    body = {"symbol": "FUEL", "units": 1}

    def buy(_):
        return server.call("POST", "/v2/my/ships/ABC-1/purchase", body)[1]["data"]["transaction"]

    with ThreadPoolExecutor(8) as pool:
        paid = [row["totalPrice"] for row in pool.map(buy, range(30))]
    books = server.call("GET", "/sim/books?agent=ABC")[1]
    assert books["credits"] == agent["credits"] - sum(paid)
    assert books["cargo"] == {"FUEL": 30}
    assert books["transactions"] == 30


def test_an_inherited_listener_is_served(tmp_path):
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        server = Served(tmp_path / "world", listener=listener)
        assert server.address == f"http://127.0.0.1:{port}"
    assert server.call("GET", "/v2/")[0].status == 200
    assert server.stop() == "ended\n"


def test_a_disk_without_room_for_the_address_keeps_nobody_from_playing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def answers(address):
        told.append(address)
        server.should_exit = True

    monkeypatch.setattr(service, "write_address", full)
    settings, told = SimSettings(data_dir=tmp_path, systems=1), []
    opened = open_world(settings, make_clock(settings))
    with bind("127.0.0.1", 0) as listener:
        server = SimulatorServer(settings, opened, opened.simulator, listener, answers)
        server.run([listener])
    opened.keeper.close()
    assert len(told) == 1
    assert server.fault is None


def test_a_port_in_use_is_one_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SetupError, match="Can't listen on"):
            serve(SimSettings(port=other.getsockname()[1]), None, print)


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_that_is_none_is_refused(speed):
    with pytest.raises(UsageError, match="speed"):
        serve(SimSettings(speed=speed), None, print)


def test_a_world_in_use_is_refused_with_its_owner(served, tmp_path):
    first = served()
    with pytest.raises(SetupError, match=f"in use by process {first.process.pid}"):
        serve(SimSettings(data_dir=tmp_path / "world"), None, print)


def test_strict_registration_with_a_token_from_the_command_line(served, tmp_path):
    token = new_account_token(tmp_path / "world")
    server = served(strict=True)
    body = {"symbol": "ABC", "faction": "COSMIC"}
    assert server.call("POST", "/v2/register", body)[0].status == 401
    server.token = token
    assert server.call("POST", "/v2/register", body)[0].status == 201
    server.token = new_account_token(tmp_path / "world")
    assert server.call("POST", "/v2/register", body | {"symbol": "DEF"})[0].status == 201
    assert oct((tmp_path / "world" / "key").stat().st_mode)[-3:] == "600"
