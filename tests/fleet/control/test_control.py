"""Client and server of the control socket together, over a real socket."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.control.client import ControlClient, NotRunning
from fleet.control.place import socket_path
from fleet.control.server import CONNECTIONS_MOST, THREADS, ControlServer
from fleet.control.wire import LINE_MOST, BadRequest, decode_request, encode_request
from fleet.protocol.errors import FleetError, SetupError, UsageError
from fleet.supervision.guard.data_lock import DataLock


class Events:
    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def emit(self, event: str, *, level: str = "info", text: str = "", **fields: Any) -> None:
        self.seen.append((event, {"level": level, "text": text, **fields}))


Serve = Callable[..., ControlServer]


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def serve(tmp_path: Path, events: Events) -> Iterator[Serve]:
    servers: list[ControlServer] = []

    def start(
        handlers: Mapping[str, Any], folder: Path = tmp_path, owner: int | None = None
    ) -> ControlServer:
        server = ControlServer(socket_path(folder), handlers, events, owner=owner)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


def connect(folder: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect(str(socket_path(folder)))
    return client


def read_lines(client: socket.socket) -> list[dict[str, Any]]:
    """Read until the server closes."""
    data = b""
    while part := client.recv(65536):
        data += part
    return [json.loads(line) for line in data.splitlines()]


def test_a_call_gets_the_handlers_result(tmp_path: Path, serve: Serve) -> None:
    serve({"add": lambda arguments: {"sum": arguments["a"] + arguments["b"]}})
    assert ControlClient(tmp_path).call("add", a=2, b=3) == {"sum": 5}


def test_the_protocol_is_json_lines_with_a_version(tmp_path: Path, serve: Serve) -> None:
    serve({"echo": dict})
    with connect(tmp_path) as client:
        client.sendall(b'{"v":1,"id":7,"do":"echo","x":[1]}\n{"v":1,"id":8,"do":"echo"}\n')
        client.shutdown(socket.SHUT_WR)
        assert read_lines(client) == [
            {"v": 1, "id": 7, "ok": True, "result": {"x": [1]}},
            {"v": 1, "id": 8, "ok": True, "result": {}},
        ]


@pytest.mark.parametrize(
    ("raised", "expected"), [(UsageError, UsageError), (SetupError, SetupError)]
)
def test_a_refusal_reaches_the_client_as_the_same_error(
    tmp_path: Path, serve: Serve, raised: type[FleetError], expected: type[FleetError]
) -> None:
    def refuse(_: Mapping[str, Any]) -> None:
        raise raised("No actor is called /x.")

    serve({"chaos": refuse})
    with pytest.raises(expected, match=r"^No actor is called /x\.$"):
        ControlClient(tmp_path).call("chaos")


def test_a_handlers_bug_is_logged_and_the_server_goes_on(
    tmp_path: Path, serve: Serve, events: Events
) -> None:
    serve({"bad": lambda _: 1 / 0, "odd": lambda _: object(), "good": lambda _: "yes"})
    client = ControlClient(tmp_path)
    with pytest.raises(FleetError, match="failed at 'bad' \\(ZeroDivisionError\\)"):
        client.call("bad")
    with pytest.raises(FleetError, match="failed at 'odd' \\(TypeError\\)"):
        client.call("odd")
    assert client.call("good") == "yes"
    assert [name for name, _ in events.seen] == ["control.failed", "control.failed"]
    assert "1 / 0" in events.seen[0][1]["stack"]


def test_whatever_a_handler_raises_its_thread_goes_on(tmp_path: Path, serve: Serve) -> None:
    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    serve({"bad": interrupt, "good": lambda _: "yes"})
    client = ControlClient(tmp_path)
    for _ in range(2 * THREADS):
        with pytest.raises(FleetError, match="KeyboardInterrupt"):
            client.call("bad")
    assert client.call("good") == "yes"


class Mute(FleetError):
    """An error that fails at being told."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize("error", [ValueError("\udcff"), FleetError("\udcff"), Mute()])
def test_an_error_that_cannot_be_told_takes_no_thread_away(
    error: Exception, tmp_path: Path, serve: Serve
) -> None:
    def fail(_: Mapping[str, Any]) -> None:
        raise error

    serve({"fail": fail, "good": lambda _: "fine"})
    for _ in range(THREADS + 1):
        with pytest.raises(FleetError):
            ControlClient(tmp_path).call("fail")
    assert ControlClient(tmp_path).call("good") == "fine"


