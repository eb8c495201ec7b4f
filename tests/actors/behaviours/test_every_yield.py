"""Every behaviour is killed at every step, in four ways, and reaches its goal all the same.

before: the ship dies before what the step sends leaves; after: right after it has left, with
the answer still to come at once; in flight: the same, with the server's answer a second away;
lost: the server acts, and its answer gets lost on the way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fleet.protocol.fleet import WRITER
from fleet.protocol.rows import Recall
from fleet.protocol.tasks import (
    AnyTask,
    FulfilContract,
    MineAndSell,
    ScoutMarkets,
    SurveySite,
    TradeBestRoute,
)
from fleet.simulator.world.contract import Contract, Delivery
from fleet.storage import resume

PARTS = 4
"""Each way's kills are dealt to so many tests, so that they spread over cores."""

DEALT = [pytest.param(part, marks=[pytest.mark.long] if part else []) for part in range(PARTS)]
"""Every fourth step is enough for every commit."""

MOST_EXTRA = 3
SURVEYS = 3
SURVEYED = "tell /fleet/surveys SurveysMade "


@dataclass(frozen=True)
class Case:
    """A behaviour's task, when it is over, and what must be true then."""

    task: Callable[[str], AnyTask]
    judge: Callable[[Any, Any], Iterator[str]]
    over: Callable[[Any], bool] = lambda bench: bench.orders.outcome is not None
    prepare: Callable[[Any], None] = lambda world: None
    """Changes the world before anything begins."""


def trade(bench: Any, base: Any) -> Iterator[str]:
    deals = bench.server.done("purchase-cargo")
    goods = {deal.data["transaction"]["tradeSymbol"] for deal in deals}
    if len(goods) != 1:
        yield f"bought {goods}"
        return
    (good,) = goods
    bought, sold = bench.units("purchase-cargo", good), bench.units("sell-cargo", good)
    if not 0 < bought <= base.units("purchase-cargo", good):
        yield f"bought {bought} of {base.units('purchase-cargo', good)} {good}"
    if sold != bought:
        yield f"sold {sold} of {bought}"
    if bench.credits < base.credits - 1_000:
        yield f"earned {base.credits - bench.credits} less"


def contract(bench: Any, base: Any) -> Iterator[str]:
    contracts = list(bench.server.world.contracts.values())
    if [contract.fulfilled for contract in contracts] != [True]:
        yield f"contracts {contracts}"
        return
    (line,) = contracts[0].deliveries
    bought = bench.units("purchase-cargo", line.good)
    if bought != line.required:
        yield f"bought {bought} of {line.required}"


def mine(bench: Any, base: Any) -> Iterator[str]:
    names = ("extract-resources-with-survey", "extract-resources")
    mined = sum(h.data["extraction"]["yield"]["units"] for h in bench.server.done(*names))
    sold = bench.units("sell-cargo", "IRON_ORE")
    if sold != mined or mined < 36:
        yield f"sold {sold} of {mined} mined"


def deliver(bench: Any, base: Any) -> Iterator[str]:
    (contract,) = bench.server.world.contracts.values()
    if not contract.fulfilled:
        yield f"{contract} is not fulfilled"
    mined = 40
    sold = bench.units("sell-cargo", "IRON_ORE")
    if sold != mined - contract.deliveries[0].required:
        yield f"sold {sold} of {mined} mined"


def order_ore(world: Any) -> None:
    """Have an accepted contract wait for all the ore that a hold takes."""
    home = next(iter(world.systems))
    agent = next(iter(world.agents.values()))
    created = world.created
    world.contracts["ORE"] = Contract(
        id="ORE",
        agent=agent.symbol,
        faction=agent.faction,
        deliveries=[Delivery("IRON_ORE", f"{home}-H56", 40)],
        on_accepted=1_000,
        on_fulfilled=9_000,
        accept_by=created + 86_400.0,
        deadline=created + 7 * 86_400.0,
        accepted=True,
    )
    agent.contracts.append("ORE")


def survey(bench: Any, base: Any) -> Iterator[str]:
    known = {row.signature for row in resume.surveys(bench.store, bench.namespace)}
    if len(known) < SURVEYS:
        yield f"{len(known)} surveys are known"


def scout(bench: Any, base: Any) -> Iterator[str]:
    places = {row.waypoint for row in resume.markets(bench.store, bench.namespace)}
    yards = {row.waypoint for row in resume.shipyards(bench.store, bench.namespace)}
    if len(places) != 4 or len(yards) != 2:
        yield f"read {places} and {yards}"


