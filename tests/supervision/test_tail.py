from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.runtime.clocks import VirtualClock
from fleet.supervision.event_log import LOG_NAME
from fleet.supervision.log_filter import LogFilter
from fleet.supervision.log_format import LogFormat, printable
from fleet.supervision.log_line import LEVELS, parse_line
from fleet.supervision.rotation import generations, rotated
from fleet.supervision.tail import GRACE, LogTail

from .log_bytes import ALL, START, append, line, numbers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / LOG_NAME


@pytest.fixture
def tail(path: Path, clock: VirtualClock) -> Iterator[LogTail]:
    reader = LogTail(path, clock)
    yield reader
    reader.close()


def test_the_last_lines_come_in_order_and_from_as_many_files_as_it_takes(
    path: Path, tail: LogTail
) -> None:
    append(rotated(path, 2), *(line(n) for n in range(10)))
    append(rotated(path, 1), *(line(n) for n in range(10, 20)))
    append(path, *(line(n) for n in range(20, 25)))
    assert numbers(tail.last(12, ALL)) == list(range(13, 25))
    assert numbers(tail.last(None, ALL)) == list(range(25))
    assert numbers(tail.last(0, ALL)) == []


@given(
    sizes=st.lists(st.integers(0, 9000), max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=3),
    count=st.none() | st.integers(0, 70),
)
def test_reading_backwards_gives_the_same_lines_as_reading_forwards(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], cuts: list[int], count: int | None
) -> None:
    path = tmp_path_factory.mktemp("log") / LOG_NAME
    lines = [line(n, text="x" * size) for n, size in enumerate(sizes)]
    bounds = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
    for number in range(len(bounds) - 1):
        append(rotated(path, len(bounds) - 2 - number), *lines[bounds[number] : bounds[number + 1]])
    reader = LogTail(path, VirtualClock())
    expected = list(range(len(lines)))
    if count is not None:
        expected = expected[max(0, len(expected) - count) :]
    assert numbers(reader.last(count, ALL)) == expected
    reader.close()


def test_a_filter_is_applied_before_lines_are_counted(path: Path, tail: LogTail) -> None:
    append(path, *(line(n, actor="/fleet/ships/A" if n % 10 else "/fleet/b") for n in range(100)))
    assert numbers(tail.last(3, LogFilter(actor="b"))) == [70, 80, 90]


def test_since_stops_reading_where_lines_are_long_before(path: Path, tail: LogTail) -> None:
    append(
        path, line(0), b"malformed\n", *(line(n) for n in range(1000, 1100)), line(1, START + 1040)
    )
    found = tail.last(None, LogFilter(since=START + 1090))
    assert numbers(found) == list(range(1090, 1100))


# --- following


def test_what_comes_later_is_polled_once_even_in_halves(path: Path, tail: LogTail) -> None:
    append(path, line(1))
    assert numbers(tail.last(10, ALL)) == [1]
    assert numbers(tail.poll()) == []
    half = line(2)
    append(path, half[:30])
    assert list(tail.poll()) == []
    append(path, half[30:], line(3))
    assert numbers(tail.poll()) == [2, 3]
    assert numbers(tail.poll()) == []


def test_a_line_begun_before_the_first_look_is_polled_when_it_is_complete(
    path: Path, tail: LogTail
) -> None:
    begun = line(2)
    append(path, line(1), begun[:40])
    assert numbers(tail.last(10, ALL)) == [1]
    append(path, begun[40:])
    assert numbers(tail.poll()) == [2]


def test_a_log_that_appears_later_is_shown_from_its_start(path: Path, tail: LogTail) -> None:
    assert tail.last(10, ALL) == []
    assert list(tail.poll()) == []
    append(path, line(1))
    assert numbers(tail.poll()) == [1]


def test_no_line_is_lost_over_several_rotations_between_two_looks(
    path: Path, tail: LogTail
) -> None:
    append(path, line(1))
    tail.last(10, ALL)
    append(path, line(2))
    for number in (3, 4, 5):
        rotated(path, 1).exists() and rotated(path, 1).replace(rotated(path, 2))
        path.replace(rotated(path, 1))
        append(path, line(number))
        if number == 3:
            assert numbers(tail.poll()) == [2, 3]
    assert numbers(tail.poll()) == [4, 5]


