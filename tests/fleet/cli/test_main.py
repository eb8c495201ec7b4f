"""The frame of the command line: commands, errors, exit statuses, speed."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from fleet import cli
from fleet.cli import COMMANDS, Listed, invoke
from fleet.cli.configured import configured
from fleet.config import Config
from fleet.protocol.errors import FleetError, SetupError, UsageError

Fleet = Callable[..., "object"]
PYTHON = [sys.executable, "-m", "fleet"]

HEAVY = {"sqlalchemy", "scipy", "pykka", "requests", "urllib3", "pydantic", "starlette", "alembic"}
"""What a command that only asks a running fleet has no use for."""


def test_the_overview_lists_every_command_but_hidden_ones(fleet: Fleet) -> None:
    ran = fleet("--help")
    assert ran == fleet() == fleet("help")
    assert (ran.status, ran.err) == (0, "")
    for name, listed in COMMANDS.items():
        line = re.compile(rf"^  {name} +{re.escape(listed.help)}$", re.MULTILINE)
        assert (line.search(ran.out) is not None) is not listed.hidden


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_is_there(name: str) -> None:
    assert importlib.util.find_spec(COMMANDS[name].module) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(fleet: Fleet, name: str) -> None:
    ran = fleet(name, "--help")
    assert ran.status == 0
    assert f"Usage: fleet {name}" in ran.out


def test_the_version(fleet: Fleet) -> None:
    ran = fleet("--version")
    assert ran == fleet("version")
    assert ran.out.startswith("fleet ")
    assert f"python          {sys.version.split()[0]}" in ran.out
    assert '"pykka": "4' in fleet("version", "--json").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["statsu"], "There is no command 'statsu'; did you mean 'status'?"),
        (["xyzzy"], "There is no command 'xyzzy'; `fleet --help` lists the commands."),
        (["chidl"], "There is no command 'chidl'; `fleet --help` lists the commands."),
        (["--jsn"], "There is no option '--jsn'; `fleet --help` lists the commands."),
        (
            ["status", "--jsn"],
            "No such option: --jsn (Possible options: --json). See fleet status --help.",
        ),
        (
            ["status", "extra"],
            "Got unexpected extra argument(s) (extra). See fleet status --help.",
        ),
        (
            ["status", "--data-dir"],
            "Option '--data-dir' requires an argument. See fleet status --help.",
        ),
        (["inject"], "Missing argument 'SCRIPT'. See fleet inject --help."),
        (["run", "--ships", "many"], "--ships is 'many'; give a whole number from 1 to 10000."),
        (["status", "--config", "gone"], "--config names gone, but there is no such file."),
    ],
)
def test_a_wrong_question_gets_one_sentence_and_status_2(
    fleet: Fleet, arguments: list[str], sentence: str
) -> None:
    ran = fleet(*arguments)
    assert (ran.status, ran.out, ran.err) == (2, "", f"fleet: {sentence}\n")


def test_a_missing_fleet_gets_one_sentence_and_status_1(fleet: Fleet, tmp_path: Path) -> None:
    ran = fleet("status")
    sentence = f"fleet: No fleet runs on {tmp_path}; start one with `fleet run`.\n"
    assert (ran.status, ran.out, ran.err) == (1, "", sentence)


def test_settings_come_from_the_file_in_the_working_directory(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text("shisp = 3")
    ran = fleet("status")
    assert ran.status == 2
    assert "has an unknown key 'shisp'; did you mean 'ships'?" in ran.err


def command_that(act: Callable[[], object]) -> str:
    """Make a module with a command out of a function."""
    module = type(sys)("fleet.cli.acting")
    module.command = act  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    return module.__name__


def raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "status", "complaint"),
    [
        (UsageError("Asked wrongly."), 2, "fleet: Asked wrongly.\n"),
        (SetupError("Not so."), 1, "fleet: Not so.\n"),
        (FleetError("Failed."), 1, "fleet: Failed.\n"),
        (KeyboardInterrupt(), 130, ""),
        (typer.Exit(3), 3, ""),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_how_a_command_ends(
    fleet: Fleet,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    status: int,
    complaint: str,
) -> None:
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setitem(cli.COMMANDS, "act", Listed(command_that(raising(error)), ""))
    ran = fleet("act")
    assert (ran.status, ran.out, ran.err) == (status, "", complaint)


def test_what_a_command_returns_is_its_exit_status() -> None:
    assert invoke(Listed(command_that(lambda: 4), ""), [], name="act") == 4
    assert invoke(Listed(command_that(lambda: None), ""), [], name="act") == 0


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.COMMANDS, "act", Listed(command_that(raising(KeyError("bug"))), ""))
    with pytest.raises(KeyError, match="bug"):
        cli.main(["act"])


def test_a_command_gets_the_configuration_it_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[Config] = []

    @configured()
    def command(config: Config) -> None:
        seen.append(config)

    monkeypatch.chdir(tmp_path)
    flags = ["--for", "90s", "--headless", "--budgets", "ship=1", "--budgets", "worker=2"]
    module = command_that(command)
    assert invoke(Listed(module, ""), [*flags, "--ships", "7"], name="act") == 0
    assert invoke(Listed(module, ""), ["--no-headless"], name="act") == 0
    assert (seen[0].for_, seen[0].headless, seen[0].ships) == (90.0, True, 7)
    assert (seen[0].budgets["ship"], seen[0].budgets["worker"]) == (1.0, 2.0)
    assert (seen[1].for_, seen[1].headless) == (None, False)


def test_asking_a_fleet_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, fleet.cli\n"
        "try: fleet.cli.main(['status', '--data-dir', sys.argv[1]])\n"
        "except SystemExit: print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "No fleet runs on" in ran.stderr
    assert "msgspec" in ran.stdout.split()
    assert not HEAVY & set(ran.stdout.split())


def test_a_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([*PYTHON, "--help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_ctrl_c_is_quiet() -> None:
    # A process that was started in the background ignores the signal from its birth.
    code = (
        "import os, signal, sys, types, fleet.cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def command() -> None:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    signal.pause()\n"
        "sys.modules['act'] = types.SimpleNamespace(command=command)\n"
        "fleet.cli.COMMANDS['act'] = fleet.cli.Listed('act', '')\n"
        "fleet.cli.main(['act'])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")
