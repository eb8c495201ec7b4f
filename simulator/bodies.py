"""The bodies that operations take, and how a wrong one is refused."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec

from fleet.simulator.refusals import Invalid
from fleet.simulator.world.ship import FlightMode

T = TypeVar("T")

Units = Annotated[int, msgspec.Meta(ge=1)]
Symbol = Annotated[str, msgspec.Meta(min_length=1)]


class RegisterBody(msgspec.Struct):
    """Who registers."""

    symbol: Annotated[str, msgspec.Meta(min_length=3, max_length=14, pattern=r"^[a-zA-Z0-9-_]+\Z")]
    faction: str


class DestinationBody(msgspec.Struct, rename="camel"):
    """Where to fly."""

    waypoint_symbol: Symbol


class FlightModeBody(msgspec.Struct, rename="camel"):
    """How to fly."""

    flight_mode: FlightMode | None = None


class CargoBody(msgspec.Struct):
    """A good and how much of it."""

    symbol: str
    units: Units


class DeliveryBody(msgspec.Struct, rename="camel"):
    """A good, how much of it, and a ship."""

    ship_symbol: str
    trade_symbol: str
    units: Units


class RefuelBody(msgspec.Struct, rename="camel"):
    """How much to refuel, and whence."""

    units: Units | None = None
    from_cargo: bool | None = None


class SymbolBody(msgspec.Struct):
    """A mount or module."""

    symbol: Symbol


class RefineBody(msgspec.Struct):
    """What to make."""

    produce: Literal[
        "IRON", "COPPER", "SILVER", "GOLD", "ALUMINUM", "PLATINUM", "URANITE", "MERITIUM", "FUEL"
    ]


class PurchaseShipBody(msgspec.Struct, rename="camel"):
    """Which ship to buy where."""

    ship_type: str
    waypoint_symbol: str


class DepositBody(msgspec.Struct):
    """A good that a survey found."""

    symbol: str


class SurveyBody(msgspec.Struct):
    """A survey as the API gave it out."""

    signature: Symbol
    symbol: Symbol
    deposits: list[DepositBody]
    expiration: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")]
    size: Literal["SMALL", "MODERATE", "LARGE"]


class WrappedSurvey(msgspec.Struct):
    """A survey in the deprecated form of the extraction body."""

    survey: SurveyBody


def decode_body(body: bytes, kind: type[T], *, form: bool, style: str) -> T:
    """Read a JSON or form body. Raises Invalid with the first thing that is wrong."""
    try:
        if form:
            fields: Any = dict(parse_qsl(body.decode(), keep_blank_values=True))
            return msgspec.convert(fields, kind, strict=False)
        return msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise invalid(str(error), style) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("", "JSON", "something else", style=style) from error


TYPES = {"int": "number", "str": "string", "bool": "boolean", "array": "array", "null": "null"}


def invalid(reason: str, style: str) -> Invalid:
    """Turn a decoding error into the server's form."""
    what, _, where = reason.partition(" - at `$")
    field = where.strip("`").lstrip(".")
    missing = re.search(r"missing required field `(\w+)`", what)
    if missing:
        inner = f"{field}.{missing[1]}".lstrip(".")
        return Invalid(inner, "a value", "undefined", style=style)
    pair = re.match(r"Expected `([^`]+)`, got `([^`]+)`", what)
    if pair:
        expected = TYPES.get(pair[1].split(" | ")[0], pair[1])
        return Invalid(field, expected, TYPES.get(pair[2], pair[2]), style=style)
    choice = re.match(r"Invalid enum value '(.*)'", what)
    if choice:
        return Invalid(field, "one of its known values", f"'{choice[1]}'", style=style)
    return Invalid(field, what.removeprefix("Expected ").replace("`", ""), "another", style=style)
