"""Turns the JSON of answers into the models of their operations.

All decoders are made when this module is imported, in one thread: msgspec learns a model when it
is first used and shows it half made to other threads, which crashed the interpreter (observed
with 0.22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from fleet.protocol.endpoints import BY_OPERATION, ENDPOINTS, Endpoint

T = TypeVar("T")


class Envelope(msgspec.Struct, Generic[T], frozen=True):
    """What stands around the data of an answer."""

    data: T


def decoder(endpoint: Endpoint, data: Any) -> msgspec.json.Decoder[Any]:
    """Make a decoder of whole bodies of an operation whose data is of a type."""
    envelope: Any = Envelope
    return msgspec.json.Decoder(envelope[data] if endpoint.wrapped else data)


DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {
    row.operation: decoder(row, row.reply) for row in ENDPOINTS
}


def decode_body(operation: str, body: bytes) -> Any:
    """Read the body of a successful answer. Raises msgspec.DecodeError, also for a wrong shape."""
    try:
        read = DECODERS[operation].decode(body)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None
    return read.data if BY_OPERATION[operation].wrapped else read


def decode(operation: str, data: Any) -> Any:
    """Turn a reply's `data`, as plain JSON, into its model. Raises msgspec.ValidationError."""
    return msgspec.convert(data, BY_OPERATION[operation].reply)
