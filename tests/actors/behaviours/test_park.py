"""A ship at rest costs nothing, and one that waits for a trade notices when there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.protocol.tasks import Park

PAYS = Park(reason="no trade pays", seconds=40.0, looks=3, least=0.25)
"""There is such a trade on the map of these tests from the start."""

NEVER = Park(reason="no trade pays", seconds=40.0, looks=3, least=1e9)


def rest(bench: Callable[..., Any], task: Park) -> tuple[str, float]:
    """Have a ship rest; tells how that ended and after how many game seconds."""
    made = bench(task=task)
    began = made.clock.now
    made.finish()
    assert made.server.heard == []
    return made.orders.outcome, made.clock.now - began


def test_who_rests_asks_for_work_again_when_its_time_is_over(bench: Callable[..., Any]) -> None:
    outcome, took = rest(bench, Park(reason="tired", seconds=50.0))
    assert outcome == "parked"
    assert took >= 50.0


def test_who_waits_for_a_trade_asks_for_work_as_soon_as_one_pays(bench: Callable[..., Any]) -> None:
    outcome, took = rest(bench, PAYS)
    assert outcome == "parked: a trade pays"
    assert took < 2 * PAYS.seconds


def test_who_waits_in_vain_asks_for_other_work_in_the_end(bench: Callable[..., Any]) -> None:
    outcome, took = rest(bench, NEVER)
    assert outcome == "parked"
    assert took >= NEVER.looks * NEVER.seconds
