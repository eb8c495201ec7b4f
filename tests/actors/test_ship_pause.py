"""Ships whose servants rest in quarantine wait for them, and keep nobody busy meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.protocol.fleet import BOOK, WRITER
from fleet.runtime.chaos import Misbehave
from fleet.virtual_fleet import VirtualFleet

MOST_STEPS = 3_000
"""Messages that a small fleet may handle in half a minute; in a circle it would be millions."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("servant", [BOOK, WRITER])
def test_a_servant_in_quarantine_is_asked_again_but_not_at_once(
    tmp_path: Path, servant: str
) -> None:
    fleet = VirtualFleet(1, tmp_path)
    fleet.run_for(300.0)
    steps = fleet.dispatcher.steps
    # More often than the intensity allows within its window.
    rested = False
    for _ in range(9):
        fleet.system.address(servant).tell(Misbehave("crash"))
        # Those that ask for their saved task do so when they begin anew.
        for ship in fleet.reading.ships:
            fleet.system.address(f"/fleet/ships/{ship.symbol}").tell(Misbehave("crash"))
        fleet.run_for(3.0)
        rested = rested or servant in fleet.events.resting
    assert rested
    assert fleet.dispatcher.steps - steps < MOST_STEPS
    fleet.run_for(900.0)
    assert servant not in fleet.events.resting
    assert fleet.credits == fleet.ledger_balance()
    before = fleet.observe().bucket
    fleet.run_for(300.0)
    after = fleet.observe().bucket
    assert before is not None
    assert after is not None
    assert after.requests > before.requests