def test_when_the_known_file_is_rotated_away_all_that_is_left_is_read(
    path: Path, tail: LogTail
) -> None:
    append(path, line(1))
    tail.last(10, ALL)
    path.unlink()
    append(rotated(path, 1), line(7))
    append(path, line(8))
    assert numbers(tail.poll()) == [7, 8]


def test_a_late_writer_into_the_file_set_aside_is_heard_for_a_while(
    path: Path, tail: LogTail, clock: VirtualClock
) -> None:
    append(path, line(1))
    tail.last(10, ALL)
    path.replace(rotated(path, 1))
    append(path, line(2))
    assert numbers(tail.poll()) == [2]
    append(rotated(path, 1), line(3))
    assert numbers(tail.poll()) == [3]
    clock.now += GRACE + 1
    assert numbers(tail.poll()) == []
    append(rotated(path, 1), line(4))
    assert numbers(tail.poll()) == []


def test_between_the_renames_of_a_rotation_there_is_nothing_new(path: Path, tail: LogTail) -> None:
    append(path, line(1))
    tail.last(10, ALL)
    path.replace(rotated(path, 1))
    assert list(tail.poll()) == []
    append(path, line(2))
    assert numbers(tail.poll()) == [2]


def test_a_truncated_log_is_read_from_its_new_start(path: Path, tail: LogTail) -> None:
    append(path, line(1), line(2))
    tail.last(10, ALL)
    path.write_bytes(line(9))
    assert numbers(tail.poll()) == [9]


def test_a_rotation_while_the_files_are_opened_hides_none(
    path: Path, tail: LogTail, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(rotated(path, 1), line(1), line(2))
    append(path, line(3), line(4))

    def then_rotate(log: Path) -> list[Path]:
        found = generations(log)
        for number in (1, 0):
            older = rotated(path, number)
            older.exists() and older.replace(rotated(path, number + 1))
        monkeypatch.setattr("fleet.supervision.tail.generations", generations)
        return found

    monkeypatch.setattr("fleet.supervision.tail.generations", then_rotate)
    assert numbers(tail.last(10, ALL)) == [1, 2, 3, 4]


@given(steps=st.lists(st.sampled_from(["write", "rotate", "poll", "half"]), max_size=40))
def test_any_order_of_writes_rotations_and_looks_gives_each_line_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    path = tmp_path_factory.mktemp("log") / LOG_NAME
    reader = LogTail(path, VirtualClock())
    written, begun, seen = 0, b"", numbers(reader.last(None, ALL))
    for step in [*steps, "write", "poll"]:
        match step:
            case "write" | "half":
                data = begun + (b"" if begun else line(written))
                written += not begun
                cut = len(data) // 2 if step == "half" and not begun else len(data)
                append(path, data[:cut])
                begun = data[cut:]
            case "rotate" if not begun:
                for number in range(50, 0, -1):
                    older = rotated(path, number - 1)
                    older.exists() and older.replace(rotated(path, number))
            case "poll":
                seen += numbers(reader.poll())
    if begun:
        append(path, begun)
    seen += numbers(reader.poll())
    reader.close()
    assert seen == list(range(written))


# --- lines and filters


@pytest.mark.parametrize(
    "raw", [b"{", b"[1]", b"17", b"\xff\xfe", b"[" * 5000, b'{"no": "event"}', b'{"event":']
)
def test_nonsense_is_malformed_and_not_fatal(raw: bytes) -> None:
    (one,) = parse_line(raw)
    assert one.malformed
    rows = ["".join(p.text for p in row) for row in LogFormat(utc, width=80).render(one)]
    assert len(rows) == 1
    assert rows[0].startswith("??")


def test_a_line_glued_to_a_torn_one_is_still_read() -> None:
    torn, whole = parse_line(b'{"t":"2026-07-0' + line(5).strip())
    assert torn.malformed
    assert numbers([whole]) == [5]


@given(
    record=st.dictionaries(
        st.sampled_from(["t", "level", "event", "text", "actor", "stack", "epoch", "reason"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers()),
    ),
    width=st.none() | st.integers(1, 200),
)
def test_any_record_is_rendered_without_control_characters(
    record: dict[str, Any], width: int | None
) -> None:
    raw = json.dumps(record | {"event": "a.b"}).encode()
    for one in parse_line(raw):
        for row in LogFormat(utc, width=width).render(one):
            assert all(piece.text.isprintable() for piece in row)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"actor": "/fleet/ships/*"}, [0, 1, 4]),
        ({"actor": "AGENT-1"}, [0]),
        ({"actor": "*-2"}, [1]),
        ({"actor": "simulator"}, [2]),
        ({"actor": "runtime"}, [3]),
        ({"event": "actor.*"}, [0, 1]),
        ({"event": "actor.hung", "actor": "*-2"}, [1]),
        ({"level": LEVELS.index("warning")}, [1, 2]),
        ({"level": LEVELS.index("critical")}, []),
        ({"since": START + 2}, [2, 3, 4]),
        ({"actor": "/fleet/ships"}, [4]),
        ({"actor": "AGENT-9"}, [4]),
    ],
)
def test_filters(settings: dict[str, Any], shown: list[int]) -> None:
    lines = [
        line(0, actor="/fleet/ships/AGENT-1", event="actor.started"),
        line(1, actor="/fleet/ships/AGENT-2", event="actor.hung", level="error"),
        line(2, child="simulator", event="process.restarted", level="warning"),
        line(3, event="fleet.started", level="nonsense"),
        line(4, actor="/fleet/ships", child="AGENT-9", event="child.quarantined"),
    ]
    parsed = [one for raw in lines for one in parse_line(raw.strip())]
    assert numbers([one for one in parsed if LogFilter(**settings).admits(one)]) == shown


