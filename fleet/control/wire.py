"""Requests and replies on the control socket: one JSON object per line, with a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

VERSION = 1
"""Raised when an old client could misread a new server, or the other way round."""

LINE_MOST = 1 << 20
"""Bytes of a request with its newline."""

REPLY_MOST = 64 << 20
"""Bytes of a reply with its newline; a status of thousands of ships stays far below."""

Fault = Literal["usage", "setup", "failed"]
"""Whose fault an error is: the asker's, the surroundings', or the fleet's own."""


class BadRequest(Exception):
    """A line that is no request; the text is the sentence for whoever sent it."""

    def __init__(self, sentence: str, id_: int = 0) -> None:
        super().__init__(sentence)
        self.id = id_


class Request(msgspec.Struct, frozen=True):
    """One thing to do, with its arguments."""

    id: int
    do: str
    arguments: Mapping[str, Any]


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a request."""

    v: int
    id: int
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    """One sentence, when it is not ok."""

    fault: Fault = "failed"


def encode_request(do: str, arguments: Mapping[str, Any], id_: int = 1) -> bytes:
    """Render a request as one line."""
    return msgspec.json.encode({"v": VERSION, "id": id_, "do": do, **arguments}) + b"\n"


def decode_request(line: bytes) -> Request:
    """Read a request. Raises BadRequest."""
    try:
        read = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("That is not a JSON object in one line.") from None
    id_, version, do = read.pop("id", 0), read.pop("v", None), read.pop("do", None)
    if not isinstance(id_, int) or isinstance(id_, bool):
        raise BadRequest("'id' must be a whole number.")
    if version != VERSION:
        raise BadRequest(
            f"This fleet speaks version {VERSION} of the control protocol, not {version}; "
            "use the same version of fleet for both.",
            id_,
        )
    if not isinstance(do, str):
        raise BadRequest("'do' must name what to do.", id_)
    return Request(id_, do, read)


def encode_result(id_: int, result: Any) -> bytes:
    """Render the result of a request as one line. Raises TypeError for what JSON can't hold."""
    raw = msgspec.Raw(msgspec.json.encode(result))
    return msgspec.json.encode(Reply(VERSION, id_, True, result=raw)) + b"\n"


def encode_error(id_: int, sentence: str, fault: Fault) -> bytes:
    """Render an error as one line; what no UTF-8 can tell of the sentence is escaped."""
    sentence = sentence.encode(errors="backslashreplace").decode()
    return msgspec.json.encode(Reply(VERSION, id_, False, error=sentence, fault=fault)) + b"\n"


def decode_reply(line: bytes) -> Reply:
    """Read a reply. Raises msgspec.DecodeError."""
    return msgspec.json.decode(line, type=Reply)
