"""A guard over real processes: what dies, hangs or never gets ready is started again."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from fleet.protocol.clock import Monotonic
from fleet.protocol.errors import SetupError, UsageError
from fleet.runtime.clocks import SystemClock
from fleet.supervision.guard.guard import Guard
from fleet.supervision.guard.spec import ProcessSpec
from fleet.supervision.spec import Backoff

from .programs import CRASH_ONCE, HOLD_THE_GIL_ONCE, SERVE, STOP_BEATING_ONCE


def test_a_crashed_process_is_started_again_at_once(bench: Any, tmp_path: Path) -> None:
    bench.stop_at("process.ready", incarnation=2)
    output = tmp_path / "runtime.log"
    assert bench.run(bench.spec("runtime", CRASH_ONCE, output=output)) == 0
    assert bench.log.names("runtime") == [
        "process.started",
        "process.exited",
        "process.restarted",
        "process.ready",
        "process.exited",
    ]
    crash = bench.log.records("process.exited")[0]
    assert (crash["exit_code"], crash["backoff_s"], crash["level"]) == (3, 0.0, "error")
    assert crash["stack"] == "no way on"
    assert bench.log.records("process.restarted")[0]["restarts"] == 1


def test_a_segmentation_fault_leaves_its_stack_in_the_log(bench: Any) -> None:
    code = """
import faulthandler

def broken_extension():
    faulthandler._sigsegv()
if first_time():
    broken_extension()
serve()
"""
    bench.stop_at("process.ready")
    assert bench.run(bench.spec("runtime", code)) == 0
    crash = bench.log.records("process.exited")[0]
    assert crash["signal"] == signal.SIGSEGV
    assert "SIGSEGV" in crash["text"]
    assert "broken_extension" in crash["stack"]


def test_a_process_killed_by_the_system_is_told_from_one_killed_by_the_guard(bench: Any) -> None:
    code = "if first_time(): os.kill(os.getpid(), signal.SIGKILL)\nserve()"
    bench.stop_at("process.ready")
    assert bench.run(bench.spec("runtime", code)) == 0
    assert "short of memory" in bench.log.records("process.exited")[0]["text"]


@pytest.mark.parametrize(
    ("code", "frame"),
    [(STOP_BEATING_ONCE, "absent_minded"), (HOLD_THE_GIL_ONCE, "hog")],
    ids=["waiting", "GIL held in C"],
)
def test_a_process_without_beats_is_dumped_killed_and_replaced(
    bench: Any, code: str, frame: str
) -> None:
    bench.stop_at("process.ready", incarnation=2)
    assert bench.run(bench.spec("runtime", code, heartbeat=0.4)) == 0
    assert bench.log.names("runtime") == [
        "process.started",
        "process.ready",
        "process.stalled",
        "process.killed",
        "process.exited",
        "process.restarted",
        "process.ready",
        "process.exited",
    ]
    killed = bench.log.records("process.killed")[0]
    assert frame in killed["stack"]
    assert frame in Path(killed["dump"]).read_text()
    exited = bench.log.records("process.exited")[0]
    assert exited["signal"] == signal.SIGKILL
    assert "short of memory" not in exited["text"]


@pytest.mark.skipif(sys.platform != "linux", reason="signals to single threads are Linux's own")
def test_among_hundreds_of_threads_the_oldest_are_found_in_the_dump_too(bench: Any) -> None:
    """Python tells of a hundred threads; this one hangs in the very first of them."""
    code = """
def absent_minded():
    threading.Event().wait()
def idle():
    threading.Event().wait()
if first_time():
    for what in [absent_minded] + [idle] * 250:
        threading.Thread(target=what, daemon=True).start()
    life.ready()
    idle()
serve()
"""
    bench.stop_at("process.ready", incarnation=2)
    assert bench.run(bench.spec("runtime", code, heartbeat=1.0)) == 0
    killed = bench.log.records("process.killed")[0]
    assert "in absent_minded" in Path(killed["dump"]).read_text()
    assert "in absent_minded" in killed["stack"]
    assert re.search(r"2\d\d threads \(most", killed["stack"]), "the others are told once"


def test_a_stopped_process_is_killed_although_it_cannot_dump(bench: Any) -> None:
    code = """
if first_time():
    life.ready()
    os.kill(os.getpid(), signal.SIGSTOP)
serve()
"""
    bench.stop_at("process.ready", incarnation=2)
    assert bench.run(bench.spec("runtime", code, heartbeat=0.3)) == 0
    assert "stack" not in bench.log.records("process.killed")[0]


def test_a_process_that_never_gets_ready_is_killed_and_started_again(bench: Any) -> None:
    code = "if first_time(): threading.Event().wait()\nserve()"
    bench.stop_at("process.ready")
    assert bench.run(bench.spec("runtime", code, ready_timeout=1.0)) == 0
    assert "not ready after 1 s" in bench.log.records("process.stalled")[0]["text"]


def test_what_a_killed_process_had_started_is_killed_with_it(bench: Any) -> None:
    reader, writer = os.pipe()
    code = f"""
