from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import GameTime, Monotonic, WallTime
from fleet.supervision.event_log import DirectEventLog, EventLog
from fleet.supervision.event_record import HEAD, LINE_LIMIT, encode_line, shorten
from fleet.supervision.line_writer import Stamp
from fleet.supervision.log_file import LogFile
from fleet.supervision.memory_event_log import MemoryEventLog
from fleet.supervision.rotation import Rotation, generations, rotated


class StoppedClock:
    def game(self) -> GameTime:
        return GameTime(1_782_003_600.5)

    def wall(self) -> WallTime:
        return WallTime(1_782_000_000.25)

    def monotonic(self) -> Monotonic:
        return Monotonic(7.0)


def stamp(process: str = "runtime", *, game: bool = False) -> Stamp:
    clock = StoppedClock()
    return Stamp(process=process, epoch=4, clock=clock, game=clock.game if game else None)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "supervision.jsonl"


def test_a_line_starts_with_its_head_in_order_and_then_has_the_keys(path: Path) -> None:
    log = EventLog(path, stamp(game=True))
    log.emit("actor.hung", level="warning", text="It hangs.", actor="/fleet/x", over_budget_ms=12)
    assert log.close(5)
    (line,) = records(path)
    assert list(line) == [*HEAD, "actor", "over_budget_ms"]
    assert line["t"] == "2026-06-21T00:00:00.250Z"
    assert line["game"] == "2026-06-21T01:00:00.500Z"
    assert (line["seq"], line["process"], line["epoch"]) == (1, "runtime", 4)
    assert (line["level"], line["event"], line["text"]) == ("warning", "actor.hung", "It hangs.")


def test_without_a_game_clock_or_before_its_first_fit_there_is_no_game_time(path: Path) -> None:
    def unfitted() -> float:
        raise RuntimeError("not fitted")

    log = EventLog(path, Stamp(process="runtime", epoch=1, clock=StoppedClock(), game=unfitted))
    log.emit("fleet.started")
    assert log.close(5)
    assert "game" not in records(path)[0]


