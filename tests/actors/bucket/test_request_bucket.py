"""What the bucket does with requests, answers, workers and senders, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.answers import MAINTENANCE
from fleet.actors.limiter import Limiter, Unlimited
from fleet.protocol.api import (
    ApiRefusal,
    ApiReply,
    ApiRequest,
    Expired,
    Lane,
    LimitHeaders,
    Overloaded,
    UnknownOutcome,
    Withdrawn,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.errors import BadToken, ServerReset
from fleet.protocol.rows import Rows
from fleet.runtime import Down
from fleet.supervision.breaker import BreakerSettings

READ, ACT = "get-market", "dock-ship"


# -- answers


def test_a_reply_goes_to_the_sender(world: Any):
    number = world.start().ask(ACT)
    world.run(1)
    assert world.told() == [ApiReply(number, ACT, "data 1")]


def test_a_refusal_is_an_answer(world: Any, act: Any):
    world.acts[ACT] = [act("refusal", code=4214)]
    world.start().ask(ACT)
    world.run(1)
    [refusal] = world.told()
    assert isinstance(refusal, ApiRefusal)
    assert refusal.code == 4214
    assert len(world.sent) == 1


@pytest.mark.parametrize("disposition", ["limited", "unsent"])
@pytest.mark.parametrize("operation", [READ, ACT])
def test_what_was_not_acted_on_is_sent_again_until_it_is_answered(
    world: Any, act: Any, disposition: str, operation: str
):
    world.acts[operation] = [act(disposition)] * 3
    number = world.start().ask(operation)
    world.run(60)
    assert world.numbers_sent() == [number] * 4
    assert [type(outcome) for outcome in world.told()] == [ApiReply]


def test_a_request_that_comes_back_goes_to_its_old_place(world: Any, act: Any):
    world.acts[ACT] = [act("limited")]
    world.start(1)
    numbers = [world.ask(ACT) for _ in range(3)]
    world.run(60)
    assert world.numbers_sent() == [numbers[0], *numbers]


def test_an_unavailable_read_is_given_up_after_some_attempts(world: Any, act: Any):
    world.otherwise = act("unavailable", reason="HTTP 500")
    world.start(attempts=3, breaker=BreakerSettings(failures=100)).ask(READ)
    world.run(60)
    assert len(world.sent) == 3
    assert world.told() == [UnknownOutcome(1, READ, "HTTP 500")]


def test_maintenance_ends_no_request(world: Any, act: Any):
    world.acts[ACT] = [act("unavailable", reason=MAINTENANCE)] * 20
    world.start().ask(ACT)
    world.run(1200)
    assert len(world.sent) == 21
    assert [type(outcome) for outcome in world.told()] == [ApiReply]


def test_a_mutating_request_with_an_unknown_outcome_is_not_sent_again(world: Any, act: Any):
    world.acts[ACT] = [act("unknown", reason="reset")]
    world.start().ask(ACT)
    world.run(60)
    assert world.told() == [UnknownOutcome(1, ACT, "reset")]
    assert len(world.sent) == 1


def test_a_read_with_an_unknown_outcome_is_sent_once_more(world: Any, act: Any):
    world.acts[READ] = [act("unknown")]
    world.start().ask(READ)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [ApiReply]
    assert len(world.sent) == 2


def test_a_read_that_is_lost_twice_is_given_up(world: Any, act: Any):
    world.acts[READ] = [act("unknown"), act("crash")]
    world.start().ask(READ)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [UnknownOutcome]
    assert len(world.sent) == 2


@pytest.mark.parametrize(("code", "failure"), [(4113, ServerReset), (4104, BadToken)])
def test_a_refused_token_ends_the_bucket_for_good(
    world: Any, act: Any, code: int, failure: type[Exception]
):
    world.acts[ACT] = [act("fatal", code=code)]
    parent = world.stage.spawn("/parent")
    world.start(parent=parent.path).ask(ACT)
    world.run(60)
    [down] = [note for note in world.stage.notes.all if isinstance(note, Down)]
    assert down.permanent
    assert failure.__name__ in down.detail
    assert [outcome.code for outcome in world.told()] == [code]
    assert world.stage.events.records("token.refused")


def test_an_operation_that_does_not_exist_is_refused(world: Any):
    world.start().ask("fly-to-the-moon")
    world.run(1)
    [refusal] = world.told()
    assert isinstance(refusal, ApiRefusal)
    assert world.sent == []


def test_whoever_asks_from_outside_gets_the_outcome_too(world: Any):
    world.start()
    world.otherwise = type(world.otherwise)(delay=0.0)
    request = ApiRequest(number=7, operation=READ, lane=Lane.MARKET)
    assert world.call(request) == ApiReply(7, READ, "data 1")


# -- workers


@pytest.mark.parametrize("end", ["crash", "crash at once", "hang"])
def test_a_mutating_request_in_a_dead_worker_has_an_unknown_outcome(world: Any, act: Any, end: str):
    world.acts[ACT] = [act(end)]
    world.start().ask(ACT)
    world.run(60)
    [outcome] = world.told()
    assert isinstance(outcome, UnknownOutcome)
    assert len(world.sent) == 1
    assert world.status.workers == 2


@pytest.mark.parametrize("end", ["crash", "crash at once", "hang"])
def test_a_read_in_a_dead_worker_is_sent_once_more(world: Any, act: Any, end: str):
    world.acts[READ] = [act(end)]
    world.start().ask(READ)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [ApiReply]
    assert len(world.sent) == 2


def test_a_request_whose_worker_died_has_a_row_all_the_same(world: Any, act: Any):
    world.acts[ACT] = [act("crash", delay=1.0)]
    world.start(epoch=3).ask(ACT, ship="A-1")
    world.run(30)
    told = [note for note in world.stage.notes.all if isinstance(note, Rows)]
    [row] = [row for rows in told for row in rows.rows if row.table == "requests"]
    assert row.id.startswith("3-")
    assert (row.values["outcome"], row.values["ship"]) == ("unknown", "A-1")
    assert row.values["duration"] == pytest.approx(1.0)


def test_a_hung_worker_stops_nobody_else(world: Any, act: Any):
    world.acts[ACT] = [act("hang")]
    world.start(2)
    numbers = [world.ask(ACT, by=name) for name in "ABCD"]
    world.run(5)
    assert numbers == [1] * 4
    assert [type(outcome) for _, outcome in world.outcomes] == [ApiReply] * 3


def test_no_worker_ever_has_two_requests(world: Any):
    world.start(3)
    for name in "ABCDEFGHIJ":
        world.ask(ACT, by=name)
    world.run(0.05)
    assert len({path for _, path, _ in world.sent}) == 3 == len(world.sent)
    world.run(10)
    assert len(world.outcomes) == 10


# -- lanes


def test_lanes_go_by_priority_and_within_a_lane_in_order(world: Any, act: Any):
    world.otherwise = act(delay=1.0)
    world.start(1).ask(ACT, by="first")
    world.run(0.1)
    for lane in (Lane.BACKGROUND, Lane.TRADE, Lane.ACTION, Lane.TRADE, Lane.SAFETY):
        world.ask(ACT, lane=lane)
    world.run(20)
    assert world.numbers_sent()[1:] == [5, 3, 2, 4, 1]


def test_no_lane_starves_while_another_one_is_always_full(world: Any, act: Any):
    world.otherwise = act(delay=1.0)
    world.start(1).ask(ACT, by="poor", lane=Lane.BACKGROUND)
    for n in range(300):
        world.ask(ACT, by=f"rich-{n % 5}", lane=Lane.ACTION)
        world.run(0.9)
    assert len(world.told("poor")) == 1
    assert world.when["/poor", 1] - world.sent[0][0] < 150


def test_a_request_that_expires_in_the_depth_of_a_lane_is_told_so_in_time(world: Any, act: Any):
    world.otherwise = act(delay=100.0)
    world.start(1)
    for _ in range(3):
        world.ask(ACT)
    number = world.ask(ACT, by="B", expires=10.0)
    world.run(11)
    assert world.told("B") == [Expired(number)]
    world.run(1000)
    assert len(world.sent) == 3
    assert len(world.told("B")) == 1
    assert world.status.outcomes["expired"] == 1


def test_a_request_that_comes_back_still_expires(world: Any, act: Any):
    world.otherwise = act("unsent", delay=1.0)
    world.start(breaker=BreakerSettings(failures=1, reset=100.0)).ask(ACT, expires=10.0)
    world.run(20)
    assert world.told() == [Expired(1)]


def test_a_full_bucket_says_so_at_once(world: Any, act: Any):
    world.otherwise = act(delay=100.0)
    world.start(1, bound=2)
    world.ask(ACT)
    world.run(0.1)
    for _ in range(3):
        world.ask(ACT)
    world.run(0.1)
    assert world.told() == [Overloaded(4)]
    assert len(world.lanes.records) == 3


def test_an_exclusive_request_is_alone(world: Any, act: Any):
    world.otherwise = act(delay=2.0)
    world.start(3)
    world.ask(ACT, by="A")
    world.run(1)
    world.ask("get-my-agent", by="B", exclusive=True, lane=Lane.SAFETY)
    world.run(0.1)
    world.ask(ACT, by="C")
    world.run(20)
    began = {path: moment - 1_782_000_000.0 for path, moment in _begun(world).items()}
    assert began == pytest.approx({"A": 0.0, "B": 2.0, "C": 4.0})


def _begun(world: Any) -> dict[str, GameTime]:
    return {path[1:]: world.when[path, 1] - 2.0 for path in ("/A", "/B", "/C")}


# -- senders


def test_a_replaced_sender_takes_back_what_waits(world: Any, act: Any):
    world.otherwise = act(delay=5.0)
    world.start(1).ask(ACT, by="other")
    world.run(0.1)
    world.ask(ACT)
    world.ask(READ)
    world.run(0.1)
    world.replace("A")
    world.run(60)
    assert world.withdrawn == [("/A", Withdrawn(()))]
    assert world.told() == []
    assert len(world.sent) == 1
    assert world.lanes.records == {}


def test_what_a_replaced_sender_had_sent_ends_as_unknown(world: Any, act: Any):
    world.otherwise = act(delay=5.0)
    world.start(1)
    number = world.ask(ACT)
    world.run(1)
    world.replace("A")
    world.run(1)
    assert world.withdrawn == [("/A", Withdrawn((number,)))]
    assert world.told() == []
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [UnknownOutcome]


def test_new_requests_of_a_replaced_sender_are_its_own(world: Any, act: Any):
    world.otherwise = act(delay=5.0)
    world.start(1).ask(ACT)
    world.run(1)
    world.replace("A")
    number = world.ask(ACT)
    world.run(60)
    assert [type(outcome) for outcome in world.told()] == [UnknownOutcome, ApiReply]
    assert world.told()[1].number == number


def test_a_request_that_a_zombie_sends_late_is_dropped(world: Any):
    world.start().replace("A")
    world.run()
    system = world.stage.system
    request = ApiRequest(number=9, operation=ACT, lane=Lane.ACTION)
    system.send(system.address("/bucket"), request, sender=system.address("/A"), incarnation=1)
    world.run(10)
    assert world.sent == []
    assert world.lanes.held == 0


# -- reads that are shared


def test_reads_of_the_same_are_sent_once(world: Any, act: Any):
    world.otherwise = act(delay=2.0)
    world.start(1).ask(ACT, by="busy")
    world.run(0.1)
    market = {"waypointSymbol": "X1-A-B"}
    for name in "ABC":
        world.ask(READ, by=name, params=market, lane=Lane.MARKET)
    world.ask(READ, by="D", params={"waypointSymbol": "X1-A-C"}, lane=Lane.MARKET)
    world.run(60)
    assert len(world.sent) == 3
    assert [world.told(name) for name in "ABC"] == [[ApiReply(1, READ, "data 2")]] * 3
    assert world.told("D") == [ApiReply(1, READ, "data 3")]
    assert world.status.outcomes["coalesced"] == 2
    assert world.lanes.records == {}


def test_a_read_joins_one_that_is_under_way(world: Any, act: Any):
    world.otherwise = act(delay=2.0)
    world.start(2).ask(READ, by="A")
    world.run(1)
    world.ask(READ, by="B")
    world.run(1.5)
    assert len(world.sent) == 1
    assert [len(world.told(name)) for name in "AB"] == [1, 1]


def test_a_read_does_not_join_one_from_before_its_senders_last_act(world: Any, act: Any):
    world.acts = {READ: [act(delay=5.0)], ACT: [act(delay=1.0)]}
    world.start(3).ask(READ, by="A")
    world.run(0.1)
    world.ask(ACT, by="B")
    world.run(2)
    world.ask(READ, by="B")
    world.run(1)
    assert world.told("B")[-1] == ApiReply(2, READ, "data 3")


@pytest.mark.parametrize(("operation", "lane"), [("get-my-ship", Lane.ACTION), (READ, Lane.SAFETY)])
def test_what_must_be_fresh_joins_nothing_under_way(
    world: Any, act: Any, operation: str, lane: Lane
):
    world.otherwise = act(delay=2.0)
    params = {"shipSymbol": "A-1"}
    world.start(2).ask(operation, by="A", params=params)
    world.run(1)
    world.ask(operation, by="B", params=params, lane=lane)
    world.run(30)
    assert len(world.sent) == 2
    assert len(world.told("B")) == 1


def test_those_who_joined_a_lost_read_are_sent_again(world: Any, act: Any):
    world.acts[READ] = [act("unknown", delay=2.0), act("unknown", delay=2.0)]
    world.start(2).ask(READ, by="A")
    world.run(1)
    for name in "BC":
        world.ask(READ, by=name)
    world.run(60)
    assert [type(world.told(name)[0]) for name in "ABC"] == [UnknownOutcome, ApiReply, ApiReply]
    assert len(world.sent) == 3
    assert len(world.outcomes) == 3


def test_mutating_requests_are_never_shared(world: Any):
    world.start(1)
    for name in "ABC":
        world.ask(ACT, by=name, params={"shipSymbol": "S-1"})
    world.run(60)
    assert len(world.sent) == 3


# -- the API is down


def test_while_the_api_is_down_the_lanes_pause_and_nothing_fails(world: Any, act: Any):
    world.otherwise = act("unsent", delay=0.0)
    world.start(2, breaker=BreakerSettings(failures=3, reset=2.0, most=16.0))
    for name in "ABCDEF":
        world.ask(ACT, by=name)
    world.run(60)
    assert world.outcomes == []
    assert 3 + 4 <= len(world.sent) <= 3 + 7
    assert world.status.breaker == "open"
    world.otherwise = act()
    world.run(30)
    assert [type(outcome) for _, outcome in world.outcomes] == [ApiReply] * 6
    assert world.status.breaker == "closed"
    assert world.stage.events.records("breaker.opened")
    assert len(world.stage.events.records("breaker.closed")) == 1


def test_hung_workers_open_the_breaker(world: Any, act: Any):
    world.otherwise = act("hang")
    world.start(2, breaker=BreakerSettings(failures=2))
    for name in "ABCD":
        world.ask(ACT, by=name)
    world.run(21)
    assert world.stage.events.records("breaker.opened")


def test_refusals_and_429s_do_not_open_the_breaker(world: Any, act: Any):
    world.acts[ACT] = [act("limited"), act("refusal")] * 10
    world.start(2, breaker=BreakerSettings(failures=2))
    for _ in range(20):
        world.ask(ACT)
    world.run(60)
    assert not world.stage.events.records("breaker.opened")
    assert len(world.outcomes) == 20


# -- figures


class TwoWindows:
    """The server's limiter, for a world in which answers come at once."""

    def __init__(self) -> None:
        self.static: tuple[float, int] = (0.0, 0)
        self.burst: tuple[float, int] = (0.0, 0)
        self.refused = 0

    def __call__(self, now: GameTime) -> LimitHeaders:
        if now >= self.static[0]:
            self.static = (now + 1.0, 0)
        if self.static[1] < 2:
            self.static = (self.static[0], self.static[1] + 1)
        else:
            if now >= self.burst[0]:
                self.burst = (now + 60.0, 0)
            self.burst = (self.burst[0], self.burst[1] + 1)
            self.refused += self.burst[1] > 30
        left = 2 - self.static[1]
        return LimitHeaders(remaining=left, reset=GameTime(int(self.static[0] * 1000) / 1000))


