"""Whoever serves a ship may die at any message: the ship reaches its goal all the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from fleet.actors.ship import ship_props
from fleet.protocol.fleet import SHIPS, Assign
from fleet.protocol.tasks import AnyTask, FulfilContract, MineAndSell, Park, TradeBestRoute
from fleet.runtime import Props
from fleet.supervision.spec import ChildSpec, SupervisorSpec
from fleet.supervision.supervisor import supervise

MOST_EXTRA = 3
# FLEET_LONG=1 tries every message, each commit every eighth one.
STRIDE = 1 if os.environ.get("FLEET_LONG") == "1" else 8
TASKS: dict[str, Callable[[str], AnyTask]] = {
    "trade_best_route": lambda _: TradeBestRoute(),
    "fulfil_contract": lambda _: FulfilContract(),
    "mine_and_sell": lambda home: MineAndSell(asteroid=f"{home}XX5B"),
}
SERVES = {
    "trade_best_route": ("treasury", "book", "bucket", "writer"),
    "fulfil_contract": ("treasury",),
    "mine_and_sell": ("surveys",),
}
CASES = [(name, who) for name, all_who in SERVES.items() for who in all_who]


def frail(who: str) -> Callable[[Any, SupervisorSpec], SupervisorSpec]:
    """Put the bench's fate over one of those who serve, and none over the ship."""

    def change(bench: Any, spec: SupervisorSpec) -> SupervisorSpec:
        ship = bench.snapshot.ships[0]
        flying = ChildSpec(id=ship.symbol, props=ship_props(ship.symbol, ship))

        def props(child: ChildSpec) -> Props:
            match child.id:
                case "conductor":
                    return Props(factory=lambda: bench.master())
                case "ships":
                    return supervise(SupervisorSpec(children=(flying,)))
                case _ if child.id == who:
                    mortal: Props = bench.mortal(child.props, bench.fate)
                    return mortal
                case _:
                    return child.props

        children = (replace(child, props=props(child)) for child in spec.children)
        return replace(spec, children=tuple(c for c in children if c.id != "clock"))

    return change


def finish(bench: Any) -> Any:
    """Play to the end of the task, and have the ship let go of whatever is left."""
    bench.finish()
    bench.requests = len(bench.server.heard)
    bench.dispatcher.run_for(120.0)
    bench.system.address(f"{SHIPS}/TEST-1").tell(Assign(Park(reason="the end")))
    bench.dispatcher.run_for(1.0)
    return bench


@pytest.fixture(scope="session")
def bases(snapshot: Any, make_bench: Callable[..., Any]) -> Callable[[str, str], Any]:
    """Plays each task undisturbed, counting what one of those who serve hears."""
    played: dict[tuple[str, str], Any] = {}

    def play(name: str, who: str) -> Any:
        if (name, who) not in played:
            bench = make_bench(snapshot, task=TASKS[name](snapshot.home), change=frail(who))
            bench.finish()
            # What is heard later has nothing to do with the task.
            bench.messages = len(bench.fate.heard)
            finish(bench).close()
            played[name, who] = bench
        return played[name, who]

    return play


def problems(bench: Any, base: Any) -> Iterator[str]:
    if bench.orders.outcome != base.orders.outcome:
        yield f"ended with {bench.orders.outcome}"
        return
    audit = bench.audit()
    if bench.credits < base.credits - 1_000:
        yield f"earned {base.credits - bench.credits} less"
    if bench.ship.cargo:
        yield f"the hold has {bench.ship.cargo}"
    if bench.requests - base.requests > MOST_EXTRA:
        yield f"{bench.requests - base.requests} extra requests"
    if bench.reserved() or bench.claims():
        yield f"{bench.reserved()} reserved, {bench.claims()} claims"
    if audit.difference or audit.cargo:
        yield f"the database differs: {audit}"
    yield from bench.crashes()


@pytest.mark.parametrize("way", ["hearing", "heard"])
@pytest.mark.parametrize(("name", "who"), CASES)
def test_a_ship_reaches_its_goal_though_one_who_serves_it_dies_at_any_message(
    name: str,
    who: str,
    way: str,
    bench: Callable[..., Any],
    bases: Callable[[str, str], Any],
    snapshot: Any,
) -> None:
    base = bases(name, who)
    assert base.messages > 1
    found = []
    for number in range(0, base.messages, STRIDE):
        played = bench(task=TASKS[name](snapshot.home), kill=(way, number), change=frail(who))
        finish(played)
        assert played.fate.way == ""
        at = f"{way} {number} {base.fate.heard[number]}: "
        found += [at + problem for problem in problems(played, base)]
        played.close()
    assert not found, "\n".join(found)