import subprocess
subprocess.Popen(["sleep", "1000"], pass_fds=({writer},))
life.ready()
os.close({writer})
sys.exit(0)
"""
    spec = bench.spec("host", code, restart="temporary", pass_fds=(writer,))
    assert bench.run(spec) == 0
    os.close(writer)
    # The end of file comes when the last holder, the grandchild, is gone.
    assert select.select([reader], [], [], 5)[0]
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_process_starts_when_those_before_it_are_ready(bench: Any) -> None:
    bench.stop_at("process.ready", child="runtime")
    runtime = bench.spec("runtime", SERVE, after=("simulator",))
    assert bench.run(runtime, bench.spec("simulator", SERVE)) == 0
    begun = [r["child"] for r in bench.log.records() if r["event"] == "process.started"]
    assert begun == ["simulator", "runtime"]
    ready = bench.log.records().index(bench.log.records("process.ready", child="simulator")[0])
    assert ready < bench.log.records().index(
        bench.log.records("process.started", child="runtime")[0]
    )


def test_the_clean_end_of_a_critical_process_stops_the_rest(bench: Any) -> None:
    done = bench.spec("runtime", "life.ready()", critical=True, after=("simulator",))
    assert bench.run(done, bench.spec("simulator", SERVE)) == 0
    assert bench.log.records("stop.requested")[0]["reason"] == "runtime is done"
    assert bench.log.records("process.exited", child="simulator")[0]["exit_code"] == 0
    assert not bench.log.records("process.restarted")
    assert bench.said == []


@pytest.mark.parametrize("restart", ["temporary", "transient"])
def test_a_side_process_that_is_done_stays_away_and_the_rest_goes_on(
    bench: Any, restart: str
) -> None:
    bench.stop_at("process.exited", child="console")
    console = bench.spec("console", "life.ready()", restart=restart, after=("runtime",))
    assert bench.run(bench.spec("runtime", SERVE), console) == 0
    assert [record["child"] for record in bench.log.records("process.exited")] == [
        "console",
        "runtime",
    ]


class JumpingClock(SystemClock):
    """Jumps ahead as the steady clock of a machine does whose lid was closed."""

    ahead = 0.0

    def monotonic(self) -> Monotonic:
        return Monotonic(super().monotonic() + self.ahead)

    def jump(self) -> None:
        self.ahead += 1000.0


def test_the_time_that_a_guard_stood_still_counts_for_nobodys_silence(bench: Any) -> None:
    clock = JumpingClock()
    code = STOP_BEATING_ONCE
    bench.log.on("process.ready", clock.jump, incarnation=1)
    bench.stop_at("process.ready", incarnation=2)
    assert bench.run(bench.spec("runtime", code, heartbeat=0.4), clock=clock) == 0
    # Spared at first, and then, when no beat came in the time that followed, stalled.
    names = [n for n in bench.log.names() if n in {"guard.suspended", "process.stalled"}]
    assert names[0] == "guard.suspended"
    assert names[-1] == "process.stalled"
    assert max(told["gap_s"] for told in bench.log.records("guard.suspended")) >= 1000
    assert "no beat came for 0." in bench.log.records("process.stalled")[0]["text"]


def test_a_guard_that_is_always_late_still_notices_a_stall(bench: Any) -> None:
    class Late(JumpingClock):
        """Two seconds are lost at each look at the folder, of which there is one in a turn."""

        def look(self) -> None:
            self.ahead += 2.0

    clock = Late()
    bench.stop_at("process.stalled")
    spec = bench.spec("runtime", STOP_BEATING_ONCE, heartbeat=2.0)
    assert bench.run(spec, clock=clock, lost=clock.look) == 0
    assert len(bench.log.records("guard.suspended")) >= 2
    assert bench.log.records("process.stalled")


def test_a_process_that_asks_for_it_is_started_anew_at_once_and_its_reason_told(
    bench: Any,
) -> None:
    code = """
if first_time():
    life.ready()
    sys.exit(life.renew("65 threads hang."))
serve()
"""
    bench.stop_at("process.ready", incarnation=2)
    assert bench.run(bench.spec("runtime", code, critical=True)) == 0
    exited = bench.log.records("process.exited")[0]
    assert (exited["level"], exited["reason"], exited["backoff_s"]) == (
        "warning",
        "65 threads hang.",
        0.0,
    )
    assert "asks to be started anew (65 threads hang)" in exited["text"]
    assert bench.said == []


def test_a_process_that_always_asks_for_it_waits_longer_and_longer(bench: Any) -> None:
    code = "life.ready()\nsys.exit(life.renew('Again.'))"
    bench.stop_at("process.exited", incarnation=4)
    backoff = Backoff(least=0.02, most=0.1, reset_after=60)
    assert bench.run(bench.spec("runtime", code, backoff=backoff)) == 0
    first, *later = (end["backoff_s"] for end in bench.log.records("process.exited")[:3])
    assert first == 0.0
    assert max(later) > 0.0


def test_when_the_ground_is_lost_everything_is_stopped_with_one_sentence(bench: Any) -> None:
    lost: list[str] = []
    bench.log.on("process.ready", lambda: lost.append("The folder was deleted."))
    code = bench.run(
        bench.spec("runtime", SERVE, critical=True), lost=lambda: lost[0] if lost else None
    )
    assert code == 1
    assert bench.said == ["The folder was deleted."]
    (stopped,) = bench.log.records("stop.requested")
    assert (stopped["level"], stopped["reason"]) == ("error", "The folder was deleted")
    assert bench.log.records("process.exited")[0]["exit_code"] == 0


def test_a_child_inherits_its_own_descriptors_and_no_others(bench: Any) -> None:
    code = """
