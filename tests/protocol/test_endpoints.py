"""The table against the server's own specification, operation by operation."""

from __future__ import annotations

import pytest

from fleet.protocol.endpoints import BY_OPERATION, ENDPOINTS, Auth, Endpoint

from .specification import SERVER, Described, described

PAGE = {"page", "limit"}
UNDESCRIBED = {"get-faction": Auth.NONE, "get-my-factions": Auth.AGENT}
"""Auth of operations of which the specification does not tell any (observed)."""


def test_the_table_has_the_operations_of_the_server_and_no_others():
    server = described(SERVER)
    assert len(server) == 64
    assert {(row.operation, row.method, row.path) for row in ENDPOINTS} == {
        (each.id, each.method, each.path) for each in server.values()
    }


def both(row: Endpoint) -> Described:
    return described(SERVER)[row.method, row.path]


@pytest.fixture(params=ENDPOINTS, ids=lambda row: row.operation)
def row(request: pytest.FixtureRequest) -> Endpoint:
    """Every operation in turn."""
    return request.param


def test_success_has_the_servers_status(row: Endpoint):
    assert str(row.ok) == both(row).ok


def test_the_token_is_the_one_that_the_server_demands(row: Endpoint):
    security = both(row).operation.get("security")
    if row.operation in UNDESCRIBED:
        assert (security, row.auth) == (None, UNDESCRIBED[row.operation])
    elif {} in (security or [{}]):
        assert row.auth is Auth.NONE
    else:
        wanted = {Auth.AGENT: "AgentToken", Auth.ACCOUNT: "AccountToken"}
        assert security == [{wanted[row.auth]: []}]


def test_the_parameters_are_the_servers(row: Endpoint):
    told = both(row).operation.get("parameters", [])
    query = {each["name"] for each in told if each["in"] == "query"}
    assert {each["name"] for each in told if each["in"] == "path"} == set(row.params)
    assert query - PAGE == set(row.query)
    assert bool(query & PAGE) == row.paged


def test_the_body_is_taken_where_the_server_takes_one(row: Endpoint):
    assert (row.body is not None) == (both(row).body is not None)


def test_the_envelope_stands_where_the_server_has_one(row: Endpoint):
    reply = both(row).reply
    if reply is not None:
        assert row.wrapped == ("data" in reply["properties"])


def test_every_verb_and_resource_with_the_same_parameters_is_one_operation():
    named = [(row.act, row.params) for row in ENDPOINTS]
    assert len(set(named)) == len(named)
    assert {row.verb for row in ENDPOINTS} == {"create", "read", "update", "rm"}
    assert {row.verb for row in ENDPOINTS if not row.mutating} == {"read"}


def test_parameters_are_quoted_into_the_path():
    row = BY_OPERATION["get-my-ship"]
    assert row.fill({"shipSymbol": "A/B ?"}) == "/my/ships/A%2FB%20%3F"
    with pytest.raises(KeyError, match="shipSymbol"):
        row.fill({})
