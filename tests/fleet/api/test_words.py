from __future__ import annotations

import pytest

from fleet.api.keys import keys_of
from fleet.api.words import read_words
from fleet.protocol.endpoints import ENDPOINTS, Endpoint
from fleet.protocol.errors import UsageError

SAMPLES = {"whole number": "3", "text": "X1-AB-C1", "JSON": '[{"symbol":"IRON"}]'}


def words_of(row: Endpoint) -> list[str]:
    """What a person would type to give everything that an operation needs."""
    return [f"{key.name}={SAMPLES[key.kind]}" for key in keys_of(row) if key.needed]


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.operation)
def test_every_operation_can_be_named_and_done_to_its_resource(row: Endpoint):
    given = words_of(row)
    call = read_words([row.operation, *given])
    assert call.endpoint == row
    assert set(call.params) == set(row.params)
    assert (call.body is None) == (row.body is None)
    assert read_words([row.verb, row.resource, *given]) == call


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.operation)
def test_nothing_needed_may_be_left_out(row: Endpoint):
    for missing in words_of(row):
        name = missing.partition("=")[0]
        if name == "systemSymbol" and "waypointSymbol" in row.params:
            continue
        with pytest.raises(UsageError, match=name):
            read_words([row.operation, *(word for word in words_of(row) if word != missing)])


def test_values_without_a_key_fill_path_and_body_in_order():
    call = read_words(["sell-cargo", "A-1", "IRON", "3"])
    assert call.params == {"shipSymbol": "A-1"}
    assert call.body == {"symbol": "IRON", "units": 3}


def test_the_ship_that_gets_has_another_name_than_the_one_that_gives():
    call = read_words(["transfer-cargo", "A-1", "IRON", "3", "A-2"])
    assert call.params == {"shipSymbol": "A-1"}
    assert call.body == {"tradeSymbol": "IRON", "units": 3, "shipSymbol": "A-2"}
    by_name = ["ship=A-1", "target=A-2", "trade=IRON", "units=3"]
    assert read_words(["transfer-cargo", *by_name]) == call


def test_a_waypoint_tells_its_system():
    call = read_words(["read", "market", "X1-AB12-C3"])
    assert call.params == {"systemSymbol": "X1-AB12", "waypointSymbol": "X1-AB12-C3"}
    assert read_words(["get-market", "waypoint=X1-AB12-C3"]) == call
    assert read_words(["get-market", "X1-AB12", "X1-AB12-C3"]) == call
    supply = read_words(["update", "construction", "X1-AB-C1", "A-1", "IRON", "3"])
    assert supply.params["systemSymbol"] == "X1-AB"
    assert supply.body == {"shipSymbol": "A-1", "tradeSymbol": "IRON", "units": 3}


def test_with_or_without_a_symbol_a_resource_is_one_or_the_list():
    assert read_words(["read", "ship"]).endpoint.operation == "get-my-ships"
    assert read_words(["read", "ships"]).endpoint.operation == "get-my-ships"
    assert read_words(["read", "ship", "A-1"]).endpoint.operation == "get-my-ship"
    assert read_words(["read", "waypoints", "X1-AB"]).endpoint.operation == "get-system-waypoints"


def test_keys_may_be_written_as_one_likes_or_begun():
    for key in ("waypointSymbol", "waypointsymbol", "waypoint-symbol", "WAYPOINT_SYMBOL", "way"):
        assert read_words(["navigate-ship", "A-1", f"{key}=X"]).body == {"waypointSymbol": "X"}


def test_the_query_is_asked_for_by_name():
    call = read_words(["get-system-waypoints", "X1-AB", "traits=MARKETPLACE", "limit=20"])
    assert call.query == (("traits", "MARKETPLACE"), ("limit", "20"))


def test_optional_fields_of_the_body_have_their_types_and_are_left_out_otherwise():
    assert read_words(["refuel-ship", "A-1"]).body == {}
    call = read_words(["refuel-ship", "A-1", "units=50", "fromCargo=true"])
    assert call.body == {"units": 50, "fromCargo": True}


def test_a_whole_body_comes_as_json():
    body = '{"signature":"S","symbol":"W","deposits":[],"expiration":"E","size":"SMALL"}'
    call = read_words(["extract-resources-with-survey", "A-1"], body)
    assert call.body == {
        "signature": "S",
        "symbol": "W",
        "deposits": (),
        "expiration": "E",
        "size": "SMALL",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["navigat-ship"], "did you mean 'navigate-ship'?"),
        (["zzz"], "`fleet api --list` lists them."),
        (["read"], "Say what to read: "),
        (["read", "shp"], "did you mean 'ship'?"),
        (["rm", "zzz"], "there is cargo, module, mount, ship."),
        (["get-my-agent", "A"], "get-my-agent has no use for 'A'."),
        (["get-my-agent", "a=1"], "get-my-agent takes no 'a'; it takes nothing."),
        (["sell-cargo", "A-1", "IRON", "many"], "sell-cargo does not take that: "),
        (["sell-cargo", "A-1", "unit=1"], "sell-cargo needs symbol=..."),
        (["transfer-cargo", "A-1", "t=1"], "transfer-cargo takes no 't'; "),
        (["get-my-ship", ""], "'' gives no value"),
        (["read", "ship", "ship="], "'ship=' gives no value"),
        (["navigate-ship", "A-1", "waypiont=X"], "did you mean 'waypointSymbol'?"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(words: list[str], said: str):
    with pytest.raises(UsageError) as refused:
        read_words(words)
    assert said in str(refused.value)


def test_a_body_that_is_none_is_refused():
    with pytest.raises(UsageError, match="is no JSON"):
        read_words(["refuel-ship", "A-1"], "{")
    with pytest.raises(UsageError, match="must be a JSON object"):
        read_words(["refuel-ship", "A-1"], "[1]")
    with pytest.raises(UsageError, match="dock-ship takes no body"):
        read_words(["dock-ship", "A-1"], "{}")
