"""A ship at rest costs nothing, and one that waits for a trade notices when there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.protocol.tasks import Park

PAYS = Park(reason="no trade pays", seconds=40.0, looks=3, least=0.25)
"""There is such a trade on the map of these tests from the start."""

NEVER = Park(reason="no trade pays", seconds=40.0, looks=3, least=1e9)


def test_who_rests_asks_for_work_again_when_its_time_is_over(bench: Callable[..., Any]) -> None:
    made = bench(task=Park(reason="tired", seconds=50.0))
    began = made.clock.now
    made.finish()
    assert made.orders.outcome == "parked"
    assert made.clock.now >= began + 50.0
    assert made.server.heard == []


def test_who_waits_for_a_trade_asks_for_work_as_soon_as_one_pays(bench: Callable[..., Any]) -> None:
    made = bench(task=PAYS)
    began = made.clock.now
    made.finish()
    assert made.orders.outcome == "parked: a trade pays"
    assert made.clock.now < began + 2 * PAYS.seconds
    assert made.server.heard == []


def test_who_waits_in_vain_asks_for_other_work_in_the_end(bench: Callable[..., Any]) -> None:
    made = bench(task=NEVER)
    began = made.clock.now
    made.finish()
    assert made.orders.outcome == "parked"
    assert made.clock.now >= began + NEVER.looks * NEVER.seconds
