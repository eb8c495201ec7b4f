"""What faults do to the game's answers, in virtual time."""

import json
from email.utils import parsedate_to_datetime

import pytest

from fleet.protocol.clock import from_iso
from fleet.protocol.transport import HttpRequest


def arm(game, fault):
    """Arm a fault over the side door."""
    answer = game.send("POST", "/sim/faults", json.dumps({"fault": fault}).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def armed(game):
    return json.loads(game.send("GET", "/sim/faults").body)["faults"]


@pytest.fixture
def faulty(game):
    """Calls that meet the faults, as a carrier lets them."""

    def call(method, path, body=None):
        content = json.dumps(body).encode() if body is not None else None
        head = {"authorization": f"Bearer {game.token}"}
        request = HttpRequest(method=method, path=f"/v2{path}", headers=head, body=content)
        return game.sim.handle(request, "10.0.0.1", game.sim.trouble(request))

    return call


def test_nothing_happens_while_nothing_is_armed(game):
    request = HttpRequest(method="GET", path="/v2/my/agent")
    assert game.sim.trouble(request) is None


def test_a_proxy_s_429_is_html_without_headers(game, faulty):
    arm(game, "limited-html")
    answer = faulty("GET", "/my/agent")
    assert answer.status == 429
    assert answer.headers["content-type"].startswith("text/html")
    assert not [name for name in answer.headers if "rate" in name or "retry" in name]
    assert b"<html>" in answer.body


def test_a_server_s_429_says_how_long_to_wait(game, faulty):
    arm(game, "limited-json:wait=3")
    answer = faulty("GET", "/my/agent")
    assert (answer.status, answer.headers["retry-after"]) == (429, "3")
    assert json.loads(answer.body)["error"]["data"]["retryAfter"] == 3


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("status-500", 500, "application/json"),
        ("status-502", 502, "text/html"),
        ("status-503", 503, "text/html"),
        ("status-504", 504, "text/html"),
        ("maintenance", 503, "application/json"),
    ],
)
def test_a_server_error_comes_as_asked(game, faulty, fault, status, kind):
    arm(game, fault)
    answer = faulty("POST", "/my/ships/ABC-1/orbit")
    assert answer.status == status
    assert answer.headers["content-type"].startswith(kind)


def test_maintenance_says_so_in_the_error_object(game, faulty):
    arm(game, "maintenance")
    error = json.loads(faulty("GET", "/").body)["error"]
    assert error["code"] == 503
    assert "maintenance" in error["message"]


@pytest.mark.parametrize(("when", "docked"), [("before", True), ("after", False)])
def test_an_error_comes_before_or_after_the_effect(game, faulty, when, docked):
    arm(game, f"status-502:when={when}")
    assert faulty("POST", "/my/ships/ABC-1/orbit").status == 502
    assert game.world.ships["ABC-1"].nav.docked is docked


def test_a_spoiled_body_leaves_the_effect_and_the_status(game, faulty):
    arm(game, "not-json")
    answer = faulty("POST", "/my/ships/ABC-1/orbit")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(answer.body)
    assert not game.world.ships["ABC-1"].nav.docked


def test_a_wrong_content_type_leaves_the_body(game, faulty):
    arm(game, "content-type:type=text/plain")
    answer = faulty("GET", "/my/agent")
    assert answer.headers["content-type"] == "text/plain"
    assert json.loads(answer.body)["data"]["symbol"] == "ABC"


def test_a_fault_strikes_as_often_as_it_may(game, faulty):
    arm(game, "status-502:count=2,skip=1,op=get-my-agent")
    statuses = [faulty("GET", "/my/agent").status for _ in range(5)]
    assert statuses == [200, 502, 502, 200, 200]
    assert armed(game) == []


def test_a_fault_strikes_with_its_probability(game, faulty):
    arm(game, "status-502:p=0.3")
    struck = sum(faulty("GET", "/my/agent").status == 502 for _ in range(400))
    assert 80 < struck < 160
    assert armed(game)[0]["hits"] == struck


def test_a_fault_ends_with_its_time(game, faulty):
    arm(game, "status-502:game=60")
    assert armed(game)[0]["gameSecondsLeft"] == 60
    game.wait(59)
    assert faulty("GET", "/my/agent").status == 502
    game.wait(1)
    assert faulty("GET", "/my/agent").status == 200


def test_faults_are_taken_back_by_id_name_or_all(game, faulty):
    first = arm(game, "status-502")["id"]
    arm(game, "latency")
    arm(game, "latency:request=7")
    assert game.send("DELETE", f"/sim/faults?fault={first}").status == 200
    assert [row["name"] for row in armed(game)] == ["latency", "latency"]
    assert json.loads(game.send("DELETE", "/sim/faults?fault=latency").body)["cleared"] == 2
    assert game.send("DELETE", "/sim/faults?fault=latency").status == 404
    arm(game, "cut")
    assert json.loads(game.send("DELETE", "/sim/faults").body) == {"cleared": 1}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b'{"fault": "nonesuch"}', b'{"name": "cut", "parameters": 3}'],
)
def test_a_wrong_order_is_refused_with_a_sentence(game, body):
    answer = game.send("POST", "/sim/faults", body)
    assert answer.status == 422
    assert json.loads(answer.body)["error"]["message"].endswith((".", "?"))
    assert armed(game) == []


def test_parameters_may_come_as_json(game):
    body = b'{"name": "cut", "parameters": {"p": 0.5, "count": 3}}'
    assert game.send("POST", "/sim/faults", body).status == 200
    assert armed(game)[0]["parameters"]["p"] == "0.5"