CASES = {
    "scout_markets": Case(
        lambda home: ScoutMarkets(
            waypoints=tuple(home + name for name in ("A1", "H56", "H57", "A2")), rounds=1
        ),
        scout,
    ),
    "trade_best_route": Case(lambda _: TradeBestRoute(), trade),
    "mine_and_sell": Case(lambda home: MineAndSell(asteroid=f"{home}XX5B"), mine),
    "mine_and_deliver": Case(
        lambda home: MineAndSell(asteroid=f"{home}XX5B", contract="ORE", good="IRON_ORE"),
        deliver,
        prepare=order_ore,
    ),
    "survey_site": Case(
        lambda home: SurveySite(asteroid=f"{home}XX5B"),
        survey,
        lambda bench: bench.fate.done.count(SURVEYED) >= SURVEYS,
    ),
    "fulfil_contract": Case(lambda _: FulfilContract(), contract),
}


@pytest.fixture(scope="session")
def bases(snapshot: Any, make_bench: Callable[..., Any]) -> Callable[[str], Any]:
    """Plays each behaviour undisturbed, once for all tests of this process."""
    played: dict[str, Any] = {}

    def play(name: str) -> Any:
        if name not in played:
            case = CASES[name]
            on = snapshot.altered(case.prepare)
            base = run(make_bench(on, task=case.task(snapshot.home)), name)
            # Looked at now: the next bench takes the writer's lease.
            base.problems = list(problems(base, base, case))
            base.close()
            played[name] = base
        return played[name]

    return play


def run(bench: Any, name: str) -> Any:
    bench.finish(lambda: CASES[name].over(bench))
    return bench


def kills(base: Any, way: str) -> list[int]:
    """Number the steps at which a way of dying differs from the others."""
    match way:
        case "before":
            return list(range(len(base.fate.effects)))
        case "after":
            return list(base.fate.waiting)
        case "in flight":
            calls = enumerate(base.fate.effects)
            return [number for number, label in calls if "ApiRequest" in label]
        case _:
            return list(range(len(base.server.heard)))


def killed(make: Callable[..., Any], way: str, number: int, base: Any) -> Any:
    on, task = base.snapshot, base.orders.task
    match way:
        case "before" | "after":
            return make(on, task=task, kill=(way, number))
        case "in flight":
            return make(on, task=task, kill=("after", number), latency=1.0)
        case _:
            bench = make(on, task=task)
            bench.server.lose = {number}
            return bench


def problems(bench: Any, base: Any, case: Case, kills: int = 1) -> Iterator[str]:
    """Say everything that is not as it must be."""
    if not case.over(bench):
        yield "never ended"
        return
    audit = bench.audit()
    yield from case.judge(bench, base)
    if bench.reserved():
        yield f"{bench.reserved()} credits are still reserved"
    if bench.claims():
        yield f"{bench.claims()} trips are still claimed"
    if bench.ship.cargo:
        yield f"the hold has {bench.ship.cargo}"
    extra = len(bench.server.heard) - len(base.server.heard)
    if extra > MOST_EXTRA * kills:
        yield f"{extra} extra requests"
    if audit.difference != bench.server.lost_credits():
        yield f"the ledger misses {audit.difference}, lost were {bench.server.lost_credits()}"
    if audit.cargo:
        yield f"the database has another hold: {audit.cargo}"
    if bench.orders.outcome and bench.ask(WRITER, Recall("assignments", ("TEST-1",))) is not None:
        yield "the task is still saved"
    yield from bench.crashes()


@pytest.mark.parametrize("part", DEALT)
@pytest.mark.parametrize("way", ["before", "after", "in flight", "lost"])
@pytest.mark.parametrize("name", CASES)
def test_a_behaviour_killed_at_any_step_still_reaches_its_goal(
    name: str,
    way: str,
    part: int,
    bench: Callable[..., Any],
    bases: Callable[[str], Any],
) -> None:
    base, case = bases(name), CASES[name]
    found = []
    numbers = kills(base, way)[part::PARTS]
    assert numbers
    for number in numbers:
        played = run(killed(bench, way, number, base), name)
        labels = [h.operation for h in base.server.heard] if way == "lost" else base.fate.effects
        at = f"{way} {number} {labels[number]}: "
        found += [at + problem for problem in problems(played, base, case)]
        played.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", CASES)
def test_an_undisturbed_behaviour_reaches_its_goal(name: str, bases: Callable[[str], Any]) -> None:
    base = bases(name)
    assert base.problems == []
    assert len(base.server.heard) >= 5


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["trade_best_route", "fulfil_contract", "mine_and_deliver"])
def test_a_behaviour_killed_several_times_and_losing_an_answer_still_reaches_its_goal(
    name: str, seed: int, bench: Callable[..., Any], bases: Callable[[str], Any]
) -> None:
    base, case, rng = bases(name), CASES[name], random.Random(f"{name} {seed}")
    made = bench(base.snapshot, task=base.orders.task, latency=rng.choice([0.0, 1.0]))
    numbers = sorted(rng.sample(range(3, len(base.fate.effects) + 10), 2))
    made.fate.later = [(rng.choice(["before", "after"]), number) for number in numbers]
    made.fate.way, made.fate.number = made.fate.later.pop(0)
    made.server.lose = {rng.randrange(len(base.server.heard))}
    run(made, name)
    assert list(problems(made, base, case, kills=3)) == []
