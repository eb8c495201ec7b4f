"""Reads an experiment from a Python or a TOML file."""

from __future__ import annotations

import hashlib
import tomllib
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.actors.fleet_plan import Want
from fleet.experiments.arm import Arm
from fleet.experiments.experiment import Experiment
from fleet.protocol.errors import UsageError

FORMS = "a Python file that defines `experiment = Experiment(...)`, or a TOML file with [[arms]]"


def read(file: Path) -> bytes:
    """Read an experiment's file. Raises UsageError for one that can't be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from error


def parse(file: Path, source: bytes) -> Experiment:
    """Make and check an experiment. Raises UsageError with file and line for a broken one."""
    if file.suffix == ".py":
        experiment = _python(file, source)
    elif file.suffix == ".toml":
        experiment = _toml(file, source)
    else:
        raise UsageError(f"{file} is no experiment; give {FORMS}")
    try:
        experiment.check()
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    return experiment


def digest(source: bytes) -> str:
    """Digest a definition, so that runs of a changed one are not mixed with older ones."""
    return hashlib.sha256(source).hexdigest()


def _python(file: Path, source: bytes) -> Experiment:
    namespace: dict[str, Any] = {"__name__": "fleet_experiment", "__file__": str(file)}
    try:
        exec(compile(source, str(file), "exec"), namespace)
    except SyntaxError as error:
        raise UsageError(f"{file}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        rows = list(traceback.extract_tb(error.__traceback__))
        lines = [row.lineno for row in rows if row.filename == str(file)]
        where = f", line {lines[-1]}" if lines else ""
        raise UsageError(f"{file}{where}: {type(error).__name__}: {error}") from error
    found = namespace.get("experiment")
    if not isinstance(found, Experiment):
        raise UsageError(f"{file} defines no experiment; give {FORMS}")
    return found


def _toml(file: Path, source: bytes) -> Experiment:
    try:
        given = tomllib.loads(source.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}") from error
    arms = given.pop("arms", [])
    if not isinstance(arms, list) or not all(isinstance(arm, dict) for arm in arms):
        raise UsageError(f"{file}: write each arm as a table, [[arms]]")
    values = dict(given, arms=tuple(_arm(file, arm) for arm in arms))
    values.setdefault("name", file.stem)
    if "seeds" in values:
        seeds = values["seeds"]
        values["seeds"] = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(seeds)
    if "hours" in values:
        values["seconds"] = float(values.pop("hours")) * 3_600.0
    if "metrics" in values:
        values["metrics"] = tuple(values["metrics"])
    experiment: Experiment = _make(file, Experiment, values)
    return experiment


def _arm(file: Path, given: Mapping[str, Any]) -> Arm:
    values = dict(given)
    if "wants" in values:
        try:
            values["wants"] = tuple(Want(*row) for row in values["wants"])
        except TypeError as error:
            raise UsageError(
                f"{file}: each of wants is a ship type, a count and a floor in credits,"
                ' such as ["SHIP_PROBE", 4, 150000]'
            ) from error
    arm: Arm = _make(file, Arm, values)
    return arm


def _make(file: Path, kind: Any, values: Mapping[str, Any]) -> Any:
    known = kind.__dataclass_fields__
    for name in values:
        if name not in known:
            raise UsageError(f"{file}: {name} is not known; there are {', '.join(known)}")
    try:
        return kind(**values)
    except TypeError as error:
        raise UsageError(f"{file}: {error}") from error
