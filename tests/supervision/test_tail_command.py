"""The command that shows the log, and follows it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from fleet.cli import main
from fleet.cli.tail import parse_since
from fleet.protocol.errors import UsageError
from fleet.runtime.clocks import VirtualClock
from fleet.supervision.event_log import LOG_NAME, DirectEventLog
from fleet.supervision.line_writer import Stamp
from fleet.supervision.rotation import rotated

from .log_bytes import append, line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    for key in [key for key in os.environ if key.startswith("FLEET_")]:
        monkeypatch.delenv(key)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def fleet(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["tail", "--data-dir", "data", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_shows_the_last_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append(folder / LOG_NAME, *(line(n) for n in range(50)))
    assert fleet("-n", "2") == 0
    assert [row.split()[-1] for row in capsys.readouterr().out.splitlines()[1:]] == ["48.", "49."]
    assert fleet() == 0
    assert capsys.readouterr().out.count("Line") == 20
    assert fleet("--since", "2026-06-21T00:00:45+00:00") == 0
    assert capsys.readouterr().out.count("Line") == 5


def test_json_gives_the_lines_as_they_are_and_malformed_ones_as_json_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    append(folder / LOG_NAME, line(1), b"\x1b nonsense\n", line(2, level="error"))
    assert fleet("--json") == 0
    first, middle, last = capsys.readouterr().out.splitlines()
    assert first.encode() + b"\n" == line(1)
    assert json.loads(middle) == {"malformed": "\x1b nonsense"}
    assert json.loads(last)["seq"] == 2
    assert fleet("--json", "--level", "error") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_without_a_log_it_says_so_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fleet() == 1
    said = capsys.readouterr().err
    assert "no supervision log" in said
    assert "fleet run" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--level", "loud"), "debug, info"),
        (("--since", "yesterday"), "10m"),
        (("-n", "-3"), "-n"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], part: str
) -> None:
    append(folder / LOG_NAME, line(1))
    assert fleet(*arguments) == 2
    assert part in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("10m", 600),
        ("90", 90),
        ("00:30", 1800),
        ("23:00", 7200),
        ("2026-07-04T00:00", 3600),
        ("2026-07-03T22:00:00Z", 3600),
    ],
)
def test_since_reads_durations_times_of_day_and_instants(text: str, ago: float) -> None:
    now = datetime(2026, 7, 4, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert parse_since(text, now) == now.timestamp() - ago


def test_since_refuses_what_it_does_not_understand() -> None:
    with pytest.raises(UsageError, match="soon"):
        parse_since("soon", datetime(2026, 7, 4, tzinfo=UTC))


class Following:
    """`fleet tail --follow` as a process, and its rows as they come."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fleet", "tail", "-f", "--data-dir", str(folder), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        self.rows: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for row in self.process.stdout:
            self.rows.put(row)

    def end(self) -> None:
        self.process.kill()
        self.process.wait(30)
        self._reader.join(30)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def follow(folder: Path) -> Iterator[Following]:
    following = Following(folder, "--json")
    yield following
    following.end()


def test_following_waits_for_the_log_crosses_a_rotation_and_ends_quietly_on_ctrl_c(
    folder: Path, follow: Following, clock: VirtualClock
) -> None:
    assert follow.process.stderr is not None
    assert "waiting" in follow.process.stderr.readline()
    path = folder / LOG_NAME
    log = DirectEventLog(path, Stamp(process="guard", epoch=1, clock=clock))
    for number in range(6):
        if number % 2:
            path.replace(rotated(path, 1))
        log.emit("a.done", n=number)
        assert json.loads(follow.rows.get(timeout=40))["n"] == number
    log.close()
    follow.process.send_signal(2)
    assert follow.process.wait(30) == 0
    assert follow.process.stderr.read() == ""


def test_following_ends_quietly_when_its_reader_goes(folder: Path) -> None:
    append(folder / LOG_NAME, line(1))
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "fleet", "tail", "-f", "--data-dir", str(folder)],
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    os.close(writer)
    assert b"---" in os.read(reader, 4096)
    # Nothing more is written to the log: it has to notice all the same.
    os.close(reader)
    _, said = process.communicate(timeout=40)
    assert process.returncode == 0
    assert said == b""


def test_people_see_debug_events_only_when_they_ask_for_them(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    head = '{"t":"2026-07-04T13:05:22.000Z","seq":1,"process":"runtime","epoch":1,"level":'
    lines = [f'{head}"debug","event":"task.ended","text":"too much"}}']
    lines += [f'{head}"info","event":"ship.bought","text":"worth it"}}', "half a li"]
    (tmp_path / "supervision.jsonl").write_text("\n".join(lines) + "\n")

    def tail(*arguments):
        with pytest.raises(SystemExit):
            main(["tail", *arguments])
        return capsys.readouterr().out

    assert "worth it" in tail()
    assert "too much" not in tail()
    assert "??" in tail()
    assert "too much" in tail("--level", "debug")
    assert "too much" in tail("--json")