def test_a_saturated_bucket_uses_the_whole_allowance_and_says_so(world: Any, act: Any):
    server = TwoWindows()
    world.headers, world.otherwise = server, act(delay=0.0)
    world.start(4, limiter=Limiter)
    for n in range(150 * 11):
        world.ask(ACT, by=f"ship-{n % 7}", lane=Lane(n % 5))
    world.run(60 * 10)
    status = world.status
    assert server.refused == 0
    assert status.saturated_minutes == 9
    assert status.share_saturated >= 0.99
    assert status.share_last_minute >= 0.99
    assert status.requests == len(world.outcomes) == status.outcomes["reply"]
    assert status.queued == 150 * 11 - status.requests
    assert status.lanes[0].wait_p95 < status.lanes[4].wait_p50
    assert status.lanes[0].sent == 330


def test_requests_are_given_out_ahead_of_their_time_where_workers_can_wait(world: Any, act: Any):
    world.headers, world.otherwise = TwoWindows(), act(delay=0.0)
    world.start(4, limiter=Limiter, ahead=0.4)
    for _ in range(30):
        world.ask(ACT)
    world.run(20)
    assert len(world.outcomes) == 30
    assert max(world.ahead) == pytest.approx(0.4, abs=0.01)
    assert all(0.0 <= early <= 0.4 + 1e-6 for early in world.ahead)


def test_without_limits_everything_is_sent_at_once(world: Any, act: Any):
    world.otherwise = act(delay=0.0)
    world.start(2, limiter=Unlimited)
    for _ in range(500):
        world.ask(ACT)
    world.run(0.001)
    assert len(world.outcomes) == 500


def test_a_minute_in_which_the_lanes_ran_empty_is_not_saturated(world: Any):
    world.start(4)
    for n in range(5):
        world.ask(ACT)
        world.run(60)
        assert len(world.outcomes) == n + 1
    assert world.status.saturated_minutes == 0
    assert world.status.share_saturated == 0.0
    assert world.status.share_last_minute == pytest.approx(1 / 150)


def test_the_writer_gets_the_figures_of_each_game_minute(world: Any):
    world.start().ask(ACT)
    world.run(180)
    told = [note for note in world.stage.notes.all if isinstance(note, Rows)]
    minutes = [{row.key: row.values["value"] for row in rows.rows} for rows in told]
    first = 1_782_000_000 // 60
    assert len(minutes) == 3
    assert minutes[0]["bucket.requests", first] == 1.0
    assert minutes[1]["bucket.requests", first + 1] == 0.0
    assert ("bucket.wait_p95.safety", first) in minutes[0]
