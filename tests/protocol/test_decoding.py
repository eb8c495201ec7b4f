"""Whatever the two specifications allow is decoded, and nothing but prose gets lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fleet.protocol.endpoints import ENDPOINTS
from fleet.protocol.wire.decoding import decode_body

from .specification import FORMS, OFFICIAL, SERVER, Maker, described

PROSE = {"name", "description"}
OLD = {".accountId", "[].accountId", ".email"}
"""What the official document has and the server itself has dropped."""

BOTH = pytest.mark.parametrize("file", [SERVER, OFFICIAL], ids=["server", "official"])
EACH_FORM = pytest.mark.parametrize("form", FORMS)
SEEDS = range(2)
BY_PLACE = {(row.method, row.path): row for row in ENDPOINTS}


def lost(told: Any, kept: Any, where: str = "") -> list[str]:
    """Name what was told and not kept, but for prose."""
    if isinstance(told, dict):
        missing = [f"{where}.{name}" for name in told if name not in kept and name not in PROSE]
        inner = (lost(told[name], kept[name], f"{where}.{name}") for name in told if name in kept)
        return missing + [each for part in inner for each in part]
    if isinstance(told, list):
        assert len(told) == len(kept)
        pairs = zip(told, kept, strict=True)
        return [name for one, other in pairs for name in lost(one, other, f"{where}[]")]
    return [] if told == kept else [f"{where}: {told!r} is {kept!r}"]


def shown(value: Any) -> Any:
    """Turn a model back into JSON, with what its models leave out when it is the default."""
    if isinstance(value, msgspec.Struct):
        pairs = ((row.encode_name, getattr(value, row.name)) for row in fields(value))
        return {name: shown(inner) for name, inner in pairs}
    if isinstance(value, tuple | list):
        return [shown(inner) for inner in value]
    if isinstance(value, dict):
        return {name: shown(inner) for name, inner in value.items()}
    return value


def fields(value: msgspec.Struct) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(value)


@BOTH
@EACH_FORM
def test_every_answer_that_a_specification_allows_is_decoded(file: Path, form: str):
    for operation in described(file).values():
        row = BY_PLACE[operation.method, operation.path]
        for seed in SEEDS if operation.reply else ():
            told = Maker(form, seed).make(operation, operation.reply)
            kept = shown(decode_body(row.operation, msgspec.json.encode(told)))
            inner = told["data"] if row.wrapped else told
            assert set(lost(inner, kept)) <= OLD, row.operation


@BOTH
@EACH_FORM
def test_every_body_that_a_specification_allows_is_one_of_ours(file: Path, form: str):
    for operation in described(file).values():
        row = BY_PLACE[operation.method, operation.path]
        for seed in SEEDS if row.body else ():
            told = Maker(form, seed).make(operation, operation.body)
            model = msgspec.convert(told, row.body)
            assert set(lost(told, shown(model))) <= OLD, row.operation
            # What is not given is not sent: the server takes no null for nothing.
            sent = msgspec.json.decode(msgspec.json.encode(model))
            assert {name: told[name] for name in sent} == sent, row.operation


def test_decoded_again_it_is_the_same():
    body = b'{"data":{"symbol":"A-1","registration":{"name":"A-1","role":"COMMAND","factionSymbol":'
    body += b'"COSMIC"},"nav":{"systemSymbol":"X1-A","waypointSymbol":"X1-A-A1","route":{"origin":'
    end = b'{"symbol":"X1-A-A1","type":"PLANET","systemSymbol":"X1-A","x":1,"y":-2}'
    body += end + b',"destination":' + end
    body += b',"departureTime":"2026-07-04T13:00:00.250Z","arrival":"2026-07-04T13:00:00.250Z"},'
    body += b'"status":"DOCKED","flightMode":"CRUISE"},"fuel":{"current":0,"capacity":0},"cargo":'
    body += b'{"capacity":0,"units":0,"inventory":[]},"cooldown":{"shipSymbol":"A-1","totalSeconds"'
    body += b':0,"remainingSeconds":0},"engine":{"symbol":"E","speed":9},"frame":{"symbol":"F"},'
    body += b'"modules":[],"mounts":[{"symbol":"M","requirements":{"power":1}}]}}'
    ship = decode_body("get-my-ship", body)
    again = msgspec.json.encode({"data": ship})
    assert decode_body("get-my-ship", again) == ship
    assert ship.mounts[0].requirements.power == 1
