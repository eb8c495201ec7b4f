"""What the bucket does with requests and senders, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.protocol.api import (
    ApiReply,
    ApiRequest,
    Expired,
    Lane,
    Overloaded,
    UnknownOutcome,
    Withdrawn,
)
from fleet.protocol.clock import GameTime
from fleet.protocol.saturation import Relieved, Saturated, Watch
from fleet.runtime import Envelope
from fleet.supervision.breaker import BreakerSettings

READ, ACT = "get-market", "dock-ship"


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


@pytest.mark.parametrize("end", ["reply", "unknown", "limited", "unsent", "unavailable"])
def test_what_a_replaced_sender_had_sent_ends_as_unknown(world: Any, act: Any, end: str):
    world.otherwise = act(end, delay=5.0)
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
    late = Envelope(request, system.next_id(), system.address("/A"), sender_incarnation=1)
    system.post("/bucket", late)
    world.run(10)
    assert world.sent == []
    assert world.lanes.held == 0


def test_a_sender_with_many_requests_lets_others_in_between(world: Any, act: Any):
    world.otherwise = act(delay=1.0)
    world.start(1)
    for _ in range(5):
        world.ask(ACT, by="greedy")
    world.run(0.1)
    for name in ("B", "C"):
        world.ask(ACT, by=name)
    world.run(20)
    order = sorted(world.when, key=world.when.__getitem__)
    assert [path for path, _ in order[:4]] == ["/greedy", "/B", "/C", "/greedy"]


def test_turns_survive_the_bucket(world: Any, act: Any):
    world.otherwise = act(delay=1.0)
    world.start(1)
    for _ in range(3):
        world.ask(ACT, by="greedy")
    world.run(0.1)
    world.ask(ACT, by="B")
    world.run(0.1)
    lane = world.lanes._lanes[Lane.ACTION]
    before = [envelope.id for envelope in lane]
    world.lanes.lease(Lane.ACTION, 2)
    world.lanes.restore()
    assert [envelope.id for envelope in world.lanes._lanes[Lane.ACTION]] == before


def test_watchers_learn_that_a_lane_is_saturated_and_when_it_no_longer_is(world: Any, act: Any):
    world.otherwise = act(delay=2.0)
    world.start(1)
    world.sender("W").tell(lambda ctx: ctx.tell(ctx.address("/bucket"), Watch()) and None)
    for n in range(40):
        world.ask(ACT, by=f"ship-{n}")
    world.run(200)
    heard = [news for path, news in world.outcomes if path == "/W"]
    kinds = [type(news) for news in heard if news.lane is Lane.ACTION]
    assert kinds[0] is Relieved
    assert kinds[-1] is Relieved
    assert Saturated in kinds
    assert max(news.wait for news in heard if isinstance(news, Saturated)) > 5.0


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
