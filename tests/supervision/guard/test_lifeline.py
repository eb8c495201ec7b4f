from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.supervision.guard.lifeline import (
    BEAT_FD,
    BOOT_FAILURE,
    DUMP_FILE,
    LIFE_FD,
    ORPHANED,
    RENEWAL,
    Lifeline,
)
from fleet.supervision.guard.reports import (
    Beat,
    BootFailed,
    Progress,
    Ready,
    Renew,
    ReportReader,
)


def lifeline_onto(writer: int) -> tuple[Lifeline, dict[str, str]]:
    environ = {BEAT_FD: str(writer), "HOME": "/"}
    return Lifeline.from_environment(environ), environ


def test_without_a_guard_everything_is_a_no_op() -> None:
    lifeline = Lifeline.from_environment({})
    lifeline.ready({"port": 1})
    lifeline.beat()
    assert not lifeline.guarded
    lifeline.progress()
    assert lifeline.boot_failed("no") == BOOT_FAILURE
    assert lifeline.renew("no") == RENEWAL


@pytest.mark.parametrize("text", ["", "x", "-1", "99999999999999", "873"])
def test_a_descriptor_that_is_not_open_means_no_guard(text: str) -> None:
    assert not Lifeline.from_environment({BEAT_FD: text, LIFE_FD: text}).guarded


def test_what_is_told_arrives_in_order_and_the_variables_are_gone() -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    lifeline, environ = lifeline_onto(writer)
    assert environ == {"HOME": "/"}
    assert not os.get_inheritable(writer)
    lifeline.ready({"port": 8080})
    lifeline.beat()
    lifeline.beat()
    lifeline.progress()
    assert lifeline.boot_failed("It rains.") == BOOT_FAILURE
    assert lifeline.renew("It is full of zombies.") == RENEWAL
    reports = list(ReportReader().feed(os.read(reader, 65536)))
    assert reports == [
        Ready({"port": 8080}),
        Beat(),
        Beat(),
        Progress(),
        BootFailed("It rains."),
        Renew("It is full of zombies."),
    ]
    os.close(reader)
    os.close(writer)


def test_a_beat_never_waits_for_a_guard_that_does_not_read() -> None:
    reader, writer = os.pipe()
    lifeline, _ = lifeline_onto(writer)
    for _ in range(200_000):
        lifeline.beat()
    assert select.select([], [writer], [], 0)[1] == []
    os.close(reader)
    lifeline.beat()
    os.close(writer)


def test_an_info_that_is_too_long_is_refused() -> None:
    reader, writer = os.pipe()
    lifeline, _ = lifeline_onto(writer)
    with pytest.raises(ValueError, match="4 KiB"):
        lifeline.ready({"text": "x" * 5000})
    os.close(reader)
    os.close(writer)


def test_reports_survive_any_cut_and_nonsense_counts_as_a_sign_of_life() -> None:
    reader = ReportReader()
    data = b'\n{"ready": {"a": 1}}\n[]\n{"ready": 3}\nnot json\n\xff\n{"boot_failed": "x"}\n'
    reports = [report for byte in data for report in reader.feed(bytes([byte]))]
    assert reports == [Beat(), Ready({"a": 1}), Beat(), Beat(), Beat(), Beat(), BootFailed("x")]


ORPHAN = """
import os, subprocess, sys, threading
from fleet.supervision.guard.lifeline import Lifeline
life = Lifeline.from_environment()
subprocess.Popen(["sleep", "1000"], pass_fds=(int(sys.argv[1]),))
life.ready()
threading.Event().wait()
"""


@pytest.mark.parametrize("leads", [True, False], ids=["leads its group", "does not"])
def test_the_process_ends_with_its_lifeline(tmp_path: Path, leads: bool) -> None:
    life, guard_end = os.pipe()
    beats, beat_end = os.pipe()
    held, holder = os.pipe()
    env = os.environ | {LIFE_FD: str(life), BEAT_FD: str(beat_end), DUMP_FILE: str(tmp_path / "d")}
    process = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(holder)],
        env=env,
        pass_fds=(life, beat_end, holder),
        start_new_session=leads,
    )
    for fd in (life, beat_end, holder):
        os.close(fd)
    assert select.select([beats], [], [], 10)[0]
    os.close(guard_end)
    assert process.wait(30) in {-signal.SIGKILL, ORPHANED}
    # Its own child holds the pipe's other end: it is gone exactly if this one led the group.
    assert bool(select.select([held], [], [], 5 if leads else 0)[0]) == leads
    os.close(beats)
    os.close(held)
