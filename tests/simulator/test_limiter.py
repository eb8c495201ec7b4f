"""The rate limit, on its own and as clients see it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import from_iso
from fleet.simulator.limiter import Limiter


def admitted(limiter, times, account=None):
    return [limiter.admit("ip", account, time).allowed for time in times]


def test_thirty_two_at_once_then_no_more():
    assert admitted(Limiter(), [0.0] * 34) == [True] * 32 + [False] * 2


def test_after_a_second_two_more_and_after_a_minute_the_burst_is_back():
    limiter = Limiter()
    admitted(limiter, [0.0] * 32)
    assert admitted(limiter, [0.999]) == [False]
    assert admitted(limiter, [1.0] * 3) == [True, True, False]
    assert admitted(limiter, [59.999] * 3) == [True, True, False]
    assert admitted(limiter, [60.0] * 32) == [True] * 30 + [False] * 2


def test_a_window_starts_with_its_first_point_not_on_a_grid():
    limiter = Limiter()
    assert admitted(limiter, [0.9, 0.9, 1.1]) == [True] * 3
    verdict = limiter.admit("ip", None, 1.2)
    assert (verdict.remaining, verdict.reset) == (0, 1.9)
    burst_start = 1.1
    admitted(limiter, [1.2] * 28)
    assert admitted(limiter, [1.3]) == [False]
    assert admitted(limiter, [burst_start + 60] * 32) == [True] * 32


def test_the_long_run_ceiling_is_two_and_a_half_a_second():
    times = [step / 20 for step in range(20 * 600)]
    assert sum(admitted(Limiter(), times)) == 600 * 2 + 10 * 30


def test_addresses_are_independent_and_accounts_too():
    limiter = Limiter()
    for _ in range(32):
        assert limiter.admit("one", "account", 0.0).allowed
    shut = limiter.admit("two", "account", 0.0)
    assert (shut.allowed, shut.kind) == (False, "Account")
    assert limiter.admit("two", "other", 0.0).allowed
    assert limiter.admit("one", "other", 0.0).kind == "IP Address"
    assert limiter.admit("two", None, 0.0).allowed


def test_a_refusal_uses_up_nothing():
    limiter = Limiter()
    admitted(limiter, [0.0] * 32)
    admitted(limiter, [0.5] * 100)
    assert limiter.admit("ip", "account", 0.5).allowed is False
    assert admitted(limiter, [1.0, 1.0], "account") == [True, True]


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_no_window_of_a_pool_ever_holds_more_than_its_points(gaps):
    limiter, now, passed = Limiter(), 0.0, []
    for gap in gaps:
        now += gap / 10
        if limiter.admit("ip", None, now).allowed:
            passed.append(now)
    for start in passed:
        assert sum(start <= time < start + 1 for time in passed) <= 2 * 2 + 30
        assert sum(start <= time < start + 60 for time in passed) <= 2 * 61 + 30 * 2


def test_headers_tell_what_is_left_on_every_answer(make_game):
    game = make_game(limits="live")
    now = game.clock.now()
    first = game.get("/factions")
    assert first.headers["x-ratelimit-type"] == "IP Address"
    assert first.headers["x-ratelimit-limit-burst"] == "30"
    assert first.headers["x-ratelimit-limit-per-second"] == "2"
    assert first.headers["x-ratelimit-remaining"] == "1"
    assert from_iso(first.headers["x-ratelimit-reset"]) == now + 1
    game.wait(0.4)
    assert game.get("/nowhere").headers["x-ratelimit-remaining"] == "0"
    from_burst = game.get("/factions")
    assert from_burst.headers["x-ratelimit-remaining"] == "0"
    assert from_iso(from_burst.headers["x-ratelimit-reset"]) == now + 1
    assert float(from_burst.headers["x-sim-time"]) == game.clock.now()
    assert "retry-after" not in from_burst.headers


def test_a_refused_request_gets_the_limiters_own_body(make_game):
    game = make_game(limits="live")
    for _ in range(32):
        assert game.get("/factions").status == 200
    refused = game.get("/factions")
    assert refused.status == 429
    assert refused.headers["retry-after"] == "1"
    error = refused.error
    assert list(error) == ["message", "code", "data"]
    assert error["message"] == "You have reached your API limit."
    assert error["data"] == {
        "type": "IP Address",
        "retryAfter": 1,
        "limitBurst": 30,
        "limitPerSecond": 2,
        "remaining": 0,
        "reset": refused.headers["x-ratelimit-reset"],
    }
    assert json.loads(game.send("GET", "/sim/clock").body)["game"] == game.clock.now()


def test_refused_commands_do_nothing(make_game):
    game = make_game(limits="live")
    game.register()
    for _ in range(31):
        game.get("/factions", token=None)
    before = game.sim.state_hash()
    assert game.act("ABC-1", "orbit").status == 429
    assert game.sim.state_hash() == before


def test_the_account_is_limited_across_addresses(make_game):
    game = make_game(limits="live")
    game.register()
    game.wait(61)
    for number in range(32):
        assert game.get("/my/agent", client=f"10.0.1.{number}").status == 200
    refused = game.get("/my/agent", client="10.0.2.1")
    assert refused.status == 429
    assert refused.headers["x-ratelimit-type"] == "Account"