def test_a_locked_ship_takes_no_commands_and_can_be_read(game, faulty):
    arm(game, "ship-locked")
    answer = faulty("POST", "/my/ships/ABC-1/orbit")
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"], error["data"]) == (409, 409, {"shipSymbol": "ABC-1"})
    assert game.world.ships["ABC-1"].nav.docked
    for path in ("/my/ships/ABC-1", "/my/agent"):
        assert faulty("GET", path).status == 200


@pytest.mark.parametrize(("style", "code"), [("zod", 3001), ("fields", 422)])
def test_a_body_is_taken_for_invalid_in_either_style(game, faulty, style, code):
    arm(game, f"invalid:style={style}")
    answer = faulty("POST", "/my/ships/ABC-1/orbit")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (422, code)
    assert game.send("POST", "/sim/faults", b'{"fault": "invalid:style=x"}').status == 422


def test_a_newer_server_says_more_and_in_other_words(game, faulty):
    arm(game, "newer")
    ship = json.loads(faulty("GET", "/my/ships/ABC-1").body)["data"]
    assert ship["unheardOf"] is True
    assert ship["nav"]["flightMode"] == "UNHEARD_OF"
    assert ship["symbol"] == "ABC-1"
    listed = json.loads(faulty("GET", "/my/ships").body)
    assert [each["unheardOf"] for each in listed["data"]] == [True, True]
    assert listed["meta"]["total"] == 2


def test_a_broken_ship_fails_where_it_is_shown_whole(game, faulty):
    arm(game, "ship-3000:ship=ABC-1")
    for path in ("/my/ships", "/my/ships/ABC-1"):
        answer = faulty("GET", path)
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (500, 3000)
    for path in ("/my/ships/ABC-1/nav", "/my/ships/ABC-2"):
        assert faulty("GET", path).status == 200


def test_a_raced_transfer_leaves_a_hold_below_zero_until_it_is_filled_up(game, faulty):
    giver, taker = game.world.ships["ABC-1"], game.world.ships["ABC-2"]
    giver.cargo["IRON_ORE"] = 5
    taker.capacity = 40
    taker.nav.waypoint = giver.nav.waypoint
    arm(game, "negative-cargo:count=1")
    move = {"shipSymbol": "ABC-2", "tradeSymbol": "IRON_ORE", "units": 5}
    assert faulty("POST", "/my/ships/ABC-1/transfer", move).status == 200
    assert (giver.cargo, taker.cargo) == ({"IRON_ORE": -5}, {"IRON_ORE": 5})
    assert game.get("/my/ships/ABC-1").code == (500, 3000)
    assert game.get("/my/ships/ABC-1/nav").status == 200
    back = {"shipSymbol": "ABC-1", "tradeSymbol": "IRON_ORE", "units": 5}
    assert game.act("ABC-2", "transfer", back).status == 200
    assert game.get("/my/ships/ABC-1").data["cargo"]["inventory"] == []


def test_a_raced_transfer_is_replayed_as_it_was(game, faulty):
    commands = []
    game.sim._log.append = commands.append
    for ship in ("ABC-1", "ABC-2"):
        game.world.ships[ship].cargo["IRON_ORE"] = 5
        game.world.ships[ship].capacity = 40
        game.world.ships[ship].nav.waypoint = game.role("HQ")
        game.world.ships[ship].nav.docked = True
    arm(game, "negative-cargo:count=1")
    move = {"shipSymbol": "ABC-2", "tradeSymbol": "IRON_ORE", "units": 5}
    assert faulty("POST", "/my/ships/ABC-1/transfer", move).status == 200
    after = game.sim.state_hash()
    giver, taker = game.world.ships["ABC-1"].cargo, game.world.ships["ABC-2"].cargo
    giver["IRON_ORE"], taker["IRON_ORE"] = 5, 5
    game.sim.replay(commands[0])
    assert game.sim.state_hash() == after


def test_a_skew_shifts_stamps_and_date_and_nothing_else(game, faulty):
    arm(game, "clock-skew:seconds=-30,game=600")
    game.act("ABC-1", "orbit")
    nav = game.act("ABC-1", "navigate", {"waypointSymbol": game.role("ENG_ASTEROID")})
    shown = from_iso(nav.data["nav"]["route"]["arrival"])
    truth = game.world.ships["ABC-1"].nav.arrival
    assert shown == pytest.approx(truth - 30, abs=0.001)
    date = parsedate_to_datetime(nav.headers["date"]).timestamp()
    assert date == pytest.approx(game.clock.now() - 30, abs=1)
    game.wait(600)
    later = game.get("/my/ships/ABC-1/nav").data["route"]["arrival"]
    assert from_iso(later) == pytest.approx(truth, abs=0.001)


def test_a_survey_shown_by_a_skewed_clock_is_good_when_the_clock_is_right_again(game, faulty):
    at = game.role("ENG_ASTEROID")
    game.world.ships["ABC-1"].nav.waypoint = at
    game.act("ABC-1", "orbit")
    arm(game, "clock-skew:seconds=30,game=100")
    survey = game.act("ABC-1", "survey").data["surveys"][0]
    game.wait(120)
    dug = game.post("/my/ships/ABC-1/extract/survey", survey)
    assert dug.status == 201, dug.body


def test_faults_don_t_change_what_the_world_draws(make_game):
    states = []
    for fault in ("latency", None):
        made = make_game(seed=5)
        if fault:
            arm(made, fault)
        made.register()
        states.append(made.sim.state_hash())
    assert states[0] == states[1]
