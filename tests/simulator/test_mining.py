"""Surveying, extracting, siphoning, and the strain on asteroids."""

import pytest

SHIP = "ABC-1"


@pytest.fixture
def miner(game):
    """The game with the frigate in orbit of the engineered asteroid."""
    game.fly(SHIP, game.role("ENG_ASTEROID"))
    return game


def rock(game):
    return game.world.waypoints[game.role("ENG_ASTEROID")]


def test_a_survey_action_gives_as_many_surveys_as_the_mount_is_strong(miner):
    data = miner.act(SHIP, "survey").data
    assert len(data["surveys"]) == 2
    assert data["cooldown"]["totalSeconds"] == 60 + 10 * 3
    for survey in data["surveys"]:
        assert survey["signature"].startswith(f"{rock(miner).symbol}-")
        assert 3 <= len(survey["deposits"]) <= 7
        assert {row["symbol"] for row in survey["deposits"]} <= rock(miner).deposits.keys()


def test_surveying_needs_orbit_a_surveyor_and_an_asteroid(miner):
    miner.act(SHIP, "dock")
    assert miner.act(SHIP, "survey").code == (400, 4223)
    miner.act("ABC-2", "orbit")
    assert miner.act("ABC-2", "survey").code == (400, 4240)
    miner.fly(SHIP, miner.role("HQ"))
    assert miner.act(SHIP, "survey").code == (400, 4222)


def test_extraction_yields_goods_of_the_site_within_the_spread(miner):
    for _ in range(6):
        miner.cool(SHIP)
        data = miner.act(SHIP, "extract").data
        assert data["extraction"]["yield"]["symbol"] in rock(miner).deposits
        assert 3 <= data["extraction"]["yield"]["units"] <= 7
        assert data["cooldown"]["totalSeconds"] == 60 + 10 * 2
    assert miner.world.ships[SHIP].load == data["cargo"]["units"]


def test_a_second_action_meets_the_cooldown(miner):
    miner.act(SHIP, "extract")
    miner.wait(10.5)
    for action in ("extract", "survey", "siphon"):
        refused = miner.act(SHIP, action)
        assert refused.code == (409, 4000)
    cooldown = refused.error["data"]["cooldown"]
    assert (cooldown["totalSeconds"], cooldown["remainingSeconds"]) == (80, 70)
    assert "still on cooldown for 70 second(s)" in refused.error["message"]
    assert miner.get(f"/my/ships/{SHIP}/cooldown").data == cooldown
    miner.cool(SHIP)
    assert miner.get(f"/my/ships/{SHIP}/cooldown").status == 204
    assert "expiration" not in miner.get(f"/my/ships/{SHIP}").data["cooldown"]


def test_navigating_on_cooldown_is_allowed(miner):
    miner.act(SHIP, "extract")
    assert miner.act(SHIP, "navigate", {"waypointSymbol": miner.role("HQ")}).status == 200


def test_extraction_is_refused_for_each_reason(miner):
    miner.act(SHIP, "dock")
    assert miner.act(SHIP, "extract").code == (400, 4236)
    miner.act(SHIP, "orbit")
    ship = miner.world.ships[SHIP]
    ship.cargo["GOLD"] = 40
    assert miner.act(SHIP, "extract").code == (400, 4228)
    ship.cargo.clear()
    ship.modules.remove("MODULE_MINERAL_PROCESSOR_I")
    assert miner.act(SHIP, "extract").code == (400, 4242)
    miner.act("ABC-2", "orbit")
    assert miner.act("ABC-2", "extract").code == (400, 4243)
    ship.modules.append("MODULE_MINERAL_PROCESSOR_I")
    miner.fly(SHIP, miner.role("HQ"))
    assert miner.act(SHIP, "extract").code == (400, 4205)


def test_a_yield_is_cut_to_the_room_in_the_hold(miner):
    miner.world.ships[SHIP].cargo["GOLD"] = 39
    data = miner.act(SHIP, "extract").data
    assert data["extraction"]["yield"]["units"] == 1
    assert data["cargo"]["units"] == 40


