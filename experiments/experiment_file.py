"""Reads an experiment from a Python or a TOML file."""

from __future__ import annotations

import hashlib
import sys
import tomllib
import traceback
from pathlib import Path
from types import ModuleType

import msgspec

from fleet.experiments.experiment import Experiment
from fleet.experiments.experiment_tables import ArmTable, ExperimentTable
from fleet.protocol.errors import UsageError

MODULE = "fleet_experiment"
"""Name under which a Python file is run."""

FORMS = "a Python file that defines `experiment = Experiment(...)`, or a TOML file with [[arms]]"


def read(file: Path) -> bytes:
    """Read an experiment's file. Raises UsageError for one that can't be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from error


def parse(file: Path, source: bytes) -> Experiment:
    """Make and check an experiment. Raises UsageError with file and line for a broken one."""
    if file.suffix not in (".py", ".toml"):
        raise UsageError(f"{file} is no experiment; give {FORMS}")
    experiment = _python(file, source) if file.suffix == ".py" else _toml(file, source)
    try:
        experiment.check()
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    return experiment


def digest(source: bytes) -> str:
    """Digest a definition, so that runs of a changed one are not mixed with older ones."""
    return hashlib.sha256(source).hexdigest()


def _python(file: Path, source: bytes) -> Experiment:
    module = ModuleType(MODULE)
    module.__file__ = str(file)
    # Dataclasses look their annotations up there.
    sys.modules[MODULE] = module
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(f"{file}{line}: {error.msg}") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        rows = list(traceback.extract_tb(error.__traceback__))
        lines = [row.lineno for row in rows if row.filename == str(file)]
        where = f", line {lines[-1]}" if lines else ""
        raise UsageError(f"{file}{where}: {type(error).__name__}: {error}") from error
    found = vars(module).get("experiment")
    if not isinstance(found, Experiment):
        raise UsageError(f"{file} defines no experiment; give {FORMS}")
    return found


def _toml(file: Path, source: bytes) -> Experiment:
    try:
        table = msgspec.convert(tomllib.loads(source.decode()), ExperimentTable)
        return table.experiment(file.stem)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, UsageError) as error:
        raise UsageError(f"{file}: {error}") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"{file}: {_what_is_wrong(str(error))}") from error


def _what_is_wrong(said: str) -> str:
    """Say it with the place first, and with what there may be instead of an unknown key."""
    what, _, place = said.replace("`", "").partition(" - at $.")
    if "unknown field" in what:
        table = ArmTable if place else ExperimentTable
        what += f"; there are {', '.join(table.__struct_fields__)}"
        what += ", and more for an arm in a Python file" if place else ""
    return f"{place}: {what}" if place else what
