"""Requests that schemathesis makes up from the server's own specification, good ones and bad ones.

Its own checks judge the answers, beside those of the random walk.
"""

import json
import random
from contextlib import suppress

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from tests.simulator.conftest import SHARED

EXAMPLES = 40
"""Of each of 63 operations, of what the specification allows and of what it forbids."""

SOCKET = "/my/socket.io"
RUN = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def real_places(game):
    """List what the variables of a path may stand for in a game."""
    agent = game.world.agents["ABC"]
    system = game.world.systems[agent.headquarters.rpartition("-")[0]]
    return {
        "shipSymbol": list(agent.ships),
        "systemSymbol": [system.symbol],
        "waypointSymbol": list(system.waypoints),
        "contractId": list(agent.contracts),
        "agentSymbol": ["ABC"],
        "factionSymbol": list(game.sim.catalogue.factions),
    }


def sent(game, case):
    """Send a case; tell the answer as schemathesis wants it."""
    from schemathesis.core import NOT_SET
    from schemathesis.core.transport import Response

    made = case.as_transport_kwargs(base_url="http://universe/v2")
    made["headers"] = {**made.get("headers", {}), "Authorization": f"Bearer {game.token}"}
    given_parts = {name: value for name, value in made.items() if value is not NOT_SET}
    request = requests.Request(**given_parts).prepare()
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    body = request.body.encode() if isinstance(request.body, str) else request.body
    answer = game.send(request.method, request.path_url, body, headers)
    shown = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status, shown, answer.body, request, elapsed=0.0, verify=False)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_13_what_schemathesis_makes_up_is_answered_as_specified(make_game, spec, mode):
    if spec is None:
        pytest.skip("needs the reference folder beside the checkout")
    # Imported here, because every process that collects the tests would pay for it.
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    judges = [
        not_a_server_error,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    document = json.loads((SHARED / "openapi/server-2025-06.json").read_text())
    game = make_game(systems=60, seed=5)
    game.register()
    dice, calls = random.Random(5), []
    places = real_places(game)

    def judge(case):
        """Call an operation, mostly about something that there is."""
        for name in case.path_parameters or {}:
            if dice.random() < 0.8:
                case.path_parameters[name] = dice.choice(places[name])
        answer = sent(game, case)
        calls.append((case.operation.label, answer.status_code))
        if answer.status_code == 204:
            # The specification lists a body here, too, which HTTP forbids.
            assert not answer.content
        else:
            case.validate_response(answer, checks=judges)
        game.wait(dice.choice((0, 0.5, 40)))

    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        if operation.path != SOCKET:
            made_up = operation.as_strategy(generation_mode=schemathesis.GenerationMode[mode])
            # Some operations take nothing that could be wrong.
            with suppress(Unsatisfiable):
                RUN(given(case=made_up)(judge))()
    assert len({label for label, _status in calls}) >= (63 if mode == "POSITIVE" else 30)
    assert {status for _label, status in calls} >= {200, 404}