stdin = sys.stdin.read()
left = sorted(key for key in os.environ if key.startswith("FLEET_GUARD"))
fds = sorted(int(fd) for fd in os.listdir("/proc/self/fd"))
links = {fd: f"/proc/self/fd/{fd}" for fd in fds}
kinds = {fd: os.readlink(link) for fd, link in links.items() if os.path.lexists(link)}
life.ready({"stdin": stdin, "left": left, "fds": kinds})
sys.exit(0)
"""
    leak = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(leak, True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        other = bench.spec("other", SERVE)
        spec = bench.spec(
            "simulator", code, stdin=b"secret", pass_fds=(server.fileno(),), critical=True
        )
        assert bench.run(other, spec) == 0
        info = bench.log.records("process.ready", child="simulator")[0]["info"]
        assert info["stdin"] == "secret"
        assert info["left"] == []
        beyond = {int(fd): what for fd, what in info["fds"].items() if int(fd) > 2}
        assert beyond.pop(server.fileno()).startswith("socket:")
        kinds = sorted(what.split(":")[0].split("/")[-1] for what in beyond.values())
        assert kinds == ["pipe", "pipe", "simulator.txt"]
    os.close(leak)


def test_a_listening_socket_outlives_the_process_that_served_it(bench: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"""
import socket
server = socket.socket(fileno={server.fileno()})
if first_time():
    life.ready()
    server.accept()
    os._exit(9)
peer, _ = server.accept()
peer.sendall(b"served")
serve()
"""
        first, second = socket.socket(), socket.socket()
        second.settimeout(10)
        with first, second:
            bench.log.on("process.ready", lambda: first.connect(address), incarnation=1)
            # At this moment nobody serves: the connection waits in the listening socket.
            bench.log.on("process.exited", lambda: second.connect(address), incarnation=1)
            bench.stop_at("process.ready", incarnation=2)
            address = server.getsockname()
            assert bench.run(bench.spec("simulator", code, pass_fds=(server.fileno(),))) == 0
            assert second.recv(10) == b"served"


def test_a_failure_of_the_guard_itself_leaves_no_process(bench: Any) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    bench.log.on("process.ready", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        bench.run(bench.spec("runtime", SERVE))
    pid = bench.log.records("process.started")[0]["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ([{"name": "a b"}], "short word"),
        ([{"argv": ()}], "empty"),
        ([{"heartbeat": 0.0}], "heartbeat"),
        ([{"ready_timeout": -1.0}], "ready_timeout"),
        ([{"attempts": 0}], "attempts"),
        ([{"backoff": Backoff(least=0)}], "backoff"),
        ([{"stdin": b"x" * 20_000}], "stdin"),
        ([{"stdin": b"x", "terminal": True}], "terminal"),
        ([{"pass_fds": (987,)}], "987"),
        ([{}, {}], "two processes"),
        ([{"after": ("nobody",)}], "nobody"),
        ([{"name": "x", "after": ("y",)}, {"name": "y", "after": ("x",)}], "wait for each other"),
    ],
)
def test_a_wrong_specification_is_refused_before_anything_starts(
    bench: Any, settings: list[dict[str, Any]], sentence: str
) -> None:
    specs = [ProcessSpec(**({"name": "a", "argv": ("true",)} | one)) for one in settings]
    with pytest.raises(UsageError, match=sentence):
        bench.run(*specs)
    assert bench.log.records() == []


def test_a_missing_program_is_refused_before_anything_starts(bench: Any) -> None:
    with pytest.raises(SetupError, match="no-such-program"):
        Guard(
            [ProcessSpec(name="a", argv=("no-such-program",))],
            log=bench.log,
            clock=bench.clock,
            rng=None,  # type: ignore[arg-type]
        )


def test_every_event_of_the_guard_and_the_log_is_documented() -> None:
    root = Path(__file__).resolve().parents[3]
    page = (root / "docs" / "events.md").read_text()
    sources = [*(root / "supervision" / "guard").glob("*.py"), root / "supervision/line_writer.py"]
    pattern = r'(?:emit|_tell|entry)\(\s*(?:self\._stamp, )?"([a-z_]+\.[a-z_]+)"'
    emitted = {name for path in sources for name in re.findall(pattern, path.read_text())}
    assert len(emitted) >= 14
    assert {name for name in emitted if f"`{name}`" not in page} == set()
