"""Lists, pages, routes and what everybody may read."""

import json

import pytest

from fleet.protocol.endpoints import ENDPOINTS
from fleet.simulator.operations.table import HANDLERS


@pytest.mark.parametrize("limit", ["21", "0", "-1", "abc", "1.5", "", "²"])
def test_a_bad_limit_is_invalid(game, limit):
    assert game.get(f"/systems?limit={limit}").status == 422
    assert game.get(f"/factions?page={limit}").status == (200 if limit == "21" else 422)


def test_pages_cover_a_list_without_overlap(game):
    path = f"/systems/{game.role('HQ').rpartition('-')[0]}/waypoints"
    seen, page = [], 1
    while True:
        answer = game.get(f"{path}?page={page}&limit=20")
        if not answer.data:
            break
        seen += [row["symbol"] for row in answer.data]
        page += 1
    assert seen == list(game.world.waypoints)
    assert answer.body["meta"] == {"total": len(seen), "page": page, "limit": 20}


def test_the_default_page_has_ten(game):
    answer = game.get("/factions")
    assert len(answer.data) == 10
    assert answer.body["meta"] == {"total": 19, "page": 1, "limit": 10}


def test_waypoints_are_filtered_by_type_and_all_traits(game):
    path = f"/systems/{game.role('HQ').rpartition('-')[0]}/waypoints"
    assert [row["type"] for row in game.get(f"{path}?type=JUMP_GATE").data] == ["JUMP_GATE"]
    both = game.get(f"{path}?traits=MARKETPLACE&traits=SHIPYARD").body
    assert both["meta"]["total"] == len(both["data"]) == 3


def test_status_is_not_wrapped(game):
    body = game.get("/").body
    assert body["version"] == "v2.3.0"
    assert body["resetDate"] == game.world.reset_date
    assert body["leaderboards"]["mostCredits"] == [{"agentSymbol": "ABC", "credits": 175_000}]
    assert len(game.get("/error-codes").body["errorCodes"]) > 100


def test_at_most_fifteen_lead(make_game):
    game = make_game()
    for number in range(17):
        game.register(f"AGENT{number}")
    assert len(game.get("/").body["leaderboards"]["mostCredits"]) == 15


@pytest.mark.parametrize("path", ["/v2", "/v2/", "/v2//", "//v2/../x", "/nothing"])
def test_paths_around_the_root(game, path):
    assert game.send("GET", path).status == (200 if path.startswith("/v2") else 404)


def test_doubled_and_trailing_slashes_do_not_matter(game):
    head = {"authorization": f"Bearer {game.token}"}
    for path in ("/v2/my//ships/ABC-1/", "/v2//my/ships//ABC-1", "/v2/my/ships/ABC%2D1"):
        assert game.send("GET", path, headers=head).status == 200


def test_unknown_routes_and_methods_are_404_with_an_error_object(game):
    for method, path in (("GET", "/nowhere"), ("DELETE", "/my/ships"), ("PUT", "/my/agent")):
        assert game.call(method, path).code == (404, 404)


def test_agents_show_their_account_only_to_themselves(game):
    assert "accountId" in game.get("/my/agent").data
    assert "accountId" not in game.get("/agents/abc").data
    assert "accountId" not in game.get("/agents").data[0]
    assert game.get("/agents/NOBODY").code == (404, 404)


def test_the_rest_of_what_can_be_read_has_the_right_shape(game):
    home = game.role("HQ").rpartition("-")[0]
    gate = game.path_of(game.role("JUMP_GATE"))
    paths = [
        "/market/supply-chain",
        "/my/account",
        "/my/agent/events",
        "/my/contracts",
        "/my/factions",
        "/my/ships",
        "/my/ships/ABC-1/cargo",
        "/my/ships/ABC-1/mounts",
        "/my/ships/ABC-1/modules",
        "/factions/VOID",
        "/systems",
        f"/systems/{home}",
        f"{gate}/jump-gate",
        f"{gate}/construction",
        f"{game.path_of(game.role('HQ'))}/construction",
    ]
    for path in paths:
        assert game.get(path).status == 200, path
    assert game.get("/factions/NOBODY").status == 404
    assert game.get("/systems/X1-NO").status == 404
    assert game.get(f"/systems/X1-NO/waypoints/{game.role('HQ')}").status == 404