def test_every_event_of_many_threads_is_written_once_with_rising_numbers(path: Path) -> None:
    log = EventLog(path, stamp())
    threads = [
        threading.Thread(
            target=lambda name=name: [log.emit("a.done", who=name, n=n) for n in range(200)]
        )
        for name in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.close(10)
    lines = records(path)
    assert [line["seq"] for line in lines] == list(range(1, 1601))
    for name in range(8):
        assert [line["n"] for line in lines if line["who"] == name] == list(range(200))


def test_flush_waits_until_the_line_stands_in_the_file(path: Path) -> None:
    log = EventLog(path, stamp())
    log.emit("fleet.started")
    assert log.flush(5)
    assert records(path)[0]["event"] == "fleet.started"
    assert log.close(5)


@pytest.mark.parametrize("level", ["debug", "info"])
def test_events_that_can_wait_are_written_a_moment_later_and_in_order(
    path: Path, level: str
) -> None:
    log = EventLog(path, stamp())
    for number in range(3):
        log.emit("ship.seen", level=level, number=number)
    log.emit("ship.lost", level="warning", number=3)
    log.emit("ship.seen", level=level, number=4)
    pause = threading.Event()
    for _ in range(3_000):
        if path.exists() and path.read_bytes().count(b"\n") == 5:
            break
        pause.wait(0.01)
    assert [record["number"] for record in records(path)] == [0, 1, 2, 3, 4]
    log.emit("ship.seen", level=level, number=5)
    assert log.close(30)
    assert records(path)[-1]["number"] == 5


def test_the_log_is_readable_by_its_owner_only(path: Path) -> None:
    log = DirectEventLog(path, stamp())
    log.emit("fleet.started")
    log.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_long_stack_loses_its_middle_and_keeps_both_ends() -> None:
    stack = "first line\n" + "frame\n" * 5000 + "last line"
    line = encode_line({"t": "now", "event": "actor.hung", "text": "It hangs.", "stack": stack})
    read = json.loads(line)
    assert len(line) < LINE_LIMIT
    assert read["text"] == "It hangs."
    assert read["stack"].startswith("first line")
    assert read["stack"].endswith("last line")
    assert "characters left out" in read["stack"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    fields=st.dictionaries(st.text(st.characters(codec=None)), JSON, max_size=6),
    text=st.text(st.characters(codec=None), max_size=300),
    repeat=st.integers(1, 400),
)
def test_whatever_is_emitted_becomes_one_short_line_of_json(
    fields: dict[str, Any], text: str, repeat: int
) -> None:
    line = encode_line({"event": "a.done", "text": text * repeat} | fields | {"stack": text * 9})
    assert len(line) < LINE_LIMIT
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert isinstance(json.loads(line), dict)


@given(text=st.text(max_size=400), size=st.integers(0, 400))
def test_a_shortened_text_is_never_longer_than_asked_for(text: str, size: int) -> None:
    assert len(shorten(text, size)) <= size
    assert shorten(text, len(text)) == text


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_values_without_a_text_do_not_cost_the_line(path: Path) -> None:
    circle: list[Any] = []
    circle.append(circle)
    log = EventLog(path, stamp())
    log.emit("actor.crashed", what=Hostile(), circle=circle, big=10**30, path=path, ok=1)
    assert log.close(5)
    (line,) = records(path)
    assert line["what"] == "<Hostile without a text>"
    assert line["big"] == 10**30
    assert line["path"] == str(path)
    assert line["ok"] == 1


def test_a_key_that_the_head_uses_is_kept_under_another_name(path: Path) -> None:
    log = DirectEventLog(path, stamp())
    log.emit("process.started", process="simulator", seq=99)
    log.close()
    (line,) = records(path)
    assert (line["process"], line["process_"]) == ("runtime", "simulator")
    assert (line["seq"], line["seq_"]) == (1, 99)


def test_a_full_disk_is_counted_and_told_once_when_it_has_room_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, full = LogFile.append, True

    def limited(self: LogFile, line: bytes) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, line)

    monkeypatch.setattr(LogFile, "append", limited)
    log = EventLog(path, stamp())
    for _ in range(3):
        log.emit("actor.started")
    assert log.flush(5)
    full = False
    log.emit("actor.stopped")
    log.emit("actor.stopped")
    assert log.close(5)
    first, *others = records(path)
    assert (first["event"], first["dropped"], first["level"]) == ("events.dropped", 3, "error")
    assert "No space left" in first["text"]
    assert [line["event"] for line in others] == ["actor.stopped", "actor.stopped"]


def test_a_folder_that_is_missing_does_not_raise_into_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "later" / "supervision.jsonl"
    log = DirectEventLog(path, stamp())
    log.emit("process.started")
    path.parent.mkdir()
    log.emit("process.ready")
    log.close()
    assert [line["event"] for line in records(path)] == ["events.dropped", "process.ready"]


def test_more_than_the_queue_may_hold_is_dropped_and_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, released = threading.Event(), threading.Event()
    append = LogFile.append

    def slow(self: LogFile, line: bytes) -> None:
        entered.set()
        assert released.wait(30)
        append(self, line)

    monkeypatch.setattr(LogFile, "append", slow)
    log = EventLog(path, stamp(), max_queued=2)
    log.emit("a.done")
    assert entered.wait(30)
    for _ in range(5):
        log.emit("a.done")
    released.set()
    assert log.close(5)
    lines = records(path)
    assert sum(line["event"] == "a.done" for line in lines) == 3
    assert sum(line.get("dropped", 0) for line in lines) == 3


def test_half_a_line_of_a_dead_process_does_not_swallow_the_next(path: Path) -> None:
    path.write_bytes(b'{"t":"2026","ev')
    log = DirectEventLog(path, stamp())
    log.emit("process.started")
    log.close()
    half, whole = path.read_bytes().splitlines()
    assert half == b'{"t":"2026","ev'
    assert json.loads(whole)["event"] == "process.started"


LONG_LINES = """
import os, sys

fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
print("ready", flush=True)
while os.fstat(fd).st_size < 20_000_000:
    os.write(fd, b"{" + b" " * 9_000 + b"}\\n")
"""


