"""Reads what a person typed after `fleet api`: an operation, or a verb and a resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec

from fleet.api.call import Call
from fleet.api.keys import Key, find_key, keys_of
from fleet.protocol.endpoint import Endpoint
from fleet.protocol.endpoints import BY_OPERATION, ENDPOINTS
from fleet.protocol.errors import UsageError

VERBS = ("create", "read", "update", "rm")
SYSTEM, WAYPOINT = "systemSymbol", "waypointSymbol"


def read_words(words: Sequence[str], body: str | None = None) -> Call:
    """Make the call of `OPERATION [VALUE | KEY=VALUE]...` or `VERB RESOURCE ...`.

    Values without a key fill the path, then the needed fields of the body, in order. `body` is
    a whole body as JSON. Raises UsageError with what is missing or wrong.
    """
    candidates, rest = _candidates(words)
    failure: UsageError | None = None
    # Of `read ship` and `read ship SHIP`, the one that has a use for everything given.
    for endpoint in sorted(candidates, key=lambda row: len(row.params), reverse=True):
        try:
            return _call(endpoint, rest, body)
        except UsageError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def _candidates(words: Sequence[str]) -> tuple[list[Endpoint], Sequence[str]]:
    if words[0] not in VERBS:
        return [_operation(words[0])], words[1:]
    verb = words[0]
    resources = sorted({row.resource for row in ENDPOINTS if row.verb == verb})
    if len(words) == 1:
        raise UsageError(f"Say what to {verb}: {', '.join(resources)}.")
    # `read ships` reads as well as `read ship`.
    resource = words[1] if words[1] in resources else words[1].removesuffix("s")
    found = [row for row in ENDPOINTS if row.act == f"{verb} {resource}"]
    if not found:
        near = get_close_matches(words[1], resources, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(resources)}."
        raise UsageError(f"One cannot {verb} '{words[1]}'; {hint}")
    return found, words[2:]


def _operation(name: str) -> Endpoint:
    if name in BY_OPERATION:
        return BY_OPERATION[name]
    near = get_close_matches(name, [*BY_OPERATION, *VERBS], 1)
    hint = f"did you mean '{near[0]}'?" if near else "`fleet api --list` lists them."
    raise UsageError(f"There is no operation '{name}'; {hint}")


def _call(endpoint: Endpoint, words: Sequence[str], body: str | None) -> Call:
    given = _given(endpoint, words, whole=body is not None)
    keys = keys_of(endpoint)
    missing = [
        f"{key.name}=..."
        for key in keys
        if key.needed and key.name not in given and not (body and key.place == "body")
    ]
    if missing:
        raise UsageError(f"{endpoint.operation} needs {' '.join(missing)}")
    return Call(
        endpoint=endpoint,
        params={name: given[name] for name in endpoint.params},
        query=tuple(
            (k.name, given[k.name]) for k in keys if k.place == "query" and k.name in given
        ),
        body=_body(endpoint, _fields(keys, given), body),
    )


def _fields(keys: Iterable[Key], given: dict[str, str]) -> dict[str, Any]:
    taken = [key for key in keys if key.place == "body" and key.name in given]
    return {key.field: given[key.name] if key.flat else _json(given[key.name]) for key in taken}


def _given(endpoint: Endpoint, words: Sequence[str], *, whole: bool) -> dict[str, str]:
    """Sort the words to the keys that they are for."""
    given: dict[str, str] = {}
    bare = []
    for word in words:
        name, equals, value = word.partition("=")
        if not word or (equals and not value):
            raise UsageError(f"'{word}' gives no value; leave it out, or write NAME=VALUE.")
        if equals:
            given[find_key(endpoint, name).name] = value
        else:
            bare.append(word)
    places = ("path",) if whole else ("path", "body")
    open_ = [k.name for k in keys_of(endpoint) if k.needed and k.place in places]
    open_ = [name for name in open_ if name not in given]
    waypoint = given.get(WAYPOINT) or (bare[0] if 0 < len(bare) < len(open_) else "")
    if SYSTEM in open_ and waypoint.count("-") >= 2:
        # A waypoint's symbol begins with its system's: nobody has to say that twice.
        open_.remove(SYSTEM)
    if len(bare) > len(open_):
        raise UsageError(f"{endpoint.operation} has no use for '{bare[len(open_)]}'.")
    given.update(zip(open_, bare, strict=False))
    if SYSTEM in endpoint.params and SYSTEM not in given and WAYPOINT in given:
        given[SYSTEM] = "-".join(given[WAYPOINT].split("-")[:2])
    return given


def _body(endpoint: Endpoint, fields: dict[str, Any], whole: str | None) -> dict[str, Any] | None:
    if endpoint.body is None:
        if whole is not None:
            raise UsageError(f"{endpoint.operation} takes no body.")
        return None
    if whole is not None:
        read = _json(whole)
        if not isinstance(read, dict):
            raise UsageError("The body must be a JSON object.")
        fields = {**read, **fields}
    try:
        model = msgspec.convert(fields, endpoint.body, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{endpoint.operation} does not take that: {error}") from None
    made: dict[str, Any] = msgspec.to_builtins(model)
    return made


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"'{text:.40}' is no JSON: {error}.") from None
