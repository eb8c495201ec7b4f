"""An experiment gets its share of the allowance at the permit, and holds up nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.actors.experiment_messages import EXPERIMENTS, EndQuota, QuotaQuery, SetQuota
from fleet.actors.experiment_quota import BURST
from fleet.protocol.api import Expired, Lane
from fleet.protocol.saturation import Saturated, Watch
from fleet.runtime.chaos import Misbehave

GREEDY = "greedy"
OWN = f"{EXPERIMENTS}/{GREEDY}"[1:]
PER_MINUTE = 30.0


def flood(world: Any, count: int = 100, **fields: Any) -> None:
    for _ in range(count):
        world.ask(by=OWN, behaviour=GREEDY, **fields)


def by_greedy(world: Any) -> int:
    return sum(request.behaviour == GREEDY for _, _, request in world.sent)


@pytest.fixture
def limited(world: Any) -> Any:
    """A bucket that knows the quota."""
    world.start(workers=2)
    assert world.call(SetQuota(GREEDY, PER_MINUTE)) is True
    return world


def test_a_greedy_experiment_is_held_to_its_rate(limited: Any) -> None:
    flood(limited)
    limited.run(120.0)
    assert by_greedy(limited) == pytest.approx(2 * PER_MINUTE + BURST, abs=1)


def test_what_waits_for_its_quota_holds_nobody_up_in_the_same_lane(limited: Any) -> None:
    flood(limited)
    limited.run(5.0)
    place = len(limited.sent)
    for _ in range(10):
        limited.ask(by="B")
    limited.run(1.0)
    assert [request.behaviour for _, _, request in limited.sent[place:]].count("") == 10
    assert len(limited.told("B")) == 10


@pytest.mark.parametrize("whose", ["an experiment's", "the fleet's"])
def test_what_waits_for_its_quota_sends_no_ship_of_the_fleet_to_rest(
    world: Any, act: Any, whose: str
) -> None:
    world.otherwise = act(delay=2.0)
    world.start(workers=1)
    if whose == "an experiment's":
        world.call(SetQuota(GREEDY, PER_MINUTE))
    world.sender("W").tell(lambda ctx: ctx.tell(ctx.address("/bucket"), Watch()) and None)
    flood(world)
    world.run(120.0)
    heard = {type(news) for path, news in world.outcomes if path == "/W"}
    assert by_greedy(world) > 55, "the only worker is busy all the time"
    assert (Saturated in heard) is (whose == "the fleet's")


def test_an_experiment_in_front_does_not_hide_that_the_fleet_waits(world: Any, act: Any) -> None:
    world.otherwise = act(delay=2.0)
    world.start(workers=1)
    world.call(SetQuota(GREEDY, PER_MINUTE))
    world.sender("W").tell(lambda ctx: ctx.tell(ctx.address("/bucket"), Watch()) and None)
    flood(world)
    for number in range(40):
        world.ask(by=f"ship-{number}")
    world.run(60.0)
    assert Saturated in {type(news) for path, news in world.outcomes if path == "/W"}


def test_every_request_is_ended_once_and_in_order(limited: Any) -> None:
    flood(limited, 20)
    limited.run(60.0)
    assert [outcome.number for outcome in limited.told(OWN)] == list(range(1, 21))
    assert limited.lanes.leases == {}


def test_what_expires_while_it_waits_for_its_quota_is_told_so_at_once(limited: Any) -> None:
    flood(limited, 20)
    limited.run(1.0)
    limited.ask(by=OWN, behaviour=GREEDY, expires=5.0)
    limited.ask(by=OWN, behaviour=GREEDY, expires=12.0)
    limited.run(5.1)
    assert [type(outcome) for outcome in limited.told(OWN)].count(Expired) == 1
    limited.run(7.0)
    assert [type(outcome) for outcome in limited.told(OWN)].count(Expired) == 2
    limited.run(60.0)
    assert sorted(outcome.number for outcome in limited.told(OWN)) == list(range(1, 23))


def test_a_replaced_bucket_keeps_to_the_quota_and_forgets_no_request(limited: Any) -> None:
    flood(limited, 20)
    limited.run(10.0)
    before = by_greedy(limited)
    limited.stage.system.address("/bucket").tell(Misbehave("crash"))
    limited.run(10.0)
    assert by_greedy(limited) - before <= PER_MINUTE / 6 + 1
    limited.run(60.0)
    assert len(limited.told(OWN)) == 20


def test_reading_a_ship_back_is_never_held_up(limited: Any) -> None:
    flood(limited)
    limited.run(1.0)
    params = {"shipSymbol": "A-1"}
    limited.ask(
        "get-my-ship", by="ship", lane=Lane.SAFETY, params=params, behaviour=GREEDY, ship="A-1"
    )
    limited.run(1.0)
    assert len(limited.told("ship")) == 1


def test_the_end_of_an_experiment_drops_its_own_requests_and_answers_its_ships(
    limited: Any,
) -> None:
    flood(limited, 50)
    limited.ask(by="ship", behaviour=GREEDY)
    limited.run(1.0)
    place = len(limited.sent)
    limited.stage.system.address("/bucket").tell(EndQuota(GREEDY))
    limited.run(60.0)
    assert len(limited.told("ship")) == 1
    assert len(limited.sent) - place <= 1
    assert limited.lanes.leases == {}
    assert limited.lanes.held == 0


def test_it_tells_what_was_sent_and_what_waits(limited: Any) -> None:
    flood(limited, 50)
    limited.run(10.0)
    (use,) = limited.call(QuotaQuery())
    assert (use.experiment, use.per_minute, use.sent) == (GREEDY, PER_MINUTE, by_greedy(limited))
    assert use.sent + use.waiting == 50