def test_a_line_that_another_process_is_writing_is_not_taken_for_half_a_line(path: Path) -> None:
    path.touch()
    command = [sys.executable, "-c", LONG_LINES, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        while writer.poll() is None:
            file = LogFile(path)
            file.append(b"{}\n")
            file.close()
    assert b"\n\n" not in path.read_bytes()


def test_a_short_write_counts_as_lost_and_the_next_line_starts_afresh(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, short = os.write, True

    def partly(fd: int, data: bytes) -> int:
        return write(fd, data[:20] if short else data)

    log = DirectEventLog(path, stamp())
    monkeypatch.setattr("fleet.supervision.log_file.os.write", partly)
    log.emit("a.lost")
    short = False
    log.emit("a.kept")
    log.close()
    torn, dropped, kept = path.read_bytes().splitlines()
    assert len(torn) == 20
    assert json.loads(dropped)["dropped"] == 1
    assert json.loads(kept)["event"] == "a.kept"


def test_a_file_at_its_limit_is_set_aside_and_so_many_are_kept(path: Path) -> None:
    log = EventLog(path, stamp(), rotation=Rotation(limit=2000, keep=2))
    for number in range(100):
        log.emit("a.done", n=number, stack="x" * 100)
    assert log.close(5)
    assert generations(path) == [rotated(path, 2), rotated(path, 1), path]
    kept = [line["n"] for file in generations(path) for line in records(file)]
    assert kept == list(range(kept[0], 100))
    assert all(2000 <= file.stat().st_size < 2000 + LINE_LIMIT for file in generations(path)[:-1])


def test_another_writer_notices_a_rotation_and_goes_on_in_the_new_file(path: Path) -> None:
    guard = DirectEventLog(path, stamp("guard"))
    guard.emit("process.started")
    path.replace(rotated(path, 1))
    guard.emit("process.ready")
    guard.close()
    assert [line["event"] for line in records(rotated(path, 1))] == ["process.started"]
    assert [line["event"] for line in records(path)] == ["process.ready"]


WRITER = """
import sys
from pathlib import Path
from fleet.runtime.clocks import SystemClock
from fleet.supervision.event_log import EventLog
from fleet.supervision.line_writer import Stamp
from fleet.supervision.rotation import Rotation

path, name, rotates = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "yes"
log = EventLog(
    path,
    Stamp(process=name, epoch=1, clock=SystemClock()),
    rotation=Rotation(limit=20_000, keep=99) if rotates else None,
)
for number in range(500):
    log.emit("a.done", n=number, pad="x" * (number % 80))
sys.exit(0 if log.close(20) else 1)
"""


def test_processes_lose_and_mix_no_line_while_two_of_them_rotate(path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, rotates])
        for name, rotates in (("runtime", "yes"), ("successor", "yes"), ("guard", "no"))
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = [line for file in generations(path) for line in records(file)]
    assert len(generations(path)) > 3
    for name in ("runtime", "successor", "guard"):
        numbers = sorted(line["n"] for line in lines if line["process"] == name)
        assert numbers == list(range(500))


def test_memory_log_wakes_whoever_waits_for_that_event() -> None:
    log = MemoryEventLog()
    found: list[dict[str, Any] | None] = []
    waiter = threading.Thread(
        target=lambda: found.append(log.wait_for("child.restarted", 10, child="B", times=2))
    )
    waiter.start()
    for child in ("B", "A", "B"):
        log.emit("child.restarted", child=child, restarts=len(log.records()))
    waiter.join(30)
    assert found[0] is not None
    assert found[0]["restarts"] == 2
    assert log.wait_for("child.restarted", 0, child="C") is None


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_value_that_wants_to_end_the_program_ends_not_even_the_writing(
    path: Path, kind: type[BaseException]
) -> None:
    class Final:
        def __str__(self) -> str:
            raise kind

    log = EventLog(path, stamp())
    log.emit("actor.crashed", what=Final())
    assert log.flush(30)
    log.emit("actor.restarted")
    assert log.close(30)
    assert [line["event"] for line in records(path)] == ["actor.crashed", "actor.restarted"]
