"""Mining goes on until the hold is full, by the best survey that there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from fleet.actors.behaviours.disposal import TRIES
from fleet.protocol.tasks import MineAndSell, SurveySite
from fleet.protocol.transport import HttpRequest, HttpResponse
from fleet.simulator.world.survey import Site


def operations(bench: Any) -> list[str]:
    return [heard.operation for heard in bench.server.heard]


def test_who_has_no_laser_does_not_mine_and_who_has_no_surveyor_does_not_survey(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    def strip(world: Any) -> None:
        next(iter(world.ships.values())).mounts.clear()

    bare = snapshot.altered(strip)
    rock = f"{snapshot.home}XX5B"
    for task, said in (
        (MineAndSell(asteroid=rock), "no mining laser mounted"),
        (SurveySite(asteroid=rock), "no surveyor mounted"),
    ):
        made = bench(bare, task=task)
        made.finish()
        assert made.orders.outcome == said
        assert made.server.heard == []


def test_a_hold_is_filled_and_sold(bench: Callable[..., Any], snapshot: Any) -> None:
    made = bench(task=MineAndSell(asteroid=f"{snapshot.home}XX5B"))
    made.finish()
    assert made.orders.outcome == "done"
    assert made.units("sell-cargo", "IRON_ORE") == 40


def test_without_a_surveyor_the_rock_is_mined_as_it_is(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    def strip(world: Any) -> None:
        (ship,) = world.ships.values()
        ship.mounts[:] = [mount for mount in ship.mounts if "SURVEYOR" not in mount]

    made = bench(snapshot.altered(strip), task=MineAndSell(asteroid=f"{snapshot.home}XX5B"))
    made.finish()
    assert "extract-resources" in operations(made)
    assert "create-survey" not in operations(made)
    assert made.units("sell-cargo", "IRON_ORE") == 40


def test_a_survey_that_is_used_up_is_dropped_and_another_one_made(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    def poor(world: Any) -> None:
        world.rules = replace(world.rules, survey_extractions={"LARGE": (1, 1)})

    made = bench(snapshot.altered(poor), task=MineAndSell(asteroid=f"{snapshot.home}XX5B"))
    made.finish()
    assert operations(made).count("create-survey") >= 2
    assert made.units("sell-cargo", "IRON_ORE") == 40


def test_an_unstable_rock_is_waited_for(bench: Callable[..., Any], snapshot: Any) -> None:
    rock = f"{snapshot.home}XX5B"

    def strain(world: Any) -> None:
        world.rules = replace(world.rules, unstable_refusal=1.0)
        world.sites[rock] = Site(level=250.0, at=world.created, unstable=True)

    calm = bench(task=MineAndSell(asteroid=rock))
    calm.finish()
    made = bench(snapshot.altered(strain), task=MineAndSell(asteroid=rock))
    made.finish()
    refused = [heard for heard in made.server.heard if heard.status >= 400]
    assert refused
    assert made.clock.now > calm.clock.now + 60.0
    assert made.units("sell-cargo", "IRON_ORE") > 0


def test_what_nobody_buys_is_thrown_away(bench: Callable[..., Any], snapshot: Any) -> None:
    def load(world: Any) -> None:
        next(iter(world.ships.values())).cargo.update({"IRON_ORE": 30, "DIAMONDS": 10})

    task = MineAndSell(asteroid=f"{snapshot.home}XX5B", stage="selling")
    made = bench(snapshot.altered(load), task=task)
    made.finish()
    assert made.units("sell-cargo", "IRON_ORE") == 30
    assert operations(made)[-1] == "jettison"
    assert made.ship.cargo == {}


def laden(snapshot: Any) -> Any:
    """A world whose ship holds 30 units of ore."""
    return snapshot.altered(
        lambda world: next(iter(world.ships.values())).cargo.update({"IRON_ORE": 30})
    )


def test_a_market_that_has_stopped_buying_is_believed(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    task = MineAndSell(asteroid=f"{snapshot.home}XX5B", stage="selling")
    made = bench(laden(snapshot), task=task)
    del made.server.world.markets[f"{snapshot.home}H56"].goods["IRON_ORE"]
    made.finish()
    assert operations(made).count("get-market") == 1
    assert operations(made)[-1] == "jettison"


def test_what_is_refused_again_and_again_is_kept_and_not_thrown_away(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    def refuse(_number: int, request: HttpRequest) -> HttpResponse | None:
        body = b'{"error": {"code": 4602, "message": "not today", "data": {}}}'
        return HttpResponse(status=400, body=body) if request.path.endswith("/sell") else None

    task = MineAndSell(asteroid=f"{snapshot.home}XX5B", stage="selling")
    made = bench(laden(snapshot), task=task)
    made.server.answer = refuse
    made.finish()
    assert made.orders.outcome == "done"
    assert operations(made).count("sell-cargo") == TRIES
    assert made.ship.cargo == {"IRON_ORE": 30}
