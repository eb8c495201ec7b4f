"""`fleet sim` as a user types it."""

import io
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from fleet.cli import main


@dataclass
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


def fleet(*arguments):
    """Run the command line to its end, in this process: starting one takes long."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    return Done(ended.value.code or 0, out.getvalue(), err.getvalue())


@pytest.fixture
def serving(tmp_path):
    """Start `fleet sim`; tell the process and the line that it prints."""
    command = [sys.executable, "-m", "fleet", "sim", "--port", "0", "--data-dir", tmp_path / "w"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process, process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)


def test_it_prints_the_url_to_point_a_bot_at(serving):
    process, url = serving
    assert url.endswith("/v2")
    with urllib.request.urlopen(url) as answer:
        assert json.load(answer)["version"] == "v2.3.0"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def test_account_prints_a_token_and_nothing_else(tmp_path):
    for order in (
        ("sim", "--data-dir", tmp_path, "account"),
        ("sim", "account", "--data-dir", tmp_path),
    ):
        done = fleet(*order)
        assert done.returncode == 0
        assert done.stdout.count(".") == 2
        assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("--port", "70000"), 2),
        (("--speed", "0"), 2),
        (("--clock", "sun"), 2),
        (("--scenario", "nonesuch"), 2),
        (("--universe", "/nowhere.json"), 1),
        (("--data-dir", "/proc/nowhere"), 1),
        (("--host", "256.1.1.1"), 1),
        (("--fault", "nonesuch"), 2),
        (("--faults", "/nowhere.txt"), 1),
    ],
)
def test_what_can_not_be_is_one_sentence(tmp_path, options, status):
    done = fleet("sim", "--port", "0", "--data-dir", tmp_path, *options)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.startswith("fleet: ")
    assert done.stderr.count("\n") == 1


def test_faults_are_armed_listed_and_taken_back_by_folder(serving, tmp_path):
    _, url = serving
    folder = ("--data-dir", tmp_path / "w")
    armed = fleet("sim", "fault", "status-502:op=get-status,count=1", "--for", "1h", *folder)
    assert armed.returncode == 0, armed.stderr
    assert "status-502" in armed.stdout
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(url):
        pass
    assert refused.value.code == 502
    refused.value.close()
    assert fleet("sim", "fault", "latency:request=1", "--url", url).returncode == 0
    listed = json.loads(fleet("sim", "fault", "--json", *folder).stdout)
    assert [row["name"] for row in listed["faults"]] == ["latency"]
    assert fleet("sim", "fault", "--clear", "all", *folder).stdout == "1 taken back.\n"
    wrong = fleet("sim", "fault", "latancy", *folder)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_a_reset_is_ordered_by_folder(serving, tmp_path):
    _, url = serving
    with urllib.request.urlopen(url) as answer:
        date = json.load(answer)["resetDate"]
    done = json.loads(fleet("sim", "reset", "--json", "--data-dir", tmp_path / "w").stdout)
    assert done["resetDate"] > date


def test_time_is_stopped_moved_and_let_run_from_the_command_line(serving, tmp_path):
    folder = ("--data-dir", tmp_path / "w")
    stopped = json.loads(fleet("sim", "pause", "--json", *folder).stdout)
    moved = json.loads(fleet("sim", "step", "90s", "--json", *folder).stdout)
    assert (moved["paused"], moved["game"]) == (True, stopped["game"] + 90)
    assert "it runs at speed" in fleet("sim", "resume", *folder).stdout
    for length in ("soon", "0s"):
        wrong = fleet("sim", "step", length, *folder)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        assert f"'{length}' is no step" in wrong.stderr


def test_worlds_that_are_not_there_are_not_carried(tmp_path):
    lost = fleet("sim", "export", tmp_path / "file", "--data-dir", tmp_path / "nothing")
    assert (lost.returncode, lost.stderr.count("\n")) == (1, 1)
    strange = fleet("sim", "import", tmp_path / "file", "--data-dir", tmp_path / "new")
    assert (strange.returncode, strange.stderr.count("\n")) == (1, 1)


def test_orders_to_a_simulator_that_is_not_there_are_one_sentence(tmp_path):
    for order in (("fault",), ("reset",), ("fault", "--url", "http://127.0.0.1:9")):
        done = fleet("sim", *order, *([] if "--url" in order else ["--data-dir", tmp_path]))
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1


def test_faults_of_a_file_and_a_flag_are_armed_from_the_start(tmp_path):
    file = tmp_path / "faults.txt"
    file.write_text("status-502:op=get-status\n")
    command = [sys.executable, "-m", "fleet", "sim", "--port", "0", "--data-dir", tmp_path / "v"]
    command += ["--faults", file, "--fault", "latency:request=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip().removesuffix("/v2")
        with urllib.request.urlopen(f"{url}/sim/faults") as answer:
            names = [row["name"] for row in json.load(answer)["faults"]]
        process.send_signal(signal.SIGTERM)
    assert names == ["status-502", "latency"]


def test_every_rule_is_printed_with_its_confidence():
    rows = json.loads(fleet("sim", "settings", "--json").stdout)
    assert {row["confidence"] for row in rows} == {"official", "observed", "fitted", "guess"}
    text = fleet("sim", "settings").stdout
    assert all(row["setting"] in text and row["decides"] in text for row in rows)
