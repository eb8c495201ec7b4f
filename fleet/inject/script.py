"""Reads a script: finds the actor or behaviour that it defines, and what settings it takes."""

from __future__ import annotations

import inspect
import linecache
import math
import sys
import traceback
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

import msgspec

from fleet.protocol.errors import UsageError


class BrokenScript(UsageError):
    """A script that can't be run; the text names its file and line."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a script defines, with its settings filled in."""

    file: str
    kind: str
    """actor or behaviour."""

    label: str
    """Name of the class or function."""

    make: Callable[..., Any]
    """Makes the actor (no arguments), or starts the behaviour (ship, task)."""


def compiled(source: str, file: str) -> CodeType:
    """Compile a script. Raises BrokenScript with the line."""
    try:
        return compile(source, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise BrokenScript(f"{file}{line}: {error.msg}.") from None
    except ValueError as error:
        raise BrokenScript(f"{file}: {error}.") from None
    except (RecursionError, MemoryError):
        raise BrokenScript(f"{file}: it is nested too deeply to be compiled.") from None


def load(source: str, file: str, name: str, settings: Mapping[str, str]) -> Script:
    """Run a script's top level and find what it defines. Raises BrokenScript.

    Whatever it does at its top level happens in the calling thread.
    """
    module = _run(source, file, name)
    found = list(_definitions(module))
    if not found:
        raise BrokenScript(
            f"{file}: it defines neither an actor (a subclass of Actor) nor a behaviour (a "
            "generator function `run(ship, task)`)."
        )
    if len(found) > 1:
        names = ", ".join(each.__name__ for each in found)
        raise BrokenScript(f"{file}: it defines {names}; leave one actor or behaviour in it.")
    [thing] = found
    kind = "actor" if inspect.isclass(thing) else "behaviour"
    given = _bound(thing, kind, file, settings)

    def make(*arguments: Any) -> Any:
        return thing(*arguments, **given)

    return Script(file, kind, thing.__name__, make)


def place_in(trace: str, file: str) -> str:
    """Find the script's innermost line in a stack, as `FILE, line N`; the file if there is none."""
    found = file
    for row in trace.splitlines():
        told = row.strip()
        # Stacks name files as a reader knows them, so the end of the path is what they share.
        if told.startswith('File "') and (ends := told.split('"')[1]) and file.endswith(ends):
            line = told.split("line ")[1].split(",")[0]
            found = f"{file}, line {line}"
    return found


def _run(source: str, file: str, name: str) -> ModuleType:
    code = compiled(source, file)
    module = ModuleType(f"fleet_experiment_{name.replace('-', '_')}")
    module.__file__ = file
    # Dataclasses look their annotations up there, and stacks their lines here.
    sys.modules[module.__name__] = module
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(code, module.__dict__)
    except KeyboardInterrupt:
        raise
    except BaseException as failure:
        raise BrokenScript(_what_failed(failure, file)) from None
    return module


def _what_failed(failure: BaseException, file: str) -> str:
    line = None
    for frame in traceback.extract_tb(failure.__traceback__):
        if frame.filename == file:
            line = frame.lineno
    if isinstance(failure, SyntaxError):
        # Of a module that the script imports.
        return f"{failure.filename}, line {failure.lineno}: {failure.msg}."
    place = f"{file}, line {line}" if line else file
    text = " ".join(str(failure).split())
    return f"{place}: {type(failure).__name__}{f': {text}' if text else ''}."


def _definitions(module: ModuleType) -> Iterator[Any]:
    from fleet.runtime import Actor

    for thing in vars(module).values():
        own = getattr(thing, "__module__", None) == module.__name__
        if own and inspect.isclass(thing) and issubclass(thing, Actor):
            # A base that the script's own actor builds upon is not meant itself.
            others = [each for each in vars(module).values() if inspect.isclass(each)]
            if not any(other is not thing and issubclass(other, thing) for other in others):
                yield thing
    run = vars(module).get("run")
    if inspect.isgeneratorfunction(run):
        yield run


def _bound(
    thing: Callable[..., Any], kind: str, file: str, settings: Mapping[str, str]
) -> dict[str, Any]:
    """Turn key=value into the arguments that an actor or behaviour takes. Raises BrokenScript."""
    takes = _takes(thing, kind)
    line = _line_of(thing)
    place = f"{file}, line {line}" if line else file
    for key in settings:
        if key not in takes:
            known = ", ".join(takes) or "none"
            raise BrokenScript(f"{place}: {thing.__name__} has no setting '{key}'; it has {known}.")
    hints = _hints(thing, kind)
    given: dict[str, Any] = {}
    for key, row in takes.items():
        if key in settings:
            given[key] = _converted(place, key, settings[key], hints.get(key, _kind_of(row)))
        elif row.default is inspect.Parameter.empty:
            raise BrokenScript(f"{place}: {thing.__name__} needs {key}=VALUE.")
    _try_on(thing, kind, place, given)
    return given


def _try_on(thing: Callable[..., Any], kind: str, place: str, given: dict[str, Any]) -> None:
    """See whether it could be called so. Raises BrokenScript."""
    usual = ("the ship", "its task") if kind == "behaviour" else ()
    try:
        inspect.signature(thing).bind(*usual, **given)
    except TypeError as failure:
        raise BrokenScript(
            f"{place}: {thing.__name__} is given the ship and its task, and settings by name: "
            f"write `def run(ship, task, *, SETTING=VALUE)` ({failure})."
            if usual
            else f"{place}: {thing.__name__} cannot be made: {failure}."
        ) from None


def _takes(thing: Callable[..., Any], kind: str) -> dict[str, inspect.Parameter]:
    """List what an actor's constructor takes, or what a behaviour takes by keyword."""
    rows = inspect.signature(thing).parameters.items()
    usual = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    kinds = usual if kind == "actor" else {inspect.Parameter.KEYWORD_ONLY}
    return {name: row for name, row in rows if row.kind in kinds}


def _hints(thing: Any, kind: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(thing.__init__ if kind == "actor" else thing)
    except (NameError, TypeError, AttributeError):
        return {}


def _kind_of(row: inspect.Parameter) -> Any:
    """Guess a setting's type from its default, where it has no annotation."""
    untold = row.default is inspect.Parameter.empty or row.default is None
    return str if untold else type(row.default)


def _converted(place: str, key: str, text: str, kind: Any) -> Any:
    if kind in (str, Any):
        return text
    if kind is bool and text.lower() in ("yes", "on", "no", "off"):
        return text.lower() in ("yes", "on")
    try:
        found = msgspec.convert(text, kind, strict=False)
        if isinstance(found, float) and not math.isfinite(found):
            raise TypeError
        return found
    except (msgspec.ValidationError, TypeError):
        shown = getattr(kind, "__name__", str(kind))
        raise BrokenScript(f"{place}: {key} takes a value of type {shown}, not '{text}'.") from None


def _line_of(thing: Any) -> int | None:
    code = getattr(thing, "__code__", None)
    if code is not None:
        return int(code.co_firstlineno)
    try:
        return inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        return None
