"""The command line: one file per command, and only the one asked for is imported."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from types import ModuleType

import typer

from fleet.cli._quick_values import keep_values_quick
from fleet.protocol.errors import FleetError, UsageError


@dataclass(frozen=True, slots=True)
class Listed:
    """A command as `--help` lists it, known without importing it."""

    module: str
    """Has `command`, a typer-annotated function, or `app`, a group."""

    help: str
    hidden: bool = False


COMMANDS = {
    "run": Listed("fleet.cli.run", "Play SpaceTraders with a fleet, live or in the simulator."),
    "sim": Listed("fleet.cli.sim", "Serve the embedded simulator for other programs."),
    "console": Listed("fleet.cli.console", "Watch a running fleet live in this terminal."),
    "status": Listed("fleet.cli.status", "Tell how a running fleet is doing, on one page."),
    "ships": Listed("fleet.cli.ships", "List a running fleet's ships and what they do."),
    "tail": Listed("fleet.cli.tail", "Follow the supervision log."),
    "api": Listed("fleet.cli.api", "Do any single operation of the SpaceTraders API."),
    "inject": Listed("fleet.cli.inject", "Have a script of yours join a running fleet."),
    "experiments": Listed("fleet.cli.experiments", "List what was injected, and what it has used."),
    "eject": Listed("fleet.cli.eject", "End what was injected; its ships return to their work."),
    "chaos": Listed("fleet.cli.chaos", "Have an actor, the database or the API fail on purpose."),
    "dead-letters": Listed(
        "fleet.cli.dead_letters", "List messages nobody handled, or resend one."
    ),
    "doctor": Listed("fleet.cli.doctor", "Check that everything a fleet needs is in order."),
    "db": Listed("fleet.cli.db", "Create, upgrade, check and audit the database."),
    "experiment": Listed("fleet.cli.experiment", "Compare ideas offline, in virtual time."),
    "replay": Listed("fleet.cli.replay", "Play a recorded run again, and look into it."),
    "bench": Listed("fleet.cli.bench", "Measure one room, and whether it reaches what it should."),
    "report": Listed("fleet.cli.report", "Tell what the fleet earned, as table, CSV or chart."),
    "version": Listed("fleet.cli.version", "Tell the versions of the fleet and its libraries."),
    "child": Listed("fleet.cli.child", "Run one process of a fleet, for its guard.", hidden=True),
}
"""Every command, in the order of `--help`."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells expect it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 it failed, 2 it was asked wrongly."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough (`fleet tail | head`). Python would complain once
        # more when it flushes at its end.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)


def _run(given: list[str]) -> int:
    try:
        match given:
            case [] | ["--help" | "-h" | "help"]:
                print(overview())  # noqa: T201 - this is the command's output
                return 0
            case ["--version" | "-V"]:
                given = ["version"]
        return invoke(_find(given[0]), given[1:], name=given[0])
    except FleetError as error:
        _complain(str(error))
        return 2 if isinstance(error, UsageError) else 1


def overview() -> str:
    """Write what `fleet --help` shows."""
    rows = [f"  {name:<14}{row.help}" for name, row in COMMANDS.items() if not row.hidden]
    return "\n".join(
        (
            "Usage: fleet COMMAND [OPTIONS]",
            "",
            "A supervised fleet of ship actors that plays SpaceTraders.",
            "",
            "Commands:",
            *rows,
            "",
            "  fleet COMMAND --help tells more; fleet --version tells the version.",
        )
    )


def _find(name: str) -> Listed:
    if name in COMMANDS:
        return COMMANDS[name]
    names = [known for known, row in COMMANDS.items() if not row.hidden]
    what = "option" if name.startswith("-") else "command"
    near = get_close_matches(name, names, 1)
    hint = f"did you mean '{near[0]}'?" if near else "`fleet --help` lists the commands."
    raise UsageError(f"There is no {what} '{name}'; {hint}")


def invoke(listed: Listed, arguments: Sequence[str], *, name: str) -> int:
    """Import a command, run it, and tell its exit status. Raises FleetError."""
    command = typer.main.get_command(_application(importlib.import_module(listed.module)))
    keep_values_quick(command)
    try:
        result = command.main(list(arguments), prog_name=f"fleet {name}", standalone_mode=False)
    except typer.Abort as abort:
        raise KeyboardInterrupt from abort
    except typer.TyperException as error:
        if error.exit_code != 2:
            raise FleetError(error.format_message()) from None
        raise UsageError(f"{_sentence(error.format_message())} See fleet {name} --help.") from None
    # typer returns the status of an Exit, and otherwise what the command returned.
    return result if isinstance(result, int) else 0


def _application(module: ModuleType) -> typer.Typer:
    if hasattr(module, "app"):
        group: typer.Typer = module.app
        return group
    app = typer.Typer(add_completion=False)
    app.command()(module.command)
    return app


def _sentence(message: str) -> str:
    # What is behind typer calls a bad value a "value error".
    line = " ".join(message.replace("Value error, ", "").split())
    return line if line.endswith((".", "?", "!")) else f"{line}."


def _complain(sentence: str) -> None:
    with suppress(BrokenPipeError):
        print(f"fleet: {sentence}", file=sys.stderr)  # noqa: T201 - the one place for it
