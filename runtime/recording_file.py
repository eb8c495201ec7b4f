"""Puts rows into a file; two files take turns where only the last hours are to be kept."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from fleet.protocol.errors import SetupError
from fleet.runtime.recording_frames import LENGTH, Anchor, Closed, Frame, Header

TOKEN: Final = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
"""What a token of the API looks like."""

TOKENS_BEGIN: Final = b"eyJ"
TOGETHER: Final = 16
"""Turns in a frame: what is cut off then is not much."""

TURNS: Final = b"\x92\xa5turns\xdc"
"""MessagePack of an array of two: the tag of a Turns, and an array whose length comes next."""

COUNT: Final = struct.Struct(">H")


def earlier(path: Path) -> Path:
    """Name the file with what came before the newest one."""
    return path.with_name(f"{path.name}.1")


def _set_aside(path: Path) -> None:
    """Keep the files of the recording before this one, under names that go together."""
    before = path.with_name(f"{path.name}.before")
    if path.exists() or earlier(path).exists():
        for old, new in ((path, before), (earlier(path), earlier(before))):
            new.unlink(missing_ok=True)
            if old.exists():
                old.replace(new)


class RecordingFile:
    """For one thread at a time. What it has written, the system has: a kill loses nothing."""

    def __init__(
        self,
        path: Path,
        header: Header,
        *,
        known: Callable[[], Iterable[Frame]],
        secrets: Collection[bytes] = (),
        last: float | None = None,
    ) -> None:
        """Begin a file; one that is there is kept as `.before`. Raises SetupError.

        `known` lists what rows of an earlier file had named; `last` is in wall seconds.
        """
        self._path = path
        self._header = header
        self._known = known
        self._secrets = tuple(secret for secret in secrets if secret)
        self._last = last
        self._began: float | None = None
        self._encoder = msgspec.msgpack.Encoder()
        self._out = bytearray()
        try:
            _set_aside(path)
            self._open()
        except OSError as failure:
            raise SetupError(f"{path} cannot be written: {failure.strerror}.") from failure

    def _open(self) -> None:
        self._file = self._path.open("wb", buffering=0)
        self._path.chmod(0o600)
        self._frame(self._header)
        self._flush()

    def write(self, anchor: Anchor, frames: Iterable[Frame], rows: Sequence[bytes]) -> None:
        """Write rows of turns, behind what they refer to. Raises OSError."""
        self._rotate(anchor.steady)
        self._frame(anchor)
        for frame in frames:
            self._frame(frame)
        for begin in range(0, len(rows), TOGETHER):
            some = rows[begin : begin + TOGETHER]
            self._body(b"".join((TURNS, COUNT.pack(len(some)), *some)))
        self._flush()

    def close(self, *, whole: bool = True) -> None:
        """Close the file; `whole`: nothing that should be in it was left out."""
        with suppress(OSError):
            if whole:
                self._frame(Closed())
                self._flush()
        self._file.close()

    def _rotate(self, now: float) -> None:
        if self._began is None:
            self._began = now
        if self._last is None or now - self._began < self._last:
            return
        self._file.close()
        self._path.replace(earlier(self._path))
        self._began = now
        self._header = msgspec.structs.replace(self._header, part=self._header.part + 1)
        self._open()
        for frame in self._known():
            self._frame(frame)

    def _flush(self) -> None:
        # Whatever a message holds: the same length, so that frames stay whole.
        data = bytes(self._out)
        if TOKENS_BEGIN in data:
            data = TOKEN.sub(lambda found: b"*" * len(found[0]), data)
        for secret in self._secrets:
            data = data.replace(secret, b"*" * len(secret))
        self._out = bytearray()
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]

    def _frame(self, frame: Frame) -> None:
        self._body(self._encoder.encode(frame))

    def _body(self, body: bytes) -> None:
        self._out += LENGTH.pack(len(body))
        self._out += body
