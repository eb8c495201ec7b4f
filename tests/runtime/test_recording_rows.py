from __future__ import annotations

import threading
from dataclasses import make_dataclass
from typing import Any

import msgspec

from fleet.runtime.envelope import Envelope
from fleet.runtime.recording_frames import Life, Name, Turn
from fleet.runtime.recording_port import OpenTurn
from fleet.runtime.recording_rows import Rows

KINDS = [make_dataclass(f"Kind{number}", ["what"], frozen=True) for number in range(60)]


def rows() -> Rows:
    return Rows(full=False, is_outside=lambda path: path == "/out", answered={})


def turn_of(place: int, message: Any) -> OpenTurn:
    turn = OpenTurn(place, 1, Envelope(message, place, timer=("key", 1)), 1.5)
    turn.values += [place, 2.5]
    turn.sent += [("/in", message), ("/out", message)]
    return turn


def names_of(made: Rows) -> dict[int, str]:
    return {frame.name: frame.text for frame in made.frames if isinstance(frame, Name)}


def read(row: bytes) -> Turn:
    return msgspec.msgpack.decode(row, type=Turn)


def test_a_row_tells_what_its_turn_took_was_told_and_sent() -> None:
    made = rows()
    turn = read(made.row(turn_of(7, KINDS[0]("a")), "done"))
    assert (turn.place, turn.id, turn.at, turn.values, turn.end) == (7, 7, 1.5, [7, 2.5], "done")
    names = names_of(made)
    assert names[turn.name] == "Kind0"
    assert [names[number] for number in turn.sent[::2]] == ["/in Kind0", "/out Kind0"]


def test_of_what_is_much_only_the_type_counts_inside() -> None:
    made, much = rows(), KINDS[0]("a" * 1000)
    made.row(turn_of(1, much), "done")
    turn = read(made.row(turn_of(2, much), "done"))
    assert turn.sent[1] == 0
    assert turn.sent[3] > 1 << 32, "what goes outside counts as a whole"


def test_whatever_threads_write_down_at_once_every_name_is_told() -> None:
    made = rows()
    ready = threading.Barrier(4)
    written: list[bytes] = []

    def write() -> None:
        ready.wait(30.0)
        for place, kind in enumerate(KINDS, 1):
            written.append(made.row(turn_of(place, kind(place)), "done"))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    names = names_of(made)
    turns = [read(row) for row in written]
    assert len(turns) == 4 * len(KINDS)
    for turn in turns:
        assert names[turn.name] == f"Kind{turn.place - 1}"
        assert names[turn.sent[0]] == f"/in Kind{turn.place - 1}"


def test_a_new_file_gets_all_that_rows_may_refer_to() -> None:
    made, life = rows(), Life(1, "/a", 1, None)
    made.add_life(life)
    turn = read(made.row(turn_of(1, KINDS[0]("a")), "done"))
    made.frames.clear()
    known = made.known()
    assert life in known
    assert {frame.name for frame in known if isinstance(frame, Name)} >= {turn.name, turn.sent[0]}