def test_a_machine_without_a_thread_left_is_told_and_the_server_goes_on(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve({"good": lambda _: "yes"})
    client = ControlClient(tmp_path)

    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with pytest.raises(FleetError, match="no thread left"):
            client.call("good")
    assert client.call("good") == "yes"


def test_an_unknown_request_suggests_the_nearest(tmp_path: Path, serve: Serve) -> None:
    serve({"status": lambda _: 1, "chaos": lambda _: 1})
    with pytest.raises(UsageError, match=r"cannot do 'statsu'; did you mean 'status'\?"):
        ControlClient(tmp_path).call("statsu")
    with pytest.raises(UsageError, match=r"it can do chaos, status\."):
        ControlClient(tmp_path).call("zzz")


def test_a_slow_handler_holds_up_nobody_else(tmp_path: Path, serve: Serve) -> None:
    entered, release = threading.Event(), threading.Event()

    def slow(_: Mapping[str, Any]) -> str:
        entered.set()
        release.wait(30)
        return "late"

    serve({"slow": slow, "quick": lambda _: "soon"})
    with connect(tmp_path) as waiting:
        waiting.sendall(encode_request("slow", {}))
        assert entered.wait(30)
        assert ControlClient(tmp_path).call("quick") == "soon"
        release.set()
        assert json.loads(waiting.recv(4096))["result"] == "late"


def test_no_more_handlers_run_at_once_than_there_are_threads(tmp_path: Path, serve: Serve) -> None:
    running: list[int] = []
    most: list[int] = []
    full, release = threading.Event(), threading.Event()
    lock = threading.Lock()

    def slow(_: Mapping[str, Any]) -> None:
        with lock:
            running.append(1)
            most.append(len(running))
            if len(running) == THREADS:
                full.set()
        release.wait(30)
        with lock:
            running.pop()

    serve({"slow": slow})
    clients = [connect(tmp_path) for _ in range(THREADS * 2)]
    for client in clients:
        client.sendall(encode_request("slow", {}))
    assert full.wait(30)
    release.set()
    for client in clients:
        assert json.loads(client.recv(4096))["ok"]
        client.close()
    assert max(most) == THREADS
    assert len(most) == THREADS * 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"status\n", "That is not a JSON object in one line."),
        (b"[1]\n", "That is not a JSON object in one line."),
        (b"\xff\xfe\n", "That is not a JSON object in one line."),
        (b'{"id":1,"do":"x"}\n', "speaks version 1 of the control protocol, not None"),
        (b'{"v":9,"id":1,"do":"x"}\n', "speaks version 1 of the control protocol, not 9"),
        (b'{"v":1,"id":1}\n', "'do' must name what to do."),
        (b'{"v":1,"id":"a","do":"x"}\n', "'id' must be a whole number."),
    ],
)
def test_a_malformed_line_is_answered_and_the_connection_closed(
    tmp_path: Path, serve: Serve, line: bytes, sentence: str
) -> None:
    serve({"x": lambda _: 1})
    with connect(tmp_path) as client:
        client.sendall(line)
        (reply,) = read_lines(client)
    assert reply["ok"] is False
    assert sentence in reply["error"]
    assert ControlClient(tmp_path).call("x") == 1


def test_an_endless_line_is_answered_and_the_connection_closed(
    tmp_path: Path, serve: Serve
) -> None:
    serve({"x": lambda _: 1})
    with pytest.raises(UsageError, match=f"takes at most {LINE_MOST} bytes"):
        ControlClient(tmp_path).call("x", junk="a" * 3 * LINE_MOST)
    assert ControlClient(tmp_path).call("x") == 1


def test_a_reply_larger_than_any_buffer_arrives_whole(tmp_path: Path, serve: Serve) -> None:
    text = "x" * 5_000_000
    serve({"big": lambda _: text})
    assert ControlClient(tmp_path).call("big") == text


def test_only_the_owner_may_read_or_write_the_socket(tmp_path: Path, serve: Serve) -> None:
    serve({})
    assert stat.S_IMODE(socket_path(tmp_path).stat().st_mode) == 0o600


def test_another_users_connection_is_refused(tmp_path: Path, serve: Serve, events: Events) -> None:
    called = threading.Event()
    serve({"x": lambda _: called.set()}, owner=os.geteuid() + 1)
    with pytest.raises(UsageError, match="Only the fleet's owner"):
        ControlClient(tmp_path).call("x")
    assert not called.is_set()
    assert events.seen[0][0] == "control.refused"


