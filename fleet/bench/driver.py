"""Replays recorded requests over raw sockets from a process of its own.

`python -m fleet.bench.driver FILE` plays a `Recording` and prints a `Driven` as JSON.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from fleet.bench.crowd_play import Step
from fleet.bench.replayer import replay

PATIENCE = 120.0


class Recording(msgspec.Struct):
    """What to send: the steps of each connection, and how often."""

    host: str
    port: int
    connections: list[list[Step]]
    rounds: int


class Driven(msgspec.Struct):
    """What came of it."""

    rate: float
    busy: float
    """Share of one core that the driver has used."""

    wrong: list[str]


def drive(recording: Recording, folder: Path) -> Driven:
    """Replay a recording in a process of its own. Raises subprocess.CalledProcessError."""
    file = folder / "recording.msgpack"
    file.write_bytes(msgspec.msgpack.encode(recording))
    done = subprocess.run(
        [sys.executable, "-m", "fleet.bench.driver", str(file)],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    return msgspec.json.decode(done.stdout, type=Driven)


def main() -> None:
    """Replay the recording that the first argument names."""
    content = Path(sys.argv[1]).read_bytes()
    told = msgspec.msgpack.decode(content, type=Recording)
    each = told.rounds * max(len(steps) for steps in told.connections)
    count = replay((told.host, told.port), told.connections, each)
    driven = Driven(count.rate, count.cpu / count.seconds, count.wrong)
    sys.stdout.buffer.write(msgspec.json.encode(driven))


if __name__ == "__main__":
    main()
