from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.supervision.guard.stop_plan import StopPlan


@given(
    orders=st.lists(st.integers(-5, 5), max_size=8),
    now=st.floats(0, 1e6),
    within=st.floats(0.01, 10),
)
def test_a_stop_goes_through_the_orders_and_its_deadlines_end_in_time(
    orders: list[int], now: float, within: float
) -> None:
    plan = StopPlan(orders, now=now, within=within)
    seen, deadlines = [], []
    while plan.order is not None:
        seen.append(plan.order)
        deadlines.append(plan.deadline)
        plan.advance()
    assert seen == sorted(set(orders))
    assert deadlines == sorted(deadlines)
    assert all(now <= moment < now + within for moment in deadlines)


def test_the_first_stage_may_use_all_but_a_reserve_for_the_later_ones() -> None:
    plan = StopPlan([0, 5, 9], now=100.0, within=3.0)
    assert plan.deadline == pytest.approx(102.3)
    plan.advance()
    plan.advance()
    assert plan.deadline == pytest.approx(102.8)
