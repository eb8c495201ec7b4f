"""Fixtures for the actors of the game: a small world, and benches on which ships fly in it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fleet.storage.engine import Store, open_store


def load(name: str) -> ModuleType:
    """Import a module beside this file: the test modules have no package to import it from."""
    spec = spec_from_file_location(f"actors_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def snapshot() -> Any:
    """The small world at its start: a frigate, docked at the headquarters, full tank."""
    return load("small_world").make_snapshot()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for all benches of this process; each has a namespace of its own."""
    path = tmp_path_factory.mktemp("bench") / "fleet.sqlite"
    opened = open_store(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def make_bench(store: Store) -> Callable[..., Any]:
    """Makes a Bench; whoever calls it closes it."""
    module, numbers = load("bench"), itertools.count()

    def make(on: Any, **settings: Any) -> Any:
        return module.Bench(on, store, f"bench-{next(numbers)}", **settings)

    return make


@pytest.fixture
def bench(snapshot: Any, make_bench: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Makes benches in the small world, or in another one; all are closed after the test."""
    made: list[Any] = []

    def make(on: Any = snapshot, **settings: Any) -> Any:
        made.append(make_bench(on, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()