def test_the_home_gate_is_under_construction(game):
    gate = game.role("JUMP_GATE")
    site = game.get(f"{game.path_of(gate)}/construction").data
    assert not site["isComplete"]
    needs = {row["tradeSymbol"]: (row["required"], row["fulfilled"]) for row in site["materials"]}
    assert needs["FAB_MATS"] == (1600, 0)
    assert game.get(game.path_of(gate)).data["isUnderConstruction"]
    nothing = game.get(f"{game.path_of(game.role('HQ'))}/construction").data
    assert nothing["isComplete"]


def fill(path):
    return path.format(
        shipSymbol="ABC-1",
        systemSymbol="X1-A1",
        waypointSymbol="X1-A1-A1",
        contractId="c",
        agentSymbol="ABC",
        factionSymbol="VOID",
    )


def test_every_operation_has_a_handler():
    assert {row.operation for row in ENDPOINTS} == HANDLERS.keys()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda row: row.operation)
def test_every_operation_that_needs_a_token_refuses_strangers(game, endpoint):
    answer = game.call(endpoint.method, fill(endpoint.path), token=None)
    if endpoint.auth.value == "agent":
        assert answer.code == (401, 4103)
    else:
        assert answer.status != 401


def test_json_without_a_body_is_taken_unless_the_rules_refuse_it(game, make_game):
    from fleet.simulator.settings import Rules

    def orbit(game):
        head = {"authorization": f"Bearer {game.token}", "content-type": "application/json"}
        return game.send("POST", "/v2/my/ships/ABC-1/orbit", b"", head)

    assert orbit(game).status == 200
    strict = make_game(rules=Rules(empty_json_refused=True))
    strict.register()
    answer = orbit(strict)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, 3001)


def test_form_bodies_may_carry_numbers_as_text(game):
    game.world.ships["ABC-1"].cargo["IRON_ORE"] = 5
    game.act("ABC-1", "orbit")
    head = {
        "authorization": f"Bearer {game.token}",
        "content-type": "application/x-www-form-urlencoded",
    }
    path = "/v2/my/ships/ABC-1/jettison"
    assert game.send("POST", path, b"symbol=IRON_ORE&units=3", head).status == 200
    assert game.send("POST", path, b'{"symbol":"IRON_ORE","units":1}', head).status == 200
    assert game.send("POST", path, b"symbol=IRON_ORE&units=many", head).status == 422
    assert game.world.ships["ABC-1"].cargo == {"IRON_ORE": 1}


def test_a_wrong_media_type_is_415(game):
    head = {"authorization": f"Bearer {game.token}", "content-type": "application/xml"}
    answer = game.send("POST", "/v2/my/ships/ABC-1/jettison", b"<a/>", head)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (415, 5000)


def test_the_field_map_style_of_422_can_be_chosen(make_game):
    from fleet.simulator.settings import Rules

    game = make_game(rules=Rules(validation_style="fields"))
    game.register()
    refused = game.act("ABC-1", "navigate", {})
    assert refused.code == (422, 422)
    assert refused.error["data"] == {"waypointSymbol": ["Required"]}


def test_reading_never_changes_the_world(game):
    game.wait(10_000)
    before = game.sim.state_hash()
    home = game.role("HQ").rpartition("-")[0]
    for path in ("/", "/my/ships", f"/systems/{home}/waypoints?limit=20", "/my/contracts"):
        game.get(path)
    for waypoint in game.world.markets:
        game.get(f"{game.path_of(waypoint)}/market")
    game.wait(10_000)
    assert game.sim.state_hash() == before


def test_the_side_door_tells_clock_and_state(game):
    clock = json.loads(game.send("GET", "/sim/clock").body)
    assert clock == {"game": game.clock.now(), "speed": 1.0, "paused": False}
    assert json.loads(game.send("GET", "/sim/state").body)["hash"] == game.sim.state_hash()
    assert game.send("GET", "/sim/books?agent=nobody").status == 404
    assert game.send("POST", "/sim/clock").status == 404
