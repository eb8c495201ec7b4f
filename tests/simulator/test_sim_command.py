"""`fleet sim` as a user types it."""

import json
import signal
import subprocess
import sys
import urllib.request

import pytest


def fleet(*arguments):
    """Run the command line to its end."""
    command = [sys.executable, "-m", "fleet", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


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
    assert process.wait(5) == 0


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
    ],
)
def test_what_can_not_be_is_one_sentence(tmp_path, options, status):
    done = fleet("sim", "--port", "0", "--data-dir", tmp_path, *options)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.startswith("fleet: ")
    assert done.stderr.count("\n") == 1
