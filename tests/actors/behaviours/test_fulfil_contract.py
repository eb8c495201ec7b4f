"""A contract is begun when it pays and can be paid, and found again wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fleet.protocol.fleet import TREASURY, TreasuryQuery
from fleet.protocol.tasks import FulfilContract, MineAndSell
from fleet.simulator.world.contract import Contract, Delivery

GOOD = "POLYNUCLEOTIDES"
DAY = 86_400.0


def order(world: Any, home: str, number: int = 1, **changes: Any) -> None:
    """Put a contract for 20 units into the world."""
    (agent,) = world.agents.values()
    values: dict[str, Any] = {
        "id": f"C-{number}",
        "agent": agent.symbol,
        "faction": agent.faction,
        "deliveries": [Delivery(changes.pop("good", GOOD), f"{home}D48", 20)],
        "on_accepted": 1_000,
        "on_fulfilled": 9_000,
        "accept_by": world.created + DAY,
        "deadline": world.created + 7 * DAY,
    }
    world.contracts[f"C-{number}"] = Contract(**(values | changes))
    agent.contracts.append(f"C-{number}")


@pytest.fixture
def contracted(bench: Callable[..., Any], snapshot: Any) -> Callable[..., Any]:
    """Makes benches with a contract, that play until the task has ended."""

    def make(alter: Callable[[Any], None] = lambda _: None, **changes: Any) -> Any:
        def prepare(world: Any) -> None:
            order(world, snapshot.home, **changes)
            alter(world)

        made = bench(snapshot.altered(prepare), task=FulfilContract())
        made.finish()
        return made

    return make


def operations(bench: Any) -> list[str]:
    return [heard.operation for heard in bench.server.heard]


def test_an_offered_contract_is_accepted_procured_delivered_and_paid(
    contracted: Callable[..., Any],
) -> None:
    made = contracted()
    assert made.orders.outcome == "fulfilled"
    assert made.server.world.contracts["C-1"].fulfilled
    assert made.units("purchase-cargo", GOOD) == 20
    assert "negotiate-contract" not in operations(made)
    assert made.orders.contract.fulfilled
    assert made.ask(TREASURY, TreasuryQuery()).reserved == 0


def test_goods_for_it_that_are_in_the_hold_are_not_bought_again(
    contracted: Callable[..., Any],
) -> None:
    def load(world: Any) -> None:
        next(iter(world.ships.values())).cargo.update({GOOD: 15, "IRON_ORE": 5})

    made = contracted(load)
    assert made.orders.outcome == "fulfilled"
    assert made.units("sell-cargo", "IRON_ORE") == 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on_accepted": 10, "on_fulfilled": 100}, "it pays 110"),
        ({"good": "JEWELRY"}, "no known market sells"),
        ({"deadline": 1_782_000_000.0 + 1_800.0}, "too little time"),
    ],
)
def test_a_contract_that_can_not_pay_is_left_alone(
    contracted: Callable[..., Any], changes: dict[str, Any], said: str
) -> None:
    made = contracted(**changes)
    assert said in made.orders.outcome
    assert operations(made) == ["get-contracts"]
    assert not made.server.world.contracts["C-1"].accepted
    assert made.reserved() == 0


def test_a_contract_that_nobody_can_pay_for_now_waits(contracted: Callable[..., Any]) -> None:
    def rob(world: Any) -> None:
        next(iter(world.agents.values())).credits = 1_000

    made = contracted(rob)
    assert "credits needed" in made.orders.outcome
    assert not made.server.world.contracts["C-1"].accepted


def test_ore_that_nobody_sells_is_accepted_and_left_to_the_miners(
    contracted: Callable[..., Any],
) -> None:
    made = contracted(good="COPPER_ORE")
    assert made.orders.outcome.startswith("contract can only be mined for")
    assert made.server.world.contracts["C-1"].accepted


def test_rare_ore_is_left_to_the_miners_who_accept_once_they_have_some(
    contracted: Callable[..., Any], bench: Callable[..., Any], snapshot: Any
) -> None:
    made = contracted(good="SILVER_ORE")
    assert made.orders.outcome.startswith("contract can only be mined for")
    assert not made.server.world.contracts["C-1"].accepted
    for held, accepted in ((0, False), (8, True)):

        def load(world: Any, held: int = held) -> None:
            order(world, snapshot.home, good="SILVER_ORE")
            next(iter(world.ships.values())).cargo.update({"SILVER_ORE": held} if held else {})

        task = MineAndSell(asteroid=f"{snapshot.home}XX5B", stage="selling", contract="C-1")
        miner = bench(snapshot.altered(load), task=task)
        miner.finish()
        (contract,) = miner.server.world.contracts.values()
        assert contract.accepted is accepted
        assert contract.deliveries[0].delivered == held


def test_an_offer_whose_time_is_over_is_passed_over_for_a_new_one(
    contracted: Callable[..., Any],
) -> None:
    made = contracted(accept_by=1_782_000_000.0 - 60.0)
    assert operations(made)[:2] == ["get-contracts", "negotiate-contract"]
    assert made.orders.outcome == "fulfilled"
    assert not made.server.world.contracts["C-1"].fulfilled


def test_an_open_contract_behind_many_fulfilled_ones_is_found(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    def fill(world: Any) -> None:
        for number in range(1, 26):
            order(world, snapshot.home, number, accepted=True, fulfilled=True)
        order(world, snapshot.home, 26, accepted=True)

    made = bench(snapshot.altered(fill), task=FulfilContract())
    made.finish()
    assert operations(made)[:3] == ["get-contracts", "negotiate-contract", "get-contract"]
    assert made.orders.outcome == "fulfilled"
    assert made.server.world.contracts["C-26"].fulfilled


def test_a_contract_that_somebody_else_has_fulfilled_is_done(
    bench: Callable[..., Any], snapshot: Any
) -> None:
    task = FulfilContract(contract="C-1", good=GOOD, buy_at=f"{snapshot.home}E51", stage="buying")
    on = snapshot.altered(lambda world: order(world, snapshot.home, accepted=True, fulfilled=True))
    made = bench(on, task=task)
    made.finish()
    assert made.orders.outcome == "fulfilled"
    assert operations(made) == ["get-contract"]
