"""What cannot be mended by starting again: it ends with a sentence, or a process is given up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.supervision.guard.lifeline import BOOT_FAILURE
from fleet.supervision.guard.spec import ProcessSpec

from .programs import QUICK, SERVE


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("sys.exit(life.boot_failed('Port 80 is taken; choose another one.'))", "Port 80 is taken"),
        (f"sys.exit({BOOT_FAILURE})", "simulator can't start"),
    ],
    ids=["with its reason", "by exit code alone"],
)
def test_a_boot_failure_ends_all_with_its_sentence(bench: Any, code: str, sentence: str) -> None:
    specs = bench.spec("simulator", code, critical=True), bench.spec("console", SERVE)
    assert bench.run(*specs) == 1
    assert len(bench.said) == 1
    assert sentence in bench.said[0]
    assert len(bench.log.records("process.started", child="simulator")) == 1
    assert not bench.log.records("process.restarted")
    assert bench.log.records("process.exited", child="console")


def test_a_boot_failure_of_a_side_process_later_on_ends_only_that_process(bench: Any) -> None:
    code = """
life.ready()
sys.exit(4) if first_time() else sys.exit(life.boot_failed("The port is taken."))
"""
    bench.stop_at("process.gave_up", child="dashboard")
    specs = (
        bench.spec("runtime", SERVE, critical=True),
        bench.spec("dashboard", code, after=("runtime",)),
    )
    assert bench.run(*specs) == 0
    assert bench.log.records("stop.requested")[0]["reason"] == "SIGINT came"
    assert bench.said == ["The port is taken; it is given up."]


def test_a_program_that_vanished_is_a_boot_failure(bench: Any, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/nonexistent/interpreter\n")
    program.chmod(0o755)
    assert bench.run(ProcessSpec(name="runtime", argv=(str(program),), critical=True)) == 1
    assert "runtime can't be started" in bench.said[0]


@pytest.mark.parametrize("critical", [True, False])
def test_a_process_that_dies_before_it_is_ready_again_and_again_is_given_up(
    bench: Any, critical: bool, tmp_path: Path
) -> None:
    bench.stop_at("process.gave_up", child="broken")
    code = "print('It lacks a tooth.', flush=True); sys.exit(5)"
    broken = bench.spec(
        "broken",
        code,
        critical=critical,
        attempts=3,
        backoff=QUICK,
        output=tmp_path / "broken.log",
    )
    assert bench.run(broken, bench.spec("other", SERVE)) == (1 if critical else 0)
    assert len(bench.log.records("process.exited", child="broken")) == 3
    assert "3 times in a row" in bench.said[0]
    assert "exit code 5: It lacks a tooth)" in bench.said[0]


def test_whoever_waits_for_a_process_that_never_gets_ready_is_given_up_too(bench: Any) -> None:
    first = bench.spec("first", "sys.exit(0)", restart="temporary")
    second = bench.spec("second", SERVE, after=("first",), critical=True)
    assert bench.run(first, second) == 1
    assert not bench.log.records("process.started", child="second")
    assert "second waits for first" in bench.said[0]