# --- for people


def utc(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def rendered(raw: bytes, width: int | None = None) -> list[str]:
    form = LogFormat(utc, width=width)
    return [
        "".join(piece.text for piece in row).rstrip()
        for one in parse_line(raw.strip())
        for row in form.render(one)
    ]


def test_an_event_shows_time_level_actor_event_text_and_what_the_text_leaves_out() -> None:
    raw = line(
        7,
        level="error",
        event="actor.hung",
        actor="/fleet/ships/AGENT-1",
        text="It hangs in Navigate.",
        message_type="Navigate",
        over_budget_ms=12,
        message_id=99,
        stack="File a\n  File b\n",
    )
    head = "00:00:07 E /fleet/ships/AGENT-1   actor.hung        "
    assert rendered(raw) == [
        "--- Sunday 2026-06-21 ---",
        f"{head} It hangs in Navigate.  over_budget_ms=12",
        "      File a",
        "        File b",
    ]


def test_a_stack_is_shown_for_errors_only_and_an_event_without_text_shows_its_keys() -> None:
    raw = line(
        1, level="warning", event="zombie.ended", text="", zombies=0, odd=[1], stack="File a"
    )
    assert rendered(raw)[1:] == [
        "00:00:01 ! runtime                zombie.ended       zombies=0 odd=[1]"
    ]


def test_the_day_is_told_once_and_again_when_it_changes() -> None:
    form = LogFormat(utc, width=None)
    rows = [
        "".join(piece.text for piece in row)
        for raw in (line(1), line(2), line(90_000))
        for one in parse_line(raw.strip())
        for row in form.render(one)
    ]
    assert [row for row in rows if row.startswith("---")] == [
        "--- Sunday 2026-06-21 ---",
        "--- Monday 2026-06-22 ---",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_on_a_terminal_nothing_is_wider_than_it(width: int) -> None:
    raw = line(
        1,
        level="critical",
        actor="/fleet/ships/" + "X" * 60,
        text="word " * 60,
        stack="  File " + "y" * 300,
    )
    rows = rendered(raw, width)
    assert len(rows) > 4
    assert max(len(row) for row in rows) <= width
    assert sum(row.count("word") for row in rows) == 60


def test_a_text_from_outside_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\nc\td\u202e") == "a\\x1b[2Jb / c    d\\u202e"


# --- the command
