"""Parts run one after the other; what is kept is not measured again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fleet.bench.figure import Figure, at_most
from fleet.bench.kept import Kept, Row
from fleet.bench.plan import Part, Plan
from fleet.bench.runner import measure


def run(parts: dict[str, Part], kept: Kept) -> list[Row]:
    return list(measure(parts, kept, quick=True, options={}, say=lambda text: None))


def one(plan: Plan) -> Iterator[Figure]:
    assert list(plan.folder.iterdir()) == []
    yield Figure("one", 1.0, "s", at_most(2))


def broken(plan: Plan) -> Iterator[Figure]:
    yield Figure("first half", 1.0, "s")
    raise OSError("no such thing")


def test_a_part_that_fails_says_why_and_the_others_are_measured(tmp_path: Path) -> None:
    rows = run({"broken": broken, "one": one}, Kept(tmp_path / "k.json", resume=False))
    assert [(row["name"], row["ok"]) for row in rows] == [
        ("first half", True),
        ("broken", False),
        ("one", True),
    ]
    assert rows[1]["why"] == "OSError: no such thing"


def test_a_resumed_bench_measures_only_what_was_not_complete(tmp_path: Path) -> None:
    calls: list[str] = []

    def counted(plan: Plan) -> Iterator[Figure]:
        calls.append("counted")
        yield from one(plan)

    file = tmp_path / "k.json"
    first = run({"counted": counted, "broken": broken}, Kept(file, resume=False))
    again = run({"counted": counted, "broken": broken}, Kept(file, resume=True))
    assert calls == ["counted"]
    assert [row["name"] for row in again] == [row["name"] for row in first]


def test_a_fresh_bench_measures_everything_again(tmp_path: Path) -> None:
    file = tmp_path / "k.json"
    run({"one": one}, Kept(file, resume=False))
    assert Kept(file, resume=True).rows("one") is not None
    assert Kept(file, resume=False).rows("one") is None


def test_a_cut_off_file_is_as_good_as_none(tmp_path: Path) -> None:
    file = tmp_path / "k.json"
    run({"one": one}, Kept(file, resume=False))
    file.write_bytes(file.read_bytes()[:-5])
    assert Kept(file, resume=True).rows("one") is None