def test_a_silent_client_makes_room_for_a_newcomer(tmp_path: Path, serve: Serve) -> None:
    serve({"x": lambda _: 1})
    silent = [connect(tmp_path) for _ in range(CONNECTIONS_MOST)]
    try:
        assert ControlClient(tmp_path).call("x") == 1
        assert silent[0].recv(1) == b""
    finally:
        for client in silent:
            client.close()


def test_without_a_fleet_the_client_says_how_to_start_one(tmp_path: Path) -> None:
    sentence = f"No fleet runs on {tmp_path}; start one with `fleet run`."
    with pytest.raises(NotRunning) as raised:
        ControlClient(tmp_path).call("status")
    assert str(raised.value) == sentence
    with pytest.raises(NotRunning):
        ControlClient(tmp_path / "missing").call("status")


def test_while_a_guard_starts_the_runtime_anew_nobody_is_told_to_start_a_fleet(
    tmp_path: Path,
) -> None:
    with DataLock(tmp_path), pytest.raises(NotRunning, match="is starting its runtime; try again"):
        ControlClient(tmp_path).call("status")


def test_a_socket_left_by_a_dead_fleet_is_replaced(tmp_path: Path, serve: Serve) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(tmp_path)))
    with pytest.raises(NotRunning):
        ControlClient(tmp_path).call("x")
    serve({"x": lambda _: 1})
    assert ControlClient(tmp_path).call("x") == 1


def test_a_living_fleets_socket_is_left_alone(tmp_path: Path, serve: Serve) -> None:
    serve({"x": lambda _: "first"})
    with pytest.raises(SetupError, match=f"process {os.getpid()}\\) already answers"):
        serve({"x": lambda _: "second"})
    assert ControlClient(tmp_path).call("x") == "first"


def test_a_file_in_the_sockets_place_is_left_alone(tmp_path: Path, serve: Serve) -> None:
    socket_path(tmp_path).write_text("precious")
    with pytest.raises(SetupError, match="is in the way"):
        serve({})
    assert socket_path(tmp_path).read_text() == "precious"


def test_a_folder_too_deep_for_a_sockets_address_works(tmp_path: Path, serve: Serve) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    server = serve({"x": lambda _: 1}, deep)
    assert ControlClient(deep).call("x") == 1
    with pytest.raises(SetupError, match="already answers"):
        serve({}, deep)
    server.close()
    assert list(deep.iterdir()) == []


def test_a_missing_folder_is_a_setup_error(tmp_path: Path, serve: Serve) -> None:
    with pytest.raises(SetupError, match="cannot be made: No such file"):
        serve({}, tmp_path / "missing")


def test_closing_removes_the_socket_and_ends_the_thread(tmp_path: Path, serve: Serve) -> None:
    server = serve({"x": lambda _: 1})
    with connect(tmp_path) as idle:
        ControlClient(tmp_path).call("x")
        server.close()
        server.close()
        assert idle.recv(1) == b""
    assert not socket_path(tmp_path).exists()
    assert "control" not in {thread.name for thread in threading.enumerate()}


def test_closing_leaves_a_successors_socket(tmp_path: Path, serve: Serve, events: Events) -> None:
    first = serve({"x": lambda _: "first"})
    socket_path(tmp_path).unlink()
    serve({"x": lambda _: "second"})
    first.close()
    assert ControlClient(tmp_path).call("x") == "second"


def test_a_hung_fleet_is_told_from_a_missing_one(tmp_path: Path, serve: Serve) -> None:
    release = threading.Event()
    serve({"slow": lambda _: release.wait(30)})
    with pytest.raises(SetupError, match=r"did not answer within 0\.05 s"):
        ControlClient(tmp_path).call("slow", timeout=0.05)
    release.set()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.text(), st.dictionaries(st.text(), JSON, max_size=4), st.integers(0, 2**40))
def test_a_request_survives_the_wire(do: str, arguments: dict[str, Any], id_: int) -> None:
    plain = {key: value for key, value in arguments.items() if key not in ("v", "id", "do")}
    line = encode_request(do, plain, id_)
    assert line.count(b"\n") == 1
    read = decode_request(line)
    assert (read.id, read.do, dict(read.arguments)) == (id_, do, plain)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_line_breaks_the_decoder(line: bytes) -> None:
    with contextlib.suppress(BadRequest):
        assert isinstance(decode_request(line).do, str)
