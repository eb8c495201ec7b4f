"""The rooms, their packaging and the bans that hold in them."""

from __future__ import annotations

import ast
import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg")
PACKAGES = CONFIG["options"]["packages"].split()
FOLDERS = dict(line.split(" = ") for line in CONFIG["options"]["package_dir"].strip().splitlines())
ROOMS = [
    name for name in PACKAGES if name.count(".") == 1 and not FOLDERS[name].startswith("fleet/")
]
BANNED_IN_ACTORS = {"threading", "requests", "sqlite3", "time", "socket", "urllib3", "subprocess"}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def sources() -> list[Path]:
    tops = [*{FOLDERS[name] for name in ROOMS}, "fleet"]
    found = [path for top in tops for path in (ROOT / top).rglob("*.py")]
    # `fleet/<room>` are links to the rooms themselves.
    return sorted(path for path in found if path.resolve() == path)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_its_folder_and_its_mapping(package: str) -> None:
    folder = ROOT / FOLDERS[package]
    assert (folder / "__init__.py").is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_its_link(room: str) -> None:
    link = ROOT / "fleet" / room.split(".")[1]
    assert link.is_symlink()
    assert link.resolve() == (ROOT / FOLDERS[room]).resolve()


def test_each_folder_with_modules_is_a_listed_package() -> None:
    listed = {(ROOT / folder).resolve() for folder in FOLDERS.values()}
    assert {path.parent for path in sources()} <= listed


ASKING = ("actors", "supervision", "fleet/control", "fleet/host", "fleet/inject")
"""Where whoever has an `ask` is an actor's context or an address."""

WAITS = {"create_connection", "urlopen"}
"""Calls that wait for somebody else, and take a `timeout` to end that."""

VERBS = {"delete", "get", "patch", "post", "put", "request"}


def waits_without_end(text: str, *, asks: bool) -> list[int]:
    """Give the lines of calls that wait for somebody else for as long as that takes."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        by_requests = isinstance(owner, ast.Name) and owner.id == "requests"
        waits = WAITS | (VERBS if by_requests else set()) | ({"ask"} if asks else set())
        named = {keyword.arg for keyword in node.keywords}
        second = node.func.attr == "create_connection" and len(node.args) > 1
        if node.func.attr in waits and not second and not named & {"timeout", None}:
            found.append(node.lineno)
    return found


# Benches measure what others do, too, and somebody waits for them.
FLEET = [path for path in sources() if not path.is_relative_to(ROOT / "fleet/bench")]


@pytest.mark.parametrize("path", FLEET, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_asks_without_a_timeout(path: Path) -> None:
    asks = str(path.relative_to(ROOT)).startswith(ASKING)
    assert waits_without_end(path.read_text(), asks=asks) == []


@pytest.mark.parametrize("text", ["a.ask(b)", "requests.get(url)", "socket.create_connection(a)"])
def test_a_wait_without_a_timeout_would_be_found(text: str) -> None:
    assert waits_without_end(text, asks=True) == [1]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_short(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize(
    "path", sorted((ROOT / "actors").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_actors_reach_the_world_only_through_their_context(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        assert not {name.split(".")[0] for name in names} & BANNED_IN_ACTORS


def test_only_one_file_touches_pykka() -> None:
    touching = [path for path in sources() if "import pykka" in path.read_text()]
    # A benchmark measures plain pykka beside us.
    assert [path.name for path in touching if path.parent.name != "bench"] == ["_pykka_cell.py"]
