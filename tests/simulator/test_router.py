"""Finding operations by path."""

import pytest

from fleet.protocol.endpoints import ENDPOINTS
from fleet.simulator.router import Router

ROUTER = Router(ENDPOINTS)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda row: row.operation)
def test_every_endpoint_is_found_with_its_parameters(endpoint):
    names = [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]
    params = {name: f"{name}-1" for name in names}
    assert ROUTER.find(endpoint.method, endpoint.fill(params)) == (endpoint, params)


def test_parameters_are_unquoted():
    found = ROUTER.find("GET", "/my/ships/A%20B")
    assert found is not None
    assert found[1] == {"shipSymbol": "A B"}


@pytest.mark.parametrize("path", ["/my/ships/A/B/C", "/x", "/systems/A/waypoints/B/market/C"])
def test_what_is_not_there_is_not_found(path):
    assert ROUTER.find("GET", path) is None
