"""What a ship earned, with its hold at cost, and in which turn."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from fleet.inject.trial.books import Deed, Sent
from fleet.inject.trial.takings import profits, takings

from .made import plan, turns


def deed(at: float, operation: str, good: str, units: int, delta: int) -> Deed:
    market = "X1-A-M" if good else ""
    return Deed(
        at=at, ship="S", operation=operation, good=good, units=units, delta=delta, market=market
    )


def earned(*deeds: Deed) -> list[float]:
    return [profit for _, profit in profits(deeds)]


def test_goods_cost_what_they_were_bought_for_when_they_are_sold() -> None:
    assert earned(
        deed(1.0, "purchase-cargo", "IRON", 10, -100),
        deed(2.0, "purchase-cargo", "IRON", 10, -300),
        deed(3.0, "refuel-ship", "FUEL", 1, -70),
        deed(4.0, "sell-cargo", "IRON", 5, 200),
        deed(5.0, "sell-cargo", "IRON", 20, 600),
        deed(6.0, "sell-cargo", "ORE", 7, 70),
    ) == [0.0, 0.0, -70.0, 100.0, 300.0, 70.0]


def test_what_is_handed_over_unpaid_is_a_cost_then() -> None:
    assert earned(
        deed(1.0, "purchase-cargo", "IRON", 10, -100),
        deed(2.0, "deliver-contract", "", 0, 0),
        deed(3.0, "fulfill-contract", "", 0, 900),
        deed(4.0, "sell-cargo", "IRON", 1, 30),
    ) == [0.0, -100.0, 900.0, 30.0]


trades = st.lists(
    st.tuples(st.booleans(), st.sampled_from("XY"), st.integers(1, 20), st.integers(0, 500)),
    max_size=30,
)


@given(trades)
def test_nothing_is_earned_twice_or_lost(drawn: list[tuple[bool, str, int, int]]) -> None:
    deeds = [
        deed(
            float(at),
            "purchase-cargo" if buys else "sell-cargo",
            good,
            units,
            -price if buys else price,
        )
        for at, (buys, good, units, price) in enumerate(drawn)
    ]
    deeds.append(deed(99.0, "jettison", "", 0, 0))
    # With an empty hold at the end, what was earned is what was taken in less what was paid.
    assert math.isclose(math.fsum(earned(*deeds)), sum(one.delta for one in deeds), abs_tol=1e-6)


def test_only_what_a_turn_counts_is_its_taking() -> None:
    made = plan(1, seed=2)
    one = made.ships[0]
    both = list(turns(2))
    deeds = [
        Deed(at=at, ship=ship, operation="sell-cargo", good="ORE", units=1, delta=delta, market="M")
        for at, ship, delta in [
            (100.0, one, 1),
            (900.0, one, 10),
            (3599.0, one, 100),
            (3600.0, one, 1_000),
            (5_000.0, one, 10_000),
            (5_000.0, "OTHER", 7),
            (7_200.0, one, 100_000),
        ]
    ]
    arms = [made.arm(made.members[0], number) for number in (0, 1)]
    requests = [
        [
            Sent(ship=one, behaviour="idea", requests=5),
            Sent(ship="OTHER", behaviour="", requests=9),
        ],
        [Sent(ship=one, behaviour="idea", requests=3), Sent(ship=one, behaviour="x", requests=4)],
    ]
    first, second = takings(made, both, deeds, requests, "idea")
    assert (first.credits, second.credits) == (110.0, 10_000.0)
    assert (first.requests, second.requests) == (5, 7)
    assert first.strange == (0 if arms[0] == "B" else 5)
    assert second.strange == (4 if arms[1] == "B" else 3)
    assert (first.trades, first.hours) == ({"M": 2}, 0.75)
