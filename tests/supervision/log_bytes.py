"""Lines of a supervision log as they stand in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet.protocol.clock import to_iso
from fleet.supervision.log_filter import LogFilter
from fleet.supervision.log_line import LogLine

ALL = LogFilter()
START = 1_782_000_000.0


def line(number: int, at: float | None = None, **fields: Any) -> bytes:
    head = {"t": to_iso(START + number if at is None else at), "seq": number, "process": "runtime"}
    head |= {"epoch": 1, "level": "info", "event": "a.done", "text": f"Line {number}."}
    return json.dumps(head | fields).encode() + b"\n"


def numbers(lines: list[LogLine] | Iterator[LogLine]) -> list[int]:
    return [one.record["seq"] for one in lines if one.record is not None]


def append(path: Path, *lines: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(lines))
