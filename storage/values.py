"""What each type of column takes: checked here, since the databases accept different things."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Integer, Text

LARGEST = sys.float_info.max

Convert = Callable[[Any], Any]
"""Gives what the database gets for a value. Raises BadRow."""


class BadRow(ValueError):
    """A row that no table takes; its text says why."""


def converter(column: Column[Any], where: str = "") -> Convert:
    """Make what checks and converts the values of a column; it is called for every value."""
    return MAKERS[type(column.type)](where or f"{column.table.name}.{column.name}", column.nullable)


def _missing(where: str, nullable: bool | None) -> None:
    if not nullable:
        raise BadRow(f"{where} must have a value")


def _text(where: str, nullable: bool | None) -> Convert:
    def convert(value: Any) -> Any:
        if value.__class__ is str and value.isascii() and "\x00" not in value:
            return value
        return _missing(where, nullable) if value is None else _checked_text(value, where)

    return convert


def _checked_text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadRow(f"{where} takes text, not {value!r}")
    if "\x00" in value:
        raise BadRow(f"{where} takes no text with a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRow(f"{where} takes no text with half a character") from None
    # An enumeration's member is text by inheritance only.
    return str.__str__(value)


def _integer(bits: int) -> Callable[[str, bool | None], Convert]:
    low, high = -(1 << bits), (1 << bits) - 1

    def make(where: str, nullable: bool | None) -> Convert:
        def convert(value: Any) -> Any:
            if value.__class__ is int and low <= value <= high:
                return value
            return _missing(where, nullable) if value is None else check(value, where)

        return convert

    def check(value: Any, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadRow(f"{where} takes a whole number, not {value!r}")
        if not low <= value <= high:
            raise BadRow(f"{where} takes {bits + 1}-bit numbers, not {value}")
        return int(value)

    return make


def _real(where: str, nullable: bool | None) -> Convert:
    def convert(value: Any) -> Any:
        # Only a finite number is less than infinity on both sides; NaN is less than nothing.
        if value.__class__ is float and -math.inf < value < math.inf:
            return value
        return _missing(where, nullable) if value is None else check(value)

    def check(value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # Of whole numbers those beyond any float are none either.
        if not number or not -LARGEST <= value <= LARGEST:
            shown = "a larger one" if number and isinstance(value, int) else repr(value)
            raise BadRow(f"{where} takes a finite number, not {shown}")
        return float(value)

    return convert


def _flag(where: str, nullable: bool | None) -> Convert:
    def convert(value: Any) -> Any:
        if value is True or value is False:
            return value
        if value is None:
            return _missing(where, nullable)
        raise BadRow(f"{where} takes true or false, not {value!r}")

    return convert


def _json(where: str, nullable: bool | None) -> Convert:
    def convert(value: Any) -> Any:
        if value is None:
            return _missing(where, nullable)
        try:
            return ENCODER.encode(value).decode()
        except (TypeError, ValueError, RecursionError) as error:
            raise BadRow(f"{where} takes JSON: {error}") from None

    return convert


ENCODER = msgspec.json.Encoder()

MAKERS: Mapping[type, Callable[[str, bool | None], Convert]] = {
    Text: _text,
    Integer: _integer(31),
    BigInteger: _integer(63),
    Double: _real,
    Boolean: _flag,
    JSON: _json,
}
