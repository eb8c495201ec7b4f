"""A random walk over all operations, held against both specifications; and bodies of every kind.

FLEET_LONG=1 walks 10,000 calls instead of some hundred.
"""

import json
import os
import random
from collections import Counter

import msgspec
import pytest

from fleet.protocol.endpoints import ENDPOINTS

from .walker import Walker

LONG = os.environ.get("FLEET_LONG") == "1"
CALLS = 10_000 if LONG else 700
FUZZED = 5_000 if LONG else 500


def check_refusal(answer):
    """See that a refusal is the error object of the API."""
    error = answer.error
    assert answer.status < 500, answer.body
    assert isinstance(error["code"], int)
    assert error["message"]
    assert len(error["requestId"]) == 36
    assert set(error) <= {"code", "message", "data", "requestId"}


@pytest.mark.timeout(900)
def test_13_every_answer_of_a_random_walk_fits_both_specifications(make_game, spec, published):
    if spec is None or published is None:
        pytest.skip("needs the reference folder beside the checkout")
    game = make_game(systems=60, seed=11)
    walker = Walker(game, 11)
    done, calls = Counter(), 0
    while calls < CALLS:
        for endpoint in walker.dice.sample(ENDPOINTS, len(ENDPOINTS)):
            calls += 1
            # The stage itself holds each success against the server's own one and our models.
            path, answer = walker.step(endpoint)
            if answer.status >= 400:
                check_refusal(answer)
                continue
            done[endpoint.operation] += 1
            if published.knows(endpoint.method, path):
                published.check(endpoint.method, path, answer.status, answer.body)
            game.wait(walker.dice.choice((0, 0.5, 40)))
    assert set(done) == {row.operation for row in ENDPOINTS} - {"websocket-departure-events"}


JUNK = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "X1",
    "\u0000",
    "☃" * 300,
    [],
    [[]],
    {},
    {"symbol": {}},
    "2026-13-45T99:99:99.000Z",
)
RAW = (
    b"",
    b"{",
    b"null",
    b"\xff\xfe",
    b"[" * 5000,
    b'{"units": 1e999}',
    b'{"units": NaN}',
    b"units=3&symbol=FUEL",
    b"units=%zz&symbol=%ff",
    b'{"symbol": "A", "symbol": "B"}',
    b"\x00" * 64,
)
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "image/png",
    "",
    "é",
)
FIELDS = [
    *("symbol", "units", "shipSymbol", "tradeSymbol", "waypointSymbol", "shipType", "flightMode"),
    *("produce", "faction", "fromCargo", "signature", "deposits", "expiration", "size", "survey"),
]


def fuzzed(dice):
    """Make up a body of any kind."""
    if dice.random() < 0.3:
        return dice.choice(RAW)
    fields = dice.sample(FIELDS, dice.randint(0, 6))
    return json.dumps({name: dice.choice(JUNK) for name in fields}).encode()


@pytest.mark.timeout(900)
def test_no_body_path_or_query_ever_leads_to_a_500_or_changes_anything(make_game):
    game = make_game(seed=3)
    game.register()
    dice = random.Random(3)
    words = ["ABC-1", "ABC-2", "X1-A1-A1", "%00", "..", "é%C3", "a" * 3000, *game.world.systems]
    for number in range(FUZZED):
        endpoint = ENDPOINTS[number % len(ENDPOINTS)]
        path = endpoint.path
        for name in ("shipSymbol", "systemSymbol", "waypointSymbol", "contractId"):
            path = path.replace("{" + name + "}", dice.choice(words))
        query = dice.choice(
            ("", "?page=9999999999999999999999", "?limit=%00", "?traits=", "?x=1&x")
        )
        head = {"authorization": f"Bearer {game.token}", "content-type": dice.choice(TYPES)}
        before, draws = game.sim.state_hash() if number % 7 == 0 else None, game.world.draws
        answer = game.send(endpoint.method, f"/v2{path}{query}", fuzzed(dice), head)
        assert answer.status < 500, (endpoint.operation, path, answer.body)
        if answer.status >= 400:
            assert "message" in json.loads(answer.body)["error"]
            if before is not None and game.world.draws == draws:
                assert game.sim.state_hash() == before
        game.wait(30)


def test_a_form_is_as_good_as_json(game):
    head = {
        "authorization": f"Bearer {game.token}",
        "content-type": "application/x-www-form-urlencoded",
    }
    game.world.ships["ABC-1"].cargo["FOOD"] = 5
    game.act("ABC-1", "orbit")
    answer = game.send("POST", "/v2/my/ships/ABC-1/jettison", b"symbol=FOOD&units=3", head)
    assert json.loads(answer.body)["data"]["cargo"]["units"] == 2
    body = b'{"symbol": "FOOD", "units": 2}'
    assert game.send("POST", "/v2/my/ships/ABC-1/jettison", body, head).status == 200
    assert msgspec.to_builtins(game.world.ships["ABC-1"].cargo) == {}
