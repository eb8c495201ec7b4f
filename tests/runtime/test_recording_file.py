"""The files of a recording: which are kept, and under which names."""

from __future__ import annotations

from pathlib import Path

from fleet.runtime.recording_file import RecordingFile, earlier
from fleet.runtime.recording_frames import VERSION, Anchor, Header, Life, Turns, read_frames
from fleet.runtime.recording_port import OpenTurn
from fleet.runtime.recording_rows import Rows
from fleet.runtime.replay_turns import RecordedTurns


def test_only_the_last_hours_are_kept_in_two_files(tmp_path: Path) -> None:
    path = tmp_path / "run.rec"
    path.write_bytes(b"of an earlier process")
    header = Header(VERSION, 1, b"sheet", full=True)
    rows = Rows(full=True, is_outside=lambda _: False, answered={})
    file = RecordingFile(path, header, known=rows.known, last=100.0)
    assert (tmp_path / "run.rec.before").exists()
    rows.add_life(Life(1, "/a", 1, None))
    for place in range(1, 51):
        row = rows.row(OpenTurn(place, 1, None, place * 10.0), "done")
        frames = [rows.frames.popleft() for _ in range(len(rows.frames))]
        file.write(Anchor(place * 10.0, place * 10.0), frames, [row])
    file.close()
    found = list(RecordedTurns(path))
    # What they are called was written into a file that is gone.
    assert {(turn.life.path, turn.kind) for turn in found} == {("/a", "Starting")}
    kept = [turn.turn.place for turn in found]
    assert kept == list(range(kept[0], 51))
    assert 10 <= len(kept) <= 21
    with earlier(path).open("rb") as older:
        assert any(isinstance(frame, Turns) for frame in read_frames(older))
    # A process that begins anew keeps both.
    RecordingFile(path, header, known=rows.known, last=100.0).close()
    before = RecordedTurns(tmp_path / "run.rec.before")
    assert [turn.turn.place for turn in before] == kept