def test_a_survey_steers_the_yield(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    miner.cool(SHIP)
    data = miner.act(SHIP, "extract/survey", survey).data
    assert {"symbol": data["extraction"]["yield"]["symbol"]} in survey["deposits"]


def test_the_deprecated_body_carries_a_survey_too(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    miner.cool(SHIP)
    miner.world.surveys[survey["signature"]].left = 0
    assert miner.act(SHIP, "extract", {"survey": survey}).code == (409, 4224)
    miner.world.surveys[survey["signature"]].left = 1
    assert miner.act(SHIP, "extract", {"survey": survey}).status == 201


def altered(survey, **changes):
    return survey | changes


def test_an_altered_survey_is_4220(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    miner.cool(SHIP)
    other = {"SMALL": "LARGE"}.get(survey["size"], "SMALL")
    for wrong in (
        altered(survey, size=other),
        altered(survey, deposits=[{"symbol": "GOLD_ORE"}]),
        altered(survey, symbol=miner.role("HQ")),
        altered(survey, expiration="2100-01-01T00:00:00.000Z"),
    ):
        assert miner.act(SHIP, "extract/survey", wrong).code == (400, 4220)
    assert miner.act(SHIP, "extract/survey", survey).status == 201


def test_a_survey_stamp_without_z_is_invalid(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    wrong = altered(survey, expiration=survey["expiration"].replace("Z", "+00:00"))
    assert miner.act(SHIP, "extract/survey", wrong).status == 422


def test_an_expired_or_unknown_survey_is_4221(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    unknown = altered(survey, signature="X1-NO-WHERE-123456")
    miner.cool(SHIP)
    assert miner.act(SHIP, "extract/survey", unknown).code == (400, 4221)
    miner.wait(3601)
    assert miner.act(SHIP, "extract/survey", survey).code == (400, 4221)


def test_a_survey_of_another_place_is_4270(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    miner.world.surveys[survey["signature"]].expires += 10**6
    survey = altered(
        survey, expiration=miner.sim._render.stamp(miner.world.surveys[survey["signature"]].expires)
    )
    belt = next(row.symbol for row in miner.world.waypoints.values() if row.type == "ASTEROID")
    miner.cool(SHIP)
    miner.fly(SHIP, belt)
    assert miner.act(SHIP, "extract/survey", survey).code == (400, 4270)


def test_a_survey_is_exhausted_after_its_hidden_number_of_extractions(miner):
    survey = miner.act(SHIP, "survey").data["surveys"][0]
    hidden = miner.world.surveys[survey["signature"]]
    hidden.expires += 10**6
    survey = altered(survey, expiration=miner.sim._render.stamp(hidden.expires))
    done = 0
    bears = hidden.left
    while True:
        miner.cool(SHIP)
        miner.world.ships[SHIP].cargo.clear()
        answer = miner.act(SHIP, "extract/survey", survey)
        if answer.status != 201:
            break
        done += 1
    assert answer.code == (409, 4224)
    assert done == bears >= 3
    assert miner.get(f"/my/ships/{SHIP}/cooldown").status == 204


def extract_often(game, times, seconds):
    """Extract again and again, `seconds` apart; tell the answers."""
    ship = game.world.ships[SHIP]
    answers = []
    for _ in range(times):
        ship.cool_at = 0
        ship.cargo.clear()
        answers.append(game.act(SHIP, "extract"))
        game.wait(seconds)
    return answers


def modifiers(game):
    return [row["symbol"] for row in game.get(game.path_of(rock(game).symbol)).data["modifiers"]]


def test_too_much_extraction_destabilises_a_site_until_it_heals(miner):
    answers = extract_often(miner, 150, 0.5)
    assert all(answer.status == 201 for answer in answers)
    assert modifiers(miner) == ["CRITICAL_LIMIT"]
    answers = extract_often(miner, 150, 0.5)
    assert modifiers(miner) == ["UNSTABLE"]
    refused = [answer for answer in answers if answer.status != 201]
    assert {answer.code for answer in refused} == {(400, 4253)}
    poor = extract_often(miner, 10, 0.0)
    assert max(row.data["extraction"]["yield"]["units"] for row in poor if row.status == 201) <= 1
    miner.wait(600)
    assert modifiers(miner) == []


def test_a_site_bears_its_rate_for_ever(miner):
    for answer in extract_often(miner, 200, 3.0):
        assert answer.data["modifiers"] == []


def test_siphoning_yields_gases_at_a_gas_giant_only(miner):
    assert miner.act(SHIP, "siphon").code == (400, 4259)
    miner.fly(SHIP, miner.role("GAS_GIANT"))
    data = miner.act(SHIP, "siphon").data
    gases = {"HYDROCARBON", "LIQUID_HYDROGEN", "LIQUID_NITROGEN"}
    assert data["siphon"]["yield"]["symbol"] in gases
    assert 10 <= data["siphon"]["yield"]["units"] <= 30
    assert data["cooldown"]["totalSeconds"] == 60 + 10 * 2


def test_siphoning_needs_siphon_and_processor(miner):
    miner.act("ABC-2", "orbit")
    assert miner.act("ABC-2", "siphon").code == (400, 4258)
    miner.world.ships[SHIP].modules.remove("MODULE_GAS_PROCESSOR_I")
    assert miner.act(SHIP, "siphon").code == (400, 4257)


def test_charting_reveals_traits_pays_once_and_counts(miner):
    point = rock(miner)
    point.chart = None
    before = miner.credits()
    data = miner.act(SHIP, "chart").data
    assert {row["symbol"] for row in data["waypoint"]["traits"]} == set(point.traits)
    assert data["chart"]["submittedBy"] == "ABC"
    assert miner.credits() - before == data["transaction"]["totalPrice"] > 0
    again = miner.act(SHIP, "chart")
    assert again.code == (400, 4230)
    assert again.error["data"] == {"waypointSymbol": point.symbol}
    leaders = miner.get("/").body["leaderboards"]["mostSubmittedCharts"]
    assert leaders == [{"agentSymbol": "ABC", "chartCount": 1}]
